import { appendFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { JournalCursor } from '../../src/journal/cursor.ts'
import { encodeEvents } from '../../src/journal/encode.ts'
import { encodeFrame, fileHeader, journalName } from '../../src/journal/frame.ts'
import { followEvents, readEvents, replayRun } from '../../src/journal/reader.ts'
import { Wake } from '../../src/journal/wake.ts'
import { BatchtopError } from '../../src/model/errors.ts'
import type { JournaledEvent, RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import { wallTime } from '../../src/model/units.ts'
import type { RunState } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { change, flip, journaled, journalPath, leaveRun } from '../helpers/left-run.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const run = runId('7f3a')

function started(number: number): RunEvent {
  return { type: 'chunk.started', thread: threadNumber(1), batch: batchIndex(0), items: [itemIndex(number)] }
}

interface Written {
  readonly bytes: Buffer
  /** Where each frame ends, and the number of its last event. */
  readonly ends: readonly { readonly end: number; readonly seq: number }[]
  readonly events: readonly JournaledEvent[]
}

/** A journal file of frames with these many events. */
function journalOf(sizes: readonly number[], { generation = 1, firstSeq = 1 } = {}): Written {
  const parts: Buffer[] = [Buffer.from(fileHeader(run, generation))]
  const ends: { end: number; seq: number }[] = []
  const events: JournaledEvent[] = []
  let seq = firstSeq
  for (const [place, size] of sizes.entries()) {
    const at = wallTime(1_700_000_000_000 + place)
    const some = Array.from({ length: size }, (_, offset) => started(seq + offset))
    parts.push(encodeFrame({ frame: place + 1, firstSeq: seq, events: size, at }, encodeEvents(some)))
    for (const event of some) events.push({ seq: seq++, at, event })
    ends.push({ end: Buffer.concat(parts).length, seq: seq - 1 })
  }
  return { bytes: Buffer.concat(parts), ends, events }
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of source) all.push(one)
  return all
}

async function read(folder: string, since = 0): Promise<JournaledEvent[]> {
  return await collect(readEvents(folder, { since }))
}

async function attempt(reading: () => Promise<JournaledEvent[]>): Promise<{ found: JournaledEvent[]; code: string }> {
  try {
    return { found: await reading(), code: '' }
  } catch (error) {
    if (error instanceof BatchtopError) return { found: [], code: error.code }
    throw error
  }
}

async function put(folder: string, bytes: Buffer, generation = 1): Promise<string> {
  const path = join(folder, journalName(generation))
  await writeFile(path, bytes)
  return path
}

test('a journal cut at any byte gives exactly the frames that are whole', async () => {
  const folder = await scratchFolder()
  const { bytes, ends, events } = journalOf([1, 3, 2])
  const path = await put(folder, bytes)
  for (let size = bytes.length; size >= 0; size--) {
    await truncate(path, size)
    const last = ends.findLast(({ end }) => end <= size)?.seq ?? 0
    expect(await read(folder)).toEqual(events.slice(0, last))
  }
})

test('a flipped bit never gives an event that was not written, and is only silent in the last frame', async () => {
  const folder = await scratchFolder()
  const { bytes, ends, events } = journalOf([2, 1, 2])
  const lastFrame = ends[1]?.end ?? 0
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (place, bit) => {
      const damaged = Buffer.from(bytes)
      damaged[place] = (damaged[place] as number) ^ (1 << bit)
      await put(folder, damaged)
      const { found, code } = await attempt(() => read(folder))
      expect(['', 'journal-damaged', 'journal-format']).toContain(code)
      expect(found).toEqual(events.slice(0, found.length))
      // In the last frame it looks like a frame that was never finished; elsewhere all is there (the first line names the run) or refused.
      const isAllOrRefused = code !== '' || found.length === events.length
      expect(isAllOrRefused || place >= lastFrame).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('zeros or junk at the end, as a power cut leaves them, are no events and no damage', async () => {
  const folder = await scratchFolder()
  const { bytes, ends, events } = journalOf([2, 2])
  const cut = (ends[0]?.end ?? 0) + 30
  for (const tail of [
    Buffer.alloc(5000),
    Buffer.from('\n# 3 x\n# 1 1 1 1 1 00000000\n'),
    Buffer.from('# 3 5 1 1 999999999 0badcafe\nJ'),
  ]) {
    await put(folder, Buffer.concat([bytes, tail]))
    expect(await read(folder)).toEqual(events)
    await put(folder, Buffer.concat([bytes.subarray(0, cut), tail]))
    expect(await read(folder)).toEqual(events.slice(0, 2))
  }
})

test('damage that good frames follow is told with file and place', async () => {
  const folder = await scratchFolder()
  const { bytes, ends } = journalOf([1, 1, 1])
  bytes[(ends[0]?.end ?? 0) + 40] = 0
  const path = await put(folder, bytes)
  const error = await read(folder).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'journal-damaged' })
  expect(String(error)).toContain(`${path} at byte ${ends[0]?.end}`)
})

test('files are read in order, and only the last may be cut short', async () => {
  const folder = await scratchFolder()
  const first = journalOf([2, 1])
  const second = journalOf([1, 2], { generation: 2, firstSeq: 4 })
  await put(folder, first.bytes)
  await put(folder, second.bytes.subarray(0, -1), 2)
  expect(await read(folder)).toEqual([...first.events, ...second.events.slice(0, 1)])
  await put(folder, second.bytes, 2)
  expect(await read(folder)).toEqual([...first.events, ...second.events])
  await put(folder, first.bytes.subarray(0, -1))
  await expect(read(folder)).rejects.toMatchObject({ code: 'journal-damaged' })
})

test('a journal of a file that is missing in the middle is damaged', async () => {
  const folder = await scratchFolder()
  await put(folder, journalOf([1]).bytes)
  await put(folder, journalOf([1], { generation: 3, firstSeq: 9 }).bytes, 3)
  await expect(read(folder)).rejects.toMatchObject({ code: 'journal-damaged' })
})

test('of a live run nothing is read that is not known to be durable', async () => {
  const folder = await scratchFolder()
  const { bytes, events } = journalOf([2, 3, 1])
  await put(folder, bytes)
  expect(await collect(readEvents(folder, { until: 5 }))).toEqual(events.slice(0, 5))
  expect(await collect(readEvents(folder, { until: 0 }))).toEqual([])
})

test('events that are missing between two files are damage', async () => {
  const folder = await scratchFolder()
  await put(folder, journalOf([2]).bytes)
  for (const after of [[], [1], [1, 2]]) {
    await put(folder, journalOf([1, ...after], { generation: 2, firstSeq: 4 }).bytes, 2)
    await expect(read(folder)).rejects.toMatchObject({ code: 'journal-damaged' })
  }
})

test('what a file tells again, because the disk did not take the end of the one before it, comes once', async () => {
  const folder = await scratchFolder()
  const first = journalOf([2, 2])
  const second = journalOf([1, 3], { generation: 2, firstSeq: 3 })
  const path = await put(folder, first.bytes)
  const cursor = new JournalCursor(folder)
  onTestFinished(() => cursor.close())
  expect(await cursor.next()).toEqual(first.events.slice(0, 2))
  // Written but not durable: the last two are here already.
  expect(await cursor.next()).toEqual(first.events.slice(2))
  expect(await cursor.next()).toBeUndefined()
  await truncate(path, first.ends[0]?.end)
  expect(await cursor.next()).toBeUndefined()
  await put(folder, second.bytes, 2)
  expect(await cursor.next()).toEqual(second.events.slice(2))
  expect(await read(folder)).toEqual([...first.events.slice(0, 2), ...second.events])
  await put(folder, first.bytes)
  expect(await read(folder)).toEqual([...first.events, ...second.events.slice(2)])
})

test('reading may begin with a later file, whatever stands before it', async () => {
  const folder = await scratchFolder()
  await put(folder, Buffer.from('damaged'))
  const { bytes, events } = journalOf([1, 2], { generation: 2, firstSeq: 6 })
  await put(folder, bytes, 2)
  const cursor = new JournalCursor(folder, 5, 2)
  onTestFinished(() => cursor.close())
  expect([await cursor.next(), await cursor.next(), await cursor.next()]).toEqual([
    events.slice(0, 1),
    events.slice(1),
    undefined,
  ])
  expect(cursor.place).toEqual({ generation: 2, path: join(folder, journalName(2)), offset: bytes.length })
})

class Taker {
  readonly begun: number
  readonly seen: number[] = []

  constructor(state?: RunState) {
    this.begun = state?.seq ?? 0
  }

  apply({ seq }: JournaledEvent): void {
    this.seen.push(seq)
  }
}

test('who wants a whole run gets it from the checkpoint on where the journal before that is damaged', async () => {
  const plan = buildPlan({ batches: [{ id: 'a', count: 9 }] })
  const made = await leaveRun(plan, journaled([1, 2, 3, 4, 5].map(started)), { files: [2, 1], checkpoint: 3 })
  const replayed = async () => {
    const { taker, cursor } = await replayRun(made.info, [plan], (state) => new Taker(state))
    onTestFinished(() => cursor.close())
    await put(made.folder, journalOf([1], { generation: 4, firstSeq: 6 }).bytes, 4)
    expect(await cursor.next()).toMatchObject([{ seq: 6 }])
    await rm(join(made.folder, journalName(4)))
    return taker
  }
  expect(await replayed()).toEqual({ begun: 0, seen: [1, 2, 3, 4, 5] })
  await change(journalPath(made, 1), (bytes) => flip(bytes, 60))
  expect(await replayed()).toEqual({ begun: 3, seen: [4, 5] })
  await change(journalPath(made, 3), (bytes) => flip(bytes, 60))
  await expect(replayed()).rejects.toMatchObject({ code: 'journal-damaged' })
})

test('a journal of an unknown version is refused', async () => {
  const folder = await scratchFolder()
  await put(folder, Buffer.from('batchtop-journal 2 7f3a 1 more\n'))
  await expect(read(folder)).rejects.toMatchObject({ code: 'journal-format', exit: 2 })
})

test('reading begins after the number that is known already, also in the middle of a frame', async () => {
  const folder = await scratchFolder()
  const { bytes, events } = journalOf([2, 4, 1])
  await put(folder, bytes)
  for (let since = 0; since <= events.length + 1; since++)
    expect(await read(folder, since)).toEqual(events.slice(since))
})

test('a frame larger than what is read at once is whole', async () => {
  const folder = await scratchFolder()
  const { bytes, events } = journalOf([60_000, 1])
  expect(bytes.length).toBeGreaterThan(2 ** 18)
  await put(folder, bytes)
  expect(await read(folder)).toEqual(events)
})

test('a follower gets every event once, none before it is durable, over the change of files', async () => {
  const folder = await scratchFolder()
  const first = journalOf([1, 2, 1])
  const second = journalOf([2], { generation: 2, firstSeq: 5 })
  const path = await put(folder, first.bytes)
  const wake = new Wake()
  const follower = followEvents(folder, { wake })
  wake.push(1)
  expect((await follower.next()).value).toEqual(first.events[0])
  const second3 = follower.next()
  wake.push(3)
  expect((await second3).value).toEqual(first.events[1])
  expect((await follower.next()).value).toEqual(first.events[2])
  const pending = follower.next()
  await put(folder, second.bytes.subarray(0, 20), 2)
  wake.push(4)
  expect((await pending).value).toEqual(first.events[3])
  const late = follower.next()
  await appendFile(join(folder, journalName(2)), second.bytes.subarray(20))
  wake.push(6)
  expect((await late).value).toEqual(second.events[0])
  wake.end()
  expect(await collect(follower)).toEqual(second.events.slice(1))
  expect((await stat(path)).size).toBe(first.bytes.length)
})

test('a follower that knows as much as the first wake says, or more, misses nothing', async () => {
  const folder = await scratchFolder()
  await put(folder, journalOf([3]).bytes)
  for (const durable of [2, 3]) {
    const wake = new Wake()
    wake.push(durable)
    wake.end()
    expect(await collect(followEvents(folder, { since: 3, wake }))).toEqual([])
  }
})

test('a follower stops after the event it was to wait for', async () => {
  const folder = await scratchFolder()
  const { bytes, events } = journalOf([3, 2])
  await put(folder, bytes)
  const wake = new Wake()
  wake.push(5)
  const found = await collect(followEvents(folder, { wake, until: ({ seq }) => seq === 2 }))
  expect(found).toEqual(events.slice(0, 2))
})

test('a follower is told when what is said to be durable is not there', async () => {
  const folder = await scratchFolder()
  await put(folder, journalOf([1]).bytes)
  const wake = new Wake()
  wake.push(2)
  await expect(collect(followEvents(folder, { wake }))).rejects.toMatchObject({ code: 'journal-damaged' })
})

test('a file that is written in pieces while it is read gives whole frames only', async () => {
  const folder = await scratchFolder()
  const { bytes, events } = journalOf([2, 3, 1, 2])
  const path = await put(folder, Buffer.alloc(0))
  const seen: JournaledEvent[] = []
  for (let from = 0; from < bytes.length; from += 17) {
    await appendFile(path, bytes.subarray(from, from + 17))
    const found = await read(folder, seen.at(-1)?.seq)
    seen.push(...found)
  }
  expect(seen).toEqual(events)
  expect((await readFile(path)).equals(bytes)).toBe(true)
})
