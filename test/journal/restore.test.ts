import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { writeCheckpoint } from '../../src/journal/checkpoint.ts'
import { fileHeader } from '../../src/journal/frame.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { writePlanVersion } from '../../src/journal/plan-files.ts'
import { readEvents } from '../../src/journal/reader.ts'
import type { Restored } from '../../src/journal/restore.ts'
import { restore } from '../../src/journal/restore.ts'
import { readValue } from '../../src/journal/value-reader.ts'
import { BatchtopError } from '../../src/model/errors.ts'
import type { JournaledEvent, RunEvent, ValueRef } from '../../src/model/event.ts'
import { threadNumber } from '../../src/model/ids.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, recovery, succeeded } from '../helpers/facts.ts'
import type { LeftRun } from '../helpers/left-run.ts'
import {
  change,
  checkpointAt,
  copyRun,
  flip,
  journaled,
  journalPath,
  leaveRun,
  NOW,
  pack,
  replay,
} from '../helpers/left-run.ts'
import { anyFates, RandomRun } from '../helpers/random-run.ts'
import { factsOf } from '../helpers/run-facts.ts'

// Hundreds of times it waits for a disk, each time for as long as that takes.
vi.setConfig({ testTimeout: 300_000 })

const plan = buildPlan({
  threads: 3,
  phases: ['one', 'two'],
  batches: [
    { id: 'a', count: 7, phase: 0, attempts: 3 },
    { id: 'b', count: 5, phase: 0 },
    { id: 'c', count: 6, phase: 1, needs: [{ kind: 'batch', index: 0, when: 'ended' }] },
    { id: 'd', count: 0, late: { isListed: false, kind: 'file', path: '/plans/list' } },
  ],
})

/** Files of two, two and three frames, two events each. */
const short = journaled(
  [0, 1, 2, 3, 4, 5, 6].flatMap((item) => [chunk(0, [item]), item === 3 ? failed(item) : succeeded(0, [item])]),
  2,
)
const leaveShort = (checkpoint?: number) =>
  leaveRun(plan, short, { files: [2, 2], ...(checkpoint === undefined ? {} : { checkpoint }) })

const again = ({ folder, info }: LeftRun): Promise<Restored> => restore(folder, info)

/** Without what a checkpoint leaves out. */
const factsAt = (journal: readonly JournaledEvent[], seq: number) =>
  factsOf(replay(plan, journal.slice(0, seq)), { ms: false })

async function problemOf(restoring: Promise<unknown>): Promise<BatchtopError> {
  const thrown = await restoring.then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error,
  )
  if (thrown instanceof BatchtopError) return thrown
  throw thrown
}

/** What restoring gives; where it is refused, the facts of nothing at all. */
async function outcomeOf(run: LeftRun) {
  try {
    const { state, seq, notes } = await again(run)
    return { code: '', seq, facts: factsOf(state, { ms: false }), notes }
  } catch (error) {
    if (!(error instanceof BatchtopError)) throw error
    return { code: error.code, seq: 0, facts: factsAt(short, 0), notes: [] }
  }
}

async function eventsOf(folder: string): Promise<JournaledEvent[]> {
  const events: JournaledEvent[] = []
  for await (const event of readEvents(folder)) events.push(event)
  return events
}

/** What the next supervisor does: its file follows, and everything can be read. */
async function follow({ folder, info }: LeftRun, { generation, seq, valuesEnds }: Restored): Promise<JournaledEvent[]> {
  const options = { run: info.run, onDurable: () => {}, onTrouble: () => {} }
  const journal = await openJournal(folder, { ...options, generation, firstSeq: seq + 1, valuesEnds })
  journal.append({ type: 'thread.stopped', thread: threadNumber(1) })
  await journal.close()
  return await eventsOf(folder)
}

test('checkpoint and what came after it give the facts that the whole journal gives', async () => {
  await fc.assert(
    fc.asyncProperty(anyFates, fc.nat(10), fc.nat(10), async (fates, first, second) => {
      const { journal } = new RandomRun(plan, fates).live()
      const run = await leaveRun(plan, journal, { files: [first + 1, second + 1] })
      const alone = await again(run)
      expect(alone).toMatchObject({ generation: 4, seq: journal.length, notes: [] })
      expect(factsOf(alone.state)).toEqual(factsOf(replay(plan, journal)))
      for (const generation of [1, 2, 3]) {
        await checkpointAt(run, generation)
        const { state, ...rest } = await again(run)
        expect(rest).toMatchObject({ generation: 4, seq: journal.length, notes: [] })
        expect(factsOf(state, { ms: false })).toEqual(factsAt(journal, journal.length))
      }
    }),
    { numRuns: 25 },
  )
})

test('a journal cut at any byte of its last file gives exactly what was durable, and can be followed by the next', async () => {
  const made = await leaveShort(2)
  const whole = await readFile(journalPath(made, 3))
  const header = fileHeader(made.info.run, 3).length
  for (let size = whole.length; size >= 0; size--) {
    await writeFile(journalPath(made, 3), whole.subarray(0, size))
    const seq = made.frames.findLast(({ generation, end }) => generation < 3 || end <= size)?.seq ?? 0
    const restored = await again(made)
    expect(restored).toMatchObject({ seq, generation: size < header ? 3 : 4 })
    expect(factsOf(restored.state, { ms: false })).toEqual(factsAt(short, seq))
    const followed = await follow(made, restored)
    expect(followed.slice(0, -1)).toEqual(short.slice(0, seq))
    expect(followed.at(-1)).toMatchObject({ seq: seq + 1, event: { type: 'thread.stopped' } })
    await rm(journalPath(made, 4), { force: true })
  }
})

test('zeros at the end, as a power cut leaves them, are cut off at the right frame', async () => {
  const made = await leaveShort()
  const whole = await readFile(journalPath(made, 3))
  for (const [cut, seq] of [
    [whole.length, 14],
    [whole.length - 1, 12],
    [(made.frames[4]?.end ?? 0) + 20, 10],
    [made.frames[4]?.start ?? 0, 8],
  ] as const) {
    for (const zeros of [1, 300, 5000]) {
      await writeFile(journalPath(made, 3), Buffer.concat([whole.subarray(0, cut), Buffer.alloc(zeros)]))
      expect((await again(made)).seq).toBe(seq)
      const last = made.frames.find((frame) => frame.generation === 3 && frame.seq === seq)
      expect((await stat(journalPath(made, 3))).size).toBe(last?.end ?? fileHeader(made.info.run, 3).length)
    }
  }
})

test('a flipped bit anywhere gives the facts of a prefix or is told, never anything else', async () => {
  const made = await leaveShort(2)
  const names = ['journal-00000001.log', 'journal-00000002.log', 'journal-00000003.log', 'checkpoint.json']
  const files = await Promise.all(names.map((name) => readFile(join(made.folder, name))))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(0, 1, 2, 3), fc.nat(), fc.nat(7), async (file, at, bit) => {
      for (const [place, bytes] of files.entries()) {
        const damaged = place === file ? flip(bytes, at % bytes.length, bit) : bytes
        await writeFile(join(made.folder, names[place] as string), damaged)
      }
      const { code, seq, facts, notes } = await outcomeOf(made)
      expect(['', 'journal-damaged', 'journal-format']).toContain(code)
      expect(facts).toEqual(factsAt(short, seq))
      // What stands before the checkpoint hinders nobody; only what looks like a frame that was never finished is passed over without a word.
      const isSpare = file === 0 || file === 3
      expect(seq).toBeGreaterThanOrEqual(isSpare ? 14 : file === 2 && code === '' ? 12 : 0)
      expect(notes.length).toBe(file === 3 ? 1 : 0)
    }),
    { numRuns: 400 },
  )
})

test('a checkpoint cut at any byte costs nothing while the journal is whole, and that is said', async () => {
  const made = await leaveShort(3)
  const path = join(made.folder, 'checkpoint.json')
  for (let size = (await stat(path)).size - 1; size >= 0; size -= 7) {
    await truncate(path, size)
    const { state, seq, notes } = await again(made)
    expect([seq, notes.length]).toEqual([14, 1])
    expect(notes[0]).toContain('The whole journal was read instead')
    expect(factsOf(state)).toEqual(factsOf(replay(plan, short)))
  }
})

test('damage behind the checkpoint stops with file, byte and what to do; damage before it hinders nobody', async () => {
  const made = await leaveShort(2)
  const place = made.frames[2] as { start: number }
  const harmless = await copyRun(made)
  await change(journalPath(harmless, 1), (bytes) => flip(bytes, place.start + 45))
  expect((await again(harmless)).seq).toBe(14)
  const path = journalPath(made, 2)
  await change(path, (bytes) => flip(bytes, place.start + 45))
  const problem = await problemOf(again(made))
  expect(problem).toMatchObject({ code: 'journal-damaged', exit: 2 })
  expect(problem.message).toContain(`${path} at byte ${place.start}`)
  expect(problem.hint).toContain(`batchtop repair ${made.info.run}`)
})

test('the same damage is told where the checkpoint cannot stand in for it', async () => {
  const made = await leaveShort(2)
  await change(journalPath(made, 1), (bytes) => flip(bytes, 60))
  await truncate(join(made.folder, 'checkpoint.json'), 100)
  expect(await problemOf(again(made))).toMatchObject({ code: 'journal-damaged' })
})

test.each([
  ['the file that follows the checkpoint', 3, { checkpoint: 3 }],
  ['a file in the middle', 2, {}],
  ['the first file', 1, {}],
])('%s is missed', async (_what, generation, { checkpoint }: { checkpoint?: number }) => {
  const made = await leaveShort(checkpoint)
  await rm(journalPath(made, generation))
  const problem = await problemOf(again(made))
  expect(problem).toMatchObject({ code: 'journal-damaged' })
  expect(problem.message).toContain(`${journalPath(made, generation)} at byte 0: this file is missing`)
})

test('a file that is longer than its first line can be, and has none, is damage and not one that was just begun', async () => {
  const made = await leaveShort()
  for (const [size, code] of [
    [128, ''],
    [129, 'journal-damaged'],
  ] as const) {
    await writeFile(journalPath(made, 3), Buffer.alloc(size))
    expect((await outcomeOf(made)).code).toBe(code)
  }
})

test('restoring twice is restoring once', async () => {
  const made = await leaveShort(2)
  await truncate(journalPath(made, 3), (made.frames.at(-1)?.end ?? 0) - 3)
  const { state, ...first } = await again(made)
  const { state: second, ...rest } = await again(made)
  expect(rest).toEqual(first)
  expect(factsOf(second)).toEqual(factsOf(state))
})

test('a checkpoint or journal of a newer batchtop is left alone', async () => {
  const made = await leaveShort()
  await change(journalPath(made, 3), (bytes) => Buffer.concat([Buffer.from('batchtop-journal 9 x\n'), bytes]))
  expect(await problemOf(again(made))).toMatchObject({ code: 'journal-format', exit: 2 })
})

interface Valued {
  readonly made: LeftRun
  readonly refs: readonly ValueRef[]
  readonly sizes: () => Promise<Record<string, number>>
}

/** A run whose items 0 to 2 (batch a) and 7 (batch b) returned values. */
async function leaveValues(): Promise<Valued> {
  const made = await leaveRun(plan, [])
  await rm(journalPath(made, 1))
  const options = { run: made.info.run, generation: 1, firstSeq: 1, onDurable: () => {}, onTrouble: () => {} }
  const journal = await openJournal(made.folder, options)
  const refs: ValueRef[] = []
  for (const item of [0, 1, 2, 7]) {
    const batch = item < 7 ? 0 : 1
    const value = journal.value(batch === 0 ? 'a' : 'b', `item ${item}`, `{"of":${item}}`)
    refs.push(value)
    journal.append({ ...succeeded(batch, [item]), values: [value] } as RunEvent)
    await journal.flush()
  }
  await journal.close()
  const values = join(made.folder, 'values')
  const sizes = async () => {
    const names = (await readdir(values)).toSorted()
    const each = await Promise.all(
      names.map(async (name) => [name.replace(/-.*-/, '-'), (await stat(join(values, name))).size]),
    )
    return Object.fromEntries(each) as Record<string, number>
  }
  return { made, refs, sizes }
}

test('values end where the last durable event says, over all batches', async () => {
  const { made, refs, sizes } = await leaveValues()
  const [, second, third] = refs as [ValueRef, ValueRef, ValueRef]
  const whole = await sizes()
  const all = await again(made)
  expect(all.valuesEnds).toEqual({ a: whole['a-1.ndjson'], b: whole['b-1.ndjson'] })
  expect(await sizes()).toEqual(whole)
  // The last two commits are gone: so is all of batch b, and the third value of batch a.
  const text = await readFile(journalPath(made, 1), 'latin1')
  await truncate(journalPath(made, 1), text.indexOf('# 3 ') + 10)
  const values = (await readdir(join(made.folder, 'values'))).find((name) => name.startsWith('a')) ?? ''
  await appendFile(join(made.folder, 'values', values), 'torn')
  const { valuesEnds, ...rest } = await again(made)
  const end = second.offset + second.length + 2
  expect(valuesEnds).toEqual({ a: end })
  expect(await sizes()).toEqual({ 'a-1.ndjson': end })
  expect(await readValue(made.folder, 'a', second)).toBe('{"of":1}')
  await expect(readValue(made.folder, 'a', third)).rejects.toMatchObject({ code: 'value-missing' })
  await follow(made, { valuesEnds, ...rest })
})

test('values that only the checkpoint knows of are kept', async () => {
  const { made, sizes } = await leaveValues()
  const { state, valuesEnds, seq } = await again(made)
  const { run } = made.info
  const rest = { values: valuesEnds, facts: pack(state), planVersion: 1, at: NOW }
  await writeCheckpoint(made.folder, { run, generation: 2, seq, ...rest })
  await writeFile(journalPath(made, 2), fileHeader(run, 2))
  const whole = await sizes()
  expect((await again(made)).valuesEnds).toEqual(valuesEnds)
  expect(await sizes()).toEqual(whole)
})

test('facts and values follow the plan of their moment', async () => {
  const second = buildPlan({
    batches: [
      { id: 'new', count: 2 },
      { id: 'b', count: 5 },
    ],
  })
  const value = { offset: 20, length: 3 }
  const events = [
    chunk(1, [7]),
    succeeded(1, [7]),
    { ...recovery(second, { epoch: 2 }), planVersion: 2 } as RunEvent,
    chunk(1, [3]),
    { ...succeeded(1, [3]), values: [value] } as RunEvent,
  ]
  const made = await leaveRun(plan, journaled(events))
  await writePlanVersion(made.folder, 2, second, 'name: second\n')
  // A third plan was kept by a recovery that did not get to its first event.
  await writePlanVersion(made.folder, 3, plan, 'name: third\n')
  await writeFile(join(made.folder, 'values', 'b-71beeff9-1.ndjson'), Buffer.alloc(100))
  const { state, plans, valuesEnds } = await again(made)
  expect(plans).toEqual([plan, second, plan])
  expect([state.planVersion, state.plan]).toEqual([2, second])
  expect(state.batches.map(({ durable }) => durable.succeeded)).toEqual([0, 2])
  expect(valuesEnds).toEqual({ b: 25 })
})
