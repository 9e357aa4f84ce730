/** Pictures of runs as a supervisor would give them, for tests and pictures of the screen. */
// oxlint-disable oxc/no-map-spread -- fixtures may cost a few copies
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { BatchView, MemoryView, RunSnapshot, Span } from '../../src/model/snapshot.ts'
import { bytes, millis, wallTime } from '../../src/model/units.ts'
import {
  acted,
  at,
  batchesOf,
  countsOf,
  event,
  GB,
  holding,
  MB,
  MINUTE,
  NOW,
  running,
  START,
  stories,
  storyRun,
  thread,
} from './story-run.ts'

/** A run whose disk is full: nothing starts, and what ends is kept in memory. */
export function troubledRun(message = 'the disk is full (ENOSPC)'): RunSnapshot {
  const story = storyRun()
  return {
    ...story,
    head: { ...story.head, trouble: { message, since: wallTime(NOW - 130_000), events: 1204 } },
  }
}

/** A run whose supervisor died while three of its items ran: what a replay ends with. */
export function crashedRun(): RunSnapshot {
  const story = storyRun()
  const { eta: _, rate: __, ...head } = story.head
  const batches = story.batches.map((batch) => ({
    ...batch,
    state: batch.state === 'ended' ? ('ended' as const) : ('left' as const),
    running: 0,
    needs: [],
  }))
  return {
    ...story,
    head: { ...head, state: 'interrupted', epoch: 2, running: 0 },
    memory: over(story.memory),
    batches,
    threads: story.threads.map(({ thread: number, state, batch, item, clock }) =>
      thread(number, {
        state: 'stopped',
        used: bytes(0),
        ...(clock && batch !== undefined && item && state === 'running'
          ? { batch, item, clock: { elapsed: millis('since' in clock ? NOW - clock.since : clock.elapsed) } }
          : {}),
      }),
    ),
  }
}

/** Nobody had to do anything about memory. */
function calm(memory: MemoryView): MemoryView {
  return { ...over(memory), acted: [] }
}

/** Nothing is held back where nothing runs any more. */
function over(memory: MemoryView): MemoryView {
  const { holdsAbove: _, ...rest } = memory
  return rest
}

/** Others need a third of the machine: one thread stands still for them, another has no memory to start what is next. */
export function pressedRun(): RunSnapshot {
  const story = storyRun()
  const { memory } = story
  const paused = {
    state: 'paused',
    paused: { by: 'governor', at: wallTime(NOW - 12_000) },
    clock: { elapsed: millis(31_000) },
    cpu: 0,
  } as const
  const held = { state: 'waiting', why: 'memory: needs 1.2 GB, others leave 0.3 GB' } as const
  const used = [1.7, 1.2, 1.8, 1.5, 1.6, 0.1]
  const threads = story.threads.map((one, place) => ({
    ...one,
    ...holding(used[place] ?? 0),
    ...(place === 3 ? paused : place === 5 ? held : {}),
  }))
  const stood = {
    stage: 'pause',
    thread: 4,
    gb: [1.5, 1.5],
    ms: 9,
    why: '8.1 GB of 8.9 GB that others leave in sight',
  } as const
  const acts = [
    event(402, at(0, 41, 0), { type: 'thread.paused', thread: threadNumber(4), by: 'governor' }),
    acted(403, at(0, 41, 0), stood),
  ]
  return {
    ...story,
    threads,
    events: [...story.events, ...acts].toSorted((a, b) => a.at - b.at),
    memory: {
      ...memory,
      acted: [...memory.acted, ...acts.slice(1)],
      used: bytes(7.9 * GB),
      budgetNow: bytes(8.9 * GB),
      backing: 'cgroup2',
      system: { total: bytes(16 * GB), available: bytes(5 * GB), pressure: 0.024 },
    },
  }
}

/** A person's paused threads hold all the memory, and nothing else fits. */
export function starvedRun(): RunSnapshot {
  const pressed = pressedRun()
  const paused = { state: 'paused', paused: { by: 'user', at: wallTime(NOW - 130_000) }, cpu: 0 } as const
  return {
    ...pressed,
    threads: pressed.threads.map((one) =>
      one.item !== undefined && one.state !== 'retry'
        ? { ...one, ...paused }
        : thread(one.thread, { state: 'waiting', why: 'memory: paused threads hold 6.2 GB', ...holding(0.1) }),
    ),
  }
}

/** A run that has begun a moment ago: nothing is known yet. */
export function freshRun(): RunSnapshot {
  const { head, memory, ...rest } = storyRun()
  const { rate: _, eta: __, ...young } = head

  const batches = batchesOf(stories).map((batch) => ({
    ...batch,
    state: batch.phase === 0 ? ('ready' as const) : ('waiting' as const),
    succeeded: 0,
    failed: 0,
    running: 0,
    waiting: 0,
  }))
  return {
    ...rest,
    head: { ...young, startedAt: NOW, clock: { since: NOW }, ...countsOf(batches), seq: 1 },
    batches,
    phases: rest.phases.map((phase, place) => ({ ...phase, state: place === 0 ? 'running' : 'waiting', done: 0 })),
    threads: [1, 2, 3, 4, 5, 6].map((number) => thread(number, { state: 'starting', used: bytes(0), done: 0 })),
    memory: { ...calm(memory), used: bytes(0), history: [], isKnown: false },
    spans: [],
    events: [],
  }
}

/** A plan of one batch and two threads, without phases. */
export function smallRun(): RunSnapshot {
  const { head, memory, ...rest } = storyRun()
  const batches: BatchView[] = [
    {
      index: batchIndex(0),
      id: 'audit',
      title: 'audit',
      level: 'medium',
      state: 'running',
      total: 120,
      succeeded: 80,
      failed: 0,
      skipped: 0,
      running: 2,
      waiting: 0,
      needs: [],
      usual: millis(340),
      p95: millis(900),
    },
  ]
  const name = ['@alcalzone/ansi-tokenize', 'typescript']
  return {
    ...rest,
    head: {
      ...head,
      plan: 'audit-dependencies',
      startedAt: at(0, 40, 55),
      clock: { since: at(0, 40, 55) },
      ...countsOf(batches),
      rate: 282,
      eta: { p50: millis(8200), p90: millis(9000) },
    },
    phases: [],
    batches,
    threads: [1, 2].map((number) =>
      thread(number, {
        ...running(80 + number, name[number - 1] ?? '', 0, 0, 0.1 * number),
        used: bytes(90 * MB),
        cap: bytes(6 * GB),
      }),
    ),
    memory: { ...calm(memory), used: bytes(180 * MB), history: [bytes(60 * MB), bytes(140 * MB), bytes(180 * MB)] },
    spans: [1, 2].map((number) => ({ thread: threadNumber(number), batch: batchIndex(0), from: at(0, 40, 56) })),
    events: [event(1, at(0, 40, 55), { type: 'batch.started', batch: batchIndex(0) }, { batch: 'audit' })],
  }
}

/** As many threads as asked for, all at work. */
export function manyThreads(count: number): RunSnapshot {
  const story = storyRun()
  const threads = Array.from({ length: count }, (_, place) =>
    thread(
      place + 1,
      running(100 + place, `US-${101 + place}`, place % 2 === 0 ? 11 : 12, 5 + place * 3, (place % 19) / 20),
    ),
  )
  const spans = threads.map(
    ({ thread: number }): Span => ({ thread: number, batch: batchIndex(11), from: at(0, 28, 40) }),
  )
  const used = bytes(threads.reduce((sum, one) => sum + one.used, 0))
  const { memory } = story
  const scale = count / 6
  return {
    ...story,
    threads,
    spans,
    memory: {
      ...memory,
      used,
      budget: bytes(memory.budget * scale),
      budgetNow: bytes(memory.budget * scale),
      total: bytes(memory.total * scale),
      system: { total: bytes(memory.total * scale), available: bytes(memory.total * scale - used - GB) },
      history: memory.history.map((value) => bytes(value * scale)),
    },
  }
}

/** The run is over: most succeeded, some failed. */
export function endedRun(outcome: 'succeeded' | 'failed' | 'stopped' = 'failed'): RunSnapshot {
  const story = storyRun()
  const failed = outcome === 'failed' ? 3 : 0
  const batches = story.batches.map((batch, place) => {
    const own = place === 13 ? failed : 0
    return {
      ...batch,
      state: 'ended' as const,
      succeeded: batch.total - own,
      failed: own,
      running: 0,
      waiting: 0,
      needs: [],
    }
  })
  const { eta: _, ...head } = story.head
  const counts = countsOf(batches)
  const last: RunEvent = {
    type: 'run.finished',
    outcome,
    succeeded: counts.succeeded,
    failed,
    skipped: 0,
    left: 0,
    ms: millis(58 * MINUTE),
    exit: outcome === 'succeeded' ? 0 : outcome === 'failed' ? 1 : 3,
  }
  return {
    ...story,
    head: {
      ...head,
      ...counts,
      state: 'ended',
      outcome,
      exit: last.exit,
      clock: { elapsed: millis(58 * MINUTE) },
      seq: 900,
    },
    memory: over(story.memory),
    phases: story.phases.map((phase) => ({ ...phase, state: 'ended', done: phase.total })),
    batches,
    threads: story.threads.map(({ thread: number }) => thread(number, { state: 'stopped', used: bytes(0) })),
    spans: story.spans.map((span) => ({ ...span, to: span.to ?? wallTime(START + 57 * MINUTE) })),
    events: [...story.events, event(900, wallTime(START + 58 * MINUTE), last)],
  }
}

/** Names that try to break the screen: wide, combined, longer than it, full of control sequences. */
export const hostileNames: readonly string[] = [
  '日本語のとても長い名前の項目がここにあります-第百二十三番目の作業',
  '\u001B[2J\u001B[31mred\u0007\u0000name\r\nwith lines',
  '👩‍👩‍👧‍👦 family 🇨🇭 flag ❤️ heart 1️⃣',
  'e\u0301e\u0301e\u0301 combined Z\u0351\u036B\u0343algo',
  'a'.repeat(300),
  '\u202Eright to left\u202C ',
  'عربى עברית',
  'no UTF-8 \uDCE9\uDCFF\nin\u2028lines',
  'docs/guide/getting started/first steps with a very long path/index.md',
]

export function hostileRun(): RunSnapshot {
  const story = manyThreads(hostileNames.length)
  return {
    ...story,
    head: { ...story.head, plan: hostileNames[1] ?? '' },
    threads: story.threads.map((one, place) => ({
      ...one,
      item: { index: itemIndex(place), name: hostileNames[place] ?? '', attempt: 1, tries: 1 },
    })),
    batches: story.batches.map((batch, place) => ({
      ...batch,
      title: hostileNames[place % hostileNames.length] ?? '',
    })),
    events: hostileNames.map((name, place) =>
      event(
        place + 1,
        NOW,
        {
          type: 'item.failed',
          item: itemIndex(place),
          thread: threadNumber(1),
          attempt: 1,
          ms: millis(1),
          reason: { kind: 'threw', message: name },
        },
        { name },
      ),
    ),
  }
}
