import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ThreadReport } from '../../src/model/chunk.ts'
import { runId, threadNumber } from '../../src/model/ids.ts'
import { bytes } from '../../src/model/units.ts'
import { beginLogs, LogWriter, readLog } from '../../src/threads/logs.ts'
import { startReaper } from '../../src/threads/reaper.ts'
import { StartGate } from '../../src/threads/start-gate.ts'
import { Thread } from '../../src/threads/thread.ts'
import { SOON } from './rig.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'batchtop-threads-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a thread whose process never starts is broken after three tries', async () => {
  const path = folder()
  const reaper = startReaper(path, 1)
  const reports: ThreadReport[] = []
  // A heap that no worker can start in.
  const thread = new Thread({
    number: threadNumber(1),
    run: runId('7f3a'),
    epoch: 1,
    folder: path,
    capOf: () => bytes(2 * 2 ** 20),
    reaper,
    report: (report) => reports.push(report),
  })
  onTestFinished(() => reaper.close())
  thread.start('module')
  await expect.poll(() => reports.length, SOON).toBe(1)
  expect(reports).toMatchObject([{ type: 'thread.broken', reason: { kind: 'memory' } }])
  await thread.stop()
})

test.each(['module', 'command'] as const)(
  'a process that cannot even be made breaks its thread and nothing else: %s',
  async (kind) => {
    const path = folder()
    for (const name of ['logs', 'threads']) writeFileSync(join(path, name), 'not a folder')
    const reaper = startReaper(path, 1)
    onTestFinished(() => reaper.close())
    const reports: ThreadReport[] = []
    const thread = new Thread({
      number: threadNumber(1),
      run: runId('7f3a'),
      epoch: 1,
      folder: path,
      capOf: () => bytes(2 ** 30),
      reaper,
      report: (report) => reports.push(report),
    })
    thread.start(kind)
    await expect.poll(() => reports.length, SOON).toBe(1)
    expect(reports).toMatchObject([{ type: 'thread.broken', reason: { kind: 'lost' } }])
    await thread.stop()
  },
)

test('the gate lets as many in as it is wide, in order, and forgets who no longer waits', () => {
  const gate = new StartGate(2)
  const began: number[] = []
  const leave = [0, 1, 2, 3, 4].map((number) => gate.enter(() => began.push(number)))
  expect(began).toEqual([0, 1])
  leave[2]?.()
  leave[0]?.()
  leave[0]?.()
  expect(began).toEqual([0, 1, 3])
  leave[1]?.()
  leave[3]?.()
  expect(began).toEqual([0, 1, 3, 4])
})

test('after a recovery nothing is appended to earlier logs, which may be shorter than places in them that are known', async () => {
  const path = folder()
  const before = new LogWriter(path, 7)
  before.begin()
  before.write('one\n')
  await beginLogs(path)
  const after = new LogWriter(path, 7)
  after.begin()
  after.write('two\n')
  expect(after.written).toEqual([2, 0, 4])
  expect(readFileSync(join(path, 'logs', 't7-1.log'), 'utf8')).toBe('one\n')
})

test('a packed log goes on in a file that has room and is cut out again by place', async () => {
  const path = folder()
  const first = new LogWriter(path, 7)
  first.begin()
  first.write('one\n')
  expect(first.written).toEqual([1, 0, 4])
  first.begin()
  expect(first.written).toBeUndefined()
  // Another process of the same thread.
  const second = new LogWriter(path, 7)
  second.begin()
  second.write('zwei ü\n')
  const [file = 0, offset = 0, length = 0] = second.written ?? []
  expect((await readLog(path, threadNumber(7), { file, offset, length })).toString()).toBe('zwei ü\n')
  expect(readdirSync(join(path, 'logs'))).toEqual(['t7-1.log'])
  expect(statSync(join(path, 'logs', 't7-1.log')).mode & 0o777).toBe(0o600)
})

test('of what an item writes its limit is kept, with a mark that says so only where something was cut', async () => {
  const path = folder()
  const writer = new LogWriter(path, 1)
  const kept = async (): Promise<string> => {
    const [file = 0, offset = 0, length = 0] = writer.written ?? []
    return (await readLog(path, threadNumber(1), { file, offset, length })).toString()
  }
  writer.begin(2048)
  writer.write('a'.repeat(2047))
  writer.write('bc')
  writer.write('d')
  expect(await kept()).toBe(`${'a'.repeat(2047)}b\n[batchtop: output beyond 2 KB is not kept]\n`)
  writer.begin(2048)
  writer.write('a'.repeat(2048))
  expect(await kept()).toBe('a'.repeat(2048))
})

test('a full log file is left alone', () => {
  const path = folder()
  const writer = new LogWriter(path, 1)
  writer.begin()
  writer.write(Buffer.alloc(64 * 2 ** 20))
  writer.begin()
  writer.write('next')
  expect(writer.written).toEqual([2, 0, 4])
})

test('an item whose log cannot be written goes on', () => {
  const path = folder()
  writeFileSync(join(path, 'logs'), 'not a folder')
  const writer = new LogWriter(path, 1)
  writer.begin()
  writer.write('lost')
  expect(writer.written).toBeUndefined()
})
