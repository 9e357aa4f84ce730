import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { generationOf } from '../../src/journal/frame.ts'
import type { Rotated } from '../../src/journal/journal.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { readEvents } from '../../src/journal/reader.ts'
import type { JournaledEvent, RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { Trouble } from '../../src/model/snapshot.ts'
import { scratchFolder } from '../helpers/scratch.ts'
import type { Fault, Operation } from './failing-disk.ts'
import { FailingDisk } from './failing-disk.ts'

// Hundreds of times it waits for a disk, each time for as long as that takes.
vi.setConfig({ testTimeout: 300_000 })

const BATCHES = ['a', 'b'] as const

interface Lived {
  readonly folder: string
  readonly disk: FailingDisk
  readonly appended: readonly RunEvent[]
  readonly durable: readonly JournaledEvent[]
  readonly cuts: readonly Rotated[]
  readonly troubles: readonly (Trouble | undefined)[]
  /** What the values files of each batch must hold. */
  readonly lines: Record<string, string>
}

/** A run of some commits with values and cuts, on a disk that fails somewhere on the way and recovers. */
async function live(fault: Fault): Promise<Lived> {
  const folder = await scratchFolder()
  await mkdir(join(folder, 'values'))
  const disk = new FailingDisk()
  const appended: RunEvent[] = []
  const durable: JournaledEvent[] = []
  const cuts: Promise<Rotated>[] = []
  const troubles: (Trouble | undefined)[] = []
  const lines: Record<string, string> = { a: '', b: '' }
  const journal = await openJournal(folder, {
    run: runId('7f3a'),
    generation: 1,
    firstSeq: 1,
    disk,
    retryMs: 1,
    onDurable: (events) => durable.push(...events),
    onTrouble: (trouble) => troubles.push(trouble),
  })
  const append = (event: RunEvent) => {
    appended.push(event)
    expect(journal.append(event)).toBe(appended.length)
  }
  const succeed = (index: number) => {
    const batch = BATCHES[index] as string
    const json = JSON.stringify(`${appended.length}`.padEnd(20))
    lines[batch] += `{"item":"i","value":${json}}\n`
    const values = [journal.value(batch, 'i', json)]
    const head = { type: 'items.succeeded', thread: threadNumber(1), batch: batchIndex(index) } as const
    append({ ...head, items: [itemIndex(appended.length)], attempts: [1], ms: [1], values })
  }
  disk.arm(fault)
  for (let round = 0; round < 4; round++) {
    for (const index of [0, 1]) succeed(index)
    const first = journal.flush()
    await new Promise(setImmediate)
    append({ type: 'thread.started', thread: threadNumber(round + 1) })
    if (round % 2 === 1) cuts.push(journal.rotate())
    succeed(0)
    await first
    await journal.flush()
  }
  await journal.close()
  return { folder, disk, appended, durable, cuts: await Promise.all(cuts), troubles, lines }
}

async function readAll(folder: string): Promise<JournaledEvent[]> {
  const events: JournaledEvent[] = []
  for await (const one of readEvents(folder)) events.push(one)
  return events
}

async function firstSeqOf(folder: string, generation: number): Promise<number> {
  const name = (await readdir(folder)).find((candidate) => generationOf(candidate) === generation) ?? ''
  return Number(/\n# 1 (\d+) /.exec(await readFile(join(folder, name), 'utf8'))?.[1])
}

async function expectWhole({ folder, disk, appended, durable, cuts, troubles, lines }: Lived): Promise<void> {
  expect(disk.misuses).toEqual([])
  expect(durable.map(({ seq }) => seq)).toEqual(appended.map((_, place) => place + 1))
  expect(durable.map(({ event }) => event)).toEqual(appended)
  expect(await readAll(folder)).toEqual(durable)
  for (const { generation, seq } of cuts) expect(await firstSeqOf(folder, generation)).toBe(seq + 1)
  const names = await readdir(join(folder, 'values'))
  for (const batch of BATCHES) {
    const name = names.find((candidate) => candidate.startsWith(batch)) ?? ''
    expect(await readFile(join(folder, 'values', name), 'utf8')).toBe(lines[batch])
  }
  expect(troubles.length % 2).toBe(0)
  for (const [place, trouble] of troubles.entries())
    expect(trouble?.message).toBe(place % 2 === 0 ? 'writing failed (EIO)' : undefined)
}

test.for([
  ['open', 1],
  ['write', 1],
  ['datasync', 1],
  ['syncFolder', 1],
  [undefined, 1],
  [undefined, 2],
  [undefined, 7],
] as const)(
  'wherever the disk fails (%s, %i times), everything is durable once and in order when it works again',
  async ([of, times]: readonly [Operation | undefined, number]) => {
    let faults = 0
    for (let first = 1; ; first++) {
      const lived = await live({ first, times, ...(of ? { of } : {}) })
      await expectWhole(lived)
      if (lived.disk.failed === 0) break
      expect(lived.troubles.length).toBeGreaterThan(0)
      faults += 1
    }
    expect(faults).toBeGreaterThan(of === 'syncFolder' ? 2 : of === 'open' ? 3 : 10)
  },
)

test('a journal that cannot be begun is refused at once', async () => {
  for (const of of ['open', 'write', 'datasync', 'syncFolder'] as const) {
    const folder = await scratchFolder()
    await mkdir(join(folder, 'values'))
    const disk = new FailingDisk()
    disk.arm({ of, first: 1, times: 1 })
    const begin = { run: runId('7f3a'), generation: 1, firstSeq: 1, onDurable: () => {}, onTrouble: () => {} }
    await expect(openJournal(folder, { ...begin, disk })).rejects.toThrow('EIO')
  }
})
