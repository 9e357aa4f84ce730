import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPlan } from '../../src/journal/plan-files.ts'
import { runId } from '../../src/model/ids.ts'
import { chunk, failed, succeeded } from '../helpers/facts.ts'
import { Gates } from '../helpers/gates.ts'
import { started, writeJournal } from '../helpers/kept-run.ts'
import { Box } from '../helpers/program.ts'
import type { Pty } from '../helpers/pty.ts'

const MINUTE = 60_000

let box: Box
let gates: Gates

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
})
afterEach(() => box.close())

async function runFolder(): Promise<string> {
  const [run = ''] = await readdir(join(box.stateDir, 'runs'))
  return join(box.stateDir, 'runs', run)
}

/** A run that took an hour, an item every ten minutes, and whose journal just ends. */
async function hourLongRun(): Promise<void> {
  const plan = await box.write(
    'slow.yaml',
    'name: slow\nthreads: 1\nbatches:\n  - { id: a, items: [x-1, x-2, x-3, x-4, x-5], task: ./noop.ts }\n',
  )
  await box.run('run', plan)
  const folder = await runFolder()
  const compiled = await readPlan(folder)
  const ends = [0, 1, 2, 3].map((item) => [(item + 1) * 10 * MINUTE, succeeded(0, [item])] as const)
  await writeJournal(folder, runId(folder.slice(-4)), [
    [[0, started(compiled)], [100, chunk(0, [0, 1, 2, 3, 4])], ...ends, [60 * MINUTE, failed(4)]],
  ])
}

/** The clock of the header. */
const clockOf = (pty: Pty): string | undefined => /\d\d:\d\d:\d\d/.exec(pty.text().split('\n')[0] ?? '')?.[0]

test('a replay of a finished run reaches its end, shows the outcome and stays until q', async () => {
  const plan = await gates.plan('film', { threads: 2, batches: gates.batch('first', '[US-001, US-002, US-003]') })
  await gates.go('US-001')
  await gates.go('US-003')
  await gates.go('US-002', 'fail')
  await box.run('run', plan)
  const pty = box.screen(['replay', 'last', '--speed', '10x'])
  await pty.shows(/REPLAY end +film · run \w+ · FAILED.* 3\/3 done {2}1 failed/)
  await pty.shows('US-002 failed: told to fail')
  pty.type('3')
  await pty.shows(/US-002 +first +failed +1 .*told to fail/)
  expect(pty.text()).not.toContain('closes in')
  pty.type('1q')
  expect((await pty.exited).exitCode).toBe(0)
  expect(pty.isClean()).toBe(true)
})

test('keys steer the replay: pause stops its clock, faster and slower change its speed, others say what it is', async () => {
  await hourLongRun()
  const pty = box.screen(['replay', '--speed', '200'])
  await pty.shows(/REPLAY 200x +slow · run \w+ · RUNNING/)
  await pty.shows('x-2')
  pty.type(' ')
  await pty.shows('REPLAY paused')
  const clock = clockOf(pty)
  expect(clock).toMatch(/^00:/)
  pty.type('2')
  await pty.shows(/─▸Batches/)
  pty.type('1')
  await pty.shows(/─▸Threads/)
  expect(clockOf(pty)).toBe(clock)
  pty.type('x')
  await pty.shows('this is a replay: nothing can be changed')
  // Paused it does not get to its end before its speed was seen.
  pty.type('++-')
  await pty.shows('REPLAY paused 500x')
  pty.type('>')
  await pty.shows('REPLAY paused 1000x')
  pty.type('<<p')
  await pty.shows('REPLAY 200x')
  pty.type('>>')
  await pty.shows(/REPLAY end .* INTERRUPTED.* 01:00:00 /)
  pty.type('q')
  expect((await pty.exited).exitCode).toBe(0)
})

test('a replay of a run whose supervisor was killed ends interrupted, with what it was at', async () => {
  const plan = await gates.plan('crashed', { threads: 2, batches: gates.batch('a', '[x, y, z]') })
  await box.run('run', plan, '-d')
  await gates.began('x', 'y')
  await gates.go('x')
  await gates.began('z')
  // It runs before that is on disk: whoever asks the supervisor is answered only then.
  expect(await box.run('why', '@1')).toMatchObject({ code: 0 })
  const { pid } = JSON.parse(await readFile(join(await runFolder(), 'run.json'), 'utf8')) as { pid: number }
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => box.processes(), { timeout: 15_000 }).toEqual([])
  const pty = box.screen(['replay', 'crashed', '--speed', '100'], { columns: 80, rows: 24 })
  await pty.shows('INTERRUPTED')
  // A picture may come in pieces, its head first.
  await pty.shows('REPLAY end')
  await pty.shows(/stopped +a +z[^]*stopped +a +y|stopped +a +y[^]*stopped +a +z/)
  await pty.shows(/ a +left .* 1\/3/)
  pty.type('q')
  expect((await pty.exited).exitCode).toBe(0)
})

test('a replay of a live run plays what was and says where it goes on', async () => {
  const plan = await gates.plan('alive', { threads: 1, batches: gates.batch('a', '[x, y]') })
  await box.run('run', plan, '-d')
  await gates.began('x')
  const pty = box.screen(['replay', 'alive', '--speed', '1000'], { columns: 80, rows: 24 })
  const text = await pty.shows(/live from here: batchtop attach \w+/)
  expect(text).toContain('RUNNING')
  pty.type('q')
  expect((await pty.exited).exitCode).toBe(0)
  expect(await box.json('status')).toMatchObject({ state: 'running', running: 1 })
})

test('a replay needs a terminal, a speed it can go at, and a run', async () => {
  const plan = await gates.plan('told', { threads: 1, batches: gates.batch('a', '[x]') })
  await gates.go('all')
  await box.run('run', plan)
  const { code, err } = await box.run('replay', 'told')
  expect([code, err]).toEqual([2, 'batchtop: replay needs a terminal; `batchtop events RUN` prints what happened.\n'])
  expect(await box.run('replay', 'told', '--speed', '0.01')).toMatchObject({ code: 2 })
  expect(await box.run('replay', 'told', '--speed', 'fast')).toMatchObject({ code: 2 })
  const pty = box.screen(['replay', 'nobody'])
  expect((await pty.exited).exitCode).toBe(4)
})
