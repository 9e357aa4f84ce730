// oxlint-disable oxc/no-map-spread -- fixtures may cost a few copies
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyDelta } from '../../src/link/apply-delta.ts'
import { diffSnapshots } from '../../src/link/diff-snapshots.ts'
import type { RunSnapshot } from '../../src/model/snapshot.ts'
import { wallTime } from '../../src/model/units.ts'
import { endedRun, freshRun, manyThreads, smallRun } from '../helpers/snapshots.ts'
import { storyRun } from '../helpers/story-run.ts'

/** What the socket does to it. */
function sent<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

function follow(before: RunSnapshot, after: RunSnapshot): RunSnapshot {
  const delta = diffSnapshots(before, after)
  return delta ? applyDelta(before, sent(delta)) : before
}

/** One step of a run that goes on: some rows change, a span begins, events come. */
interface Step {
  readonly thread: number
  readonly batch: number
  readonly used: number
  readonly spans: number
  readonly dropped: number
  readonly events: number
  readonly threads: number
}

function step(before: RunSnapshot, { thread, batch, used, spans, dropped, events, threads }: Step): RunSnapshot {
  const next = structuredClone(before)
  const all = manyThreads(20).threads
  const lastSeq = before.events.at(-1)?.seq ?? 0
  const pattern = storyRun()
  return {
    ...next,
    head: { ...next.head, seq: next.head.seq + events },
    threads: [...next.threads, ...all.slice(next.threads.length)]
      .slice(0, threads)
      .map((row) => (row.thread === thread ? { ...row, done: row.done + 1 } : row)),
    batches: next.batches.map((row) => (row.index === batch ? { ...row, succeeded: row.succeeded + 1 } : row)),
    memory: { ...next.memory, history: [...next.memory.history, used as RunSnapshot['memory']['used']] },
    spans: [
      ...next.spans.slice(dropped).map((span) => (span.thread === thread ? { ...span, to: wallTime(used) } : span)),
      ...pattern.spans.slice(0, spans),
    ],
    events: [
      ...next.events,
      ...Array.from({ length: events }, (_, place) => ({
        seq: lastSeq + place + 1,
        at: wallTime(used),
        event: { type: 'thread.stopped' as const, thread: pattern.threads[0]?.thread ?? (1 as never) },
      })),
    ].slice(-200),
  }
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  thread: fc.integer({ min: 1, max: 8 }),
  batch: fc.nat(20),
  used: fc.nat(1000),
  spans: fc.nat(3),
  dropped: fc.constantFrom(0, 0, 0, 2),
  events: fc.constantFrom(0, 1, 3, 90),
  threads: fc.integer({ min: 1, max: 20 }),
})

test('a picture and what changed since is the next picture, however the run goes on', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 12 }), (steps) => {
      let live = sent(storyRun())
      let shown = live
      for (const one of steps) {
        const next = step(live, one)
        shown = follow(live, next)
        live = next
        expect(shown).toEqual(sent(live))
      }
    }),
    { numRuns: 60 },
  )
})

test('nothing changed is no delta at all', () => {
  expect(diffSnapshots(storyRun(), storyRun())).toBeUndefined()
})

test('only rows that changed are sent', () => {
  const before = storyRun()
  const after = { ...before, threads: before.threads.map((row) => (row.thread === 3 ? { ...row, done: 99 } : row)) }
  expect(diffSnapshots(before, after)).toEqual({ threads: [after.threads[2]] })
})

test('a field that goes away is gone on the other side too', () => {
  const before = storyRun()
  const [first, ...others] = before.threads
  const { item: _, clock: __, ...idle } = { ...first, thread: before.threads[0]?.thread ?? (1 as never) }
  const after = { ...before, threads: [{ ...idle, state: 'waiting' } as RunSnapshot['threads'][number], ...others] }
  expect(follow(before, after)).toEqual(sent(after))
})

test.each([
  ['fresh', freshRun],
  ['small', smallRun],
  ['ended', () => endedRun()],
])('the picture a run began with stays as it was when a %s one follows', (_, make) => {
  const before = make()
  const copy = structuredClone(before)
  const after = step(before, {
    thread: 1,
    batch: 0,
    used: 5,
    spans: 1,
    dropped: 0,
    events: 1,
    threads: before.threads.length,
  })
  expect(follow(before, after)).toEqual(sent(after))
  expect(before).toEqual(copy)
})
