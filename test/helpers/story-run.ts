/** The run of the design: six threads, the third of five weeks, 312 of 426 items done. Amounts fit together. */
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { BatchView, EventView, Head, RunSnapshot, Span, ThreadView } from '../../src/model/snapshot.ts'
import { bytes, millis, type WallTime, wallTime } from '../../src/model/units.ts'

export const GB = 2 ** 30
export const MB = 2 ** 20
export const MINUTE = 60_000

/** 2026-11-20 09:00 UTC. */
export const START = wallTime(1_795_165_200_000)

/** A moment of the run, `00:41:12` after its start. */
export const at = (hours: number, minutes: number, seconds: number): WallTime =>
  wallTime(START + ((hours * 60 + minutes) * 60 + seconds) * 1000)

export const NOW = at(0, 41, 12)

export type Batch = readonly [id: string, title: string, phase: number, total: number, extra?: Partial<BatchView>]

export const stories: readonly Batch[] = [
  ['1.1', 'RAV monthly declarations', 0, 12],
  ['1.2', 'Data protection', 0, 22],
  ['1.3', 'Sign-in and accounts', 0, 14],
  ['1.4', 'Audit trail', 0, 21],
  ['1.5', 'Backups', 0, 11],
  ['1.6', 'Roles', 0, 16],
  ['2.1', 'Search', 1, 38],
  ['2.2', 'Documents', 1, 30],
  ['2.3', 'Calendar', 1, 24],
  ['2.5', 'Mail', 1, 18],
  ['2.6', 'Profiles', 1, 7],
  ['3.1', 'Gamification', 2, 60],
  ['3.4', 'Professional development', 2, 58],
  ['3.6', 'Validation', 2, 20],
  ['4.1', 'Payments', 3, 35],
  ['5.1', 'Load tests', 4, 22],
  ['5.2', 'Acceptance', 4, 18],
]

const doneInRunning: Readonly<Record<string, Partial<BatchView>>> = {
  '3.1': { succeeded: 51, failed: 1, running: 3, usual: millis(28_000), p95: millis(95_000) },
  '3.4': { succeeded: 46, failed: 1, running: 1, waiting: 1, usual: millis(42_000), p95: millis(110_000) },
}

export function batchesOf(list: readonly Batch[]): BatchView[] {
  return list.map(([id, title, phase, total], place) => {
    const running = doneInRunning[id]
    const isPast = phase < 2
    return {
      index: batchIndex(place),
      id,
      title,
      phase,
      level: 'high' as const,
      state: isPast ? ('ended' as const) : running ? ('running' as const) : ('waiting' as const),
      total,
      succeeded: isPast ? total : 0,
      failed: 0,
      skipped: 0,
      running: 0,
      waiting: 0,
      needs: id === '3.6' ? ['3.1', '3.4'] : phase > 2 ? [`week-${phase}`] : [],
      ...(isPast ? { usual: millis(31_000), p95: millis(80_000) } : {}),
      ...running,
    }
  })
}

const memoryAt = (number: number): number => [1.7, 1.9, 1.8, 1.5, 1.6, 1.4][(number - 1) % 6] ?? 1

/** So many GB, and what the worker knows of them: the rest is code, native memory and children. */
export const holding = (gb: number): Pick<ThreadView, 'used' | 'heap' | 'external'> => ({
  used: bytes(gb * GB),
  heap: bytes(gb * 0.6 * GB),
  external: bytes(gb * 0.3 * GB),
})

export function thread(number: number, view: Partial<ThreadView>): ThreadView {
  return {
    thread: threadNumber(number),
    state: 'running',
    cap: bytes(2 * GB),
    ...holding(memoryAt(number)),
    cpu: 0,
    replaced: 0,
    done: 40 + number,
    ...view,
  }
}

export const running = (
  item: number,
  name: string,
  batch: number,
  seconds: number,
  fraction: number,
): Partial<ThreadView> => ({
  batch: batchIndex(batch),
  item: { index: itemIndex(item), name, attempt: 1, tries: 5 },
  clock: { since: wallTime(NOW - seconds * 1000) },
  fraction,
  expected: bytes(1.6 * GB),
  cpu: 0.95 + (item % 5) / 100,
})

function storyThreads(): ThreadView[] {
  return [
    thread(1, running(146, 'US-147', 11, 14, 0.52)),
    thread(2, running(161, 'US-162', 11, 118, 0.17)),
    thread(3, {
      ...running(189, 'US-190', 11, 9, 0.33),
      clock: { elapsed: millis(9000) },
      state: 'paused',
      paused: { by: 'user', at: wallTime(NOW - 130_000) },
      cpu: 0,
    }),
    thread(4, running(240, 'US-241', 12, 31, 0.76)),
    thread(5, {
      state: 'retry',
      batch: batchIndex(12),
      item: { index: itemIndex(251), name: 'US-252', attempt: 2, tries: 5 },
      retryAt: wallTime(NOW + 8000),
    }),
    thread(6, { state: 'waiting', why: 'needs 3.1, 3.4' }),
  ]
}

export function event(seq: number, when: WallTime, fact: RunEvent, more: Partial<EventView> = {}): EventView {
  return { seq, at: when, event: fact, ...more }
}

/** Something the governor did: amounts in GB, time in milliseconds. */
export function acted(
  seq: number,
  when: WallTime,
  act: Pick<GovernorActed, 'stage' | 'why'> & {
    readonly thread?: number
    readonly gb: readonly [before: number, after: number]
    readonly ms: number
  },
): EventView {
  const { stage, why, thread: number, gb, ms } = act
  const [before, after] = gb
  return event(seq, when, {
    type: 'governor.acted',
    stage,
    ...(number === undefined ? {} : { thread: threadNumber(number) }),
    before: bytes(before * GB),
    after: bytes(after * GB),
    ms: millis(ms),
    why,
  })
}

type GovernorActed = Extract<RunEvent, { readonly type: 'governor.acted' }>

/** It began with a thread that stood still for a while, and had to collect garbage once more just now. */
const storyActs: readonly EventView[] = [
  acted(386, at(0, 36, 31), {
    stage: 'pause',
    thread: 4,
    gb: [1.8, 1.8],
    ms: 12,
    why: '10.9 GB of 12 GB in sight',
  }),
  acted(388, at(0, 36, 43), { stage: 'resume', thread: 4, gb: [1.8, 1.8], ms: 0, why: '9.2 GB of 12 GB in use' }),
  acted(389, at(0, 37, 12), { stage: 'checkpoint', gb: [9.8, 9.8], ms: 3, why: '11.5 GB of 12 GB in use' }),
  acted(400, at(0, 40, 38), { stage: 'hold', gb: [9.7, 9.7], ms: 0, why: '10.3 GB of 12 GB in sight' }),
  acted(401, at(0, 40, 55), {
    stage: 'reclaim',
    thread: 2,
    gb: [1.9, 1.2],
    ms: 840,
    why: '10.4 GB of 12 GB in sight',
  }),
]

/** The acts stand among the others, and a pause of the governor is an event of its thread as well. */
function storyEvents(): EventView[] {
  const pauses = [
    event(385, at(0, 36, 31), { type: 'thread.paused', thread: threadNumber(4), by: 'governor' }),
    event(387, at(0, 36, 43), { type: 'thread.resumed', thread: threadNumber(4), by: 'governor' }),
  ]
  return [...otherEvents(), ...pauses, ...storyActs].toSorted((a, b) => a.seq - b.seq)
}

function otherEvents(): EventView[] {
  const lost = { kind: 'lost', message: 'its process ended by signal SIGKILL', code: 'SIGKILL' } as const
  const failed = { kind: 'threw', message: 'exit 1' } as const
  const finished = (batch: number, id: string, count: number, when: WallTime, seq: number) =>
    event(
      seq,
      when,
      {
        type: 'batch.finished',
        batch: batchIndex(batch),
        succeeded: count,
        failed: 0,
        skipped: 0,
        ms: millis(MINUTE * 8),
      },
      { batch: id },
    )
  const attempt = { thread: threadNumber(5), attempt: 1, ms: millis(31_000), reason: failed }
  return [
    finished(8, '2.3', 24, at(0, 27, 40), 300),
    finished(6, '2.1', 38, at(0, 28, 2), 310),
    finished(7, '2.2', 30, at(0, 28, 30), 312),
    event(313, at(0, 28, 31), { type: 'batch.started', batch: batchIndex(11) }, { batch: '3.1' }),
    event(314, at(0, 28, 31), { type: 'batch.started', batch: batchIndex(12) }, { batch: '3.4' }),
    event(360, at(0, 33, 5), { type: 'thread.replaced', thread: threadNumber(4), reason: lost }),
    event(361, at(0, 33, 5), { type: 'thread.started', thread: threadNumber(4) }),
    event(
      380,
      at(0, 35, 44),
      {
        type: 'item.failed',
        item: itemIndex(170),
        ...attempt,
        attempt: 5,
        reason: { kind: 'timeout', message: 'no end after 10 min' },
      },
      { name: 'US-171', batch: '3.1', tries: 5 },
    ),
    event(390, at(0, 37, 12), {
      type: 'checkpoint.written',
      bytes: bytes(36 * 1024),
      ms: millis(3),
      reason: 'governor',
    }),
    finished(10, '2.6', 7, at(0, 40, 12), 398),
    event(402, at(0, 41, 2), { type: 'thread.paused', thread: threadNumber(3), by: 'user' }),
    event(
      404,
      at(0, 41, 10),
      { type: 'item.retrying', item: itemIndex(251), ...attempt, retryAt: at(0, 41, 20) },
      { name: 'US-252', batch: '3.4', tries: 5 },
    ),
  ]
}

const span = (number: number, batch: number, from: number, to?: number): Span => ({
  thread: threadNumber(number),
  batch: batchIndex(batch),
  from: wallTime(START + from * MINUTE),
  ...(to === undefined ? {} : { to: wallTime(START + to * MINUTE) }),
})

/** Thread, batch, first and last minute. */
const stretches: readonly (readonly [number, number, number, number?])[] = [
  [1, 0, 0, 6],
  [2, 1, 0, 13],
  [3, 2, 0, 10],
  [4, 3, 0, 14],
  [5, 4, 0, 8],
  [6, 5, 0, 11.5],
  [1, 6, 14.2, 28],
  [2, 6, 14.2, 28],
  [3, 8, 14.2, 22],
  [4, 8, 14.2, 27.6],
  [5, 9, 14.2, 23],
  [6, 10, 14.2, 20],
  [6, 7, 20.5, 28.5],
  [1, 11, 28.6],
  [2, 11, 28.6],
  [3, 11, 28.6],
  [4, 12, 28.6],
  [5, 12, 28.6, 41.1],
  [6, 11, 28.6, 38],
]

/** Counts of the head that follow from the batches. */
export function countsOf(
  batches: readonly BatchView[],
): Pick<Head, 'total' | 'succeeded' | 'failed' | 'skipped' | 'running' | 'waiting' | 'queued'> {
  const sum = (of: (batch: BatchView) => number): number => batches.reduce((total, batch) => total + of(batch), 0)
  const counts = {
    total: sum((batch) => batch.total),
    succeeded: sum((batch) => batch.succeeded),
    failed: sum((batch) => batch.failed),
    skipped: sum((batch) => batch.skipped),
    running: sum((batch) => batch.running),
    waiting: sum((batch) => batch.waiting),
  }
  const { total, succeeded, failed, skipped } = counts
  return { ...counts, queued: total - succeeded - failed - skipped - counts.running - counts.waiting }
}

export function storyRun(change: Partial<RunSnapshot> = {}): RunSnapshot {
  const batches = batchesOf(stories)
  const titles = ['Compliance and foundation', 'Core features', 'Engagement', 'Payments', 'Integration and tests']
  const threads = storyThreads()
  const done = [5, 5, 2]
  return {
    head: {
      run: runId('7f3a'),
      plan: 'stories-6x2gb',
      planPath: '/home/ada/plans/stories-6x2gb.yaml',
      stateDir: '/home/ada/state',
      state: 'running',
      epoch: 1,
      startedAt: START,
      clock: { since: START },
      ...countsOf(batches),
      rate: 7.6,
      eta: { p50: millis(16 * MINUTE), p90: millis(22 * MINUTE) },
      seq: 404,
      isForeground: false,
    },
    phases: titles.map((title, place) => ({
      id: `week-${place + 1}`,
      title,
      state: place < 2 ? 'ended' : place === 2 ? 'running' : 'waiting',
      total: 10,
      done: done[place] ?? 0,
    })),
    threads,
    batches,
    memory: {
      total: bytes(16 * GB),
      reserve: bytes(4 * GB),
      budget: bytes(12 * GB),
      perThread: bytes(2 * GB),
      isCapGiven: true,
      used: bytes(9.9 * GB),
      budgetNow: bytes(12 * GB),
      backing: 'polling',
      acted: storyActs,
      holdsAbove: bytes(300 * MB),
      system: { total: bytes(16 * GB), available: bytes(3.4 * GB) },
      history: Array.from({ length: 60 }, (_, place) => bytes((3 + Math.sin(place / 9) * 2 + place / 12) * GB)),
      isKnown: true,
    },
    spans: stretches.map((stretch) => span(...stretch)),
    events: storyEvents(),
    ...change,
  }
}

/** A snapshot whose clocks count to now instead of the moment the fixtures were made for. */
export function asOfNow<Value>(value: Value): Value {
  return later(value, Date.now() - NOW) as Value
}

function later(value: unknown, by: number): unknown {
  if (Array.isArray(value)) return value.map((entry) => later(entry, by))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, later(entry, by)]))
  }
  // Nothing else in a snapshot is as large and whole as a moment.
  const isMoment = typeof value === 'number' && Number.isInteger(value) && value > 1.7e12 && value < 2e12
  return isMoment ? wallTime(value + by) : value
}
