/** The only writer of Live: what reports, samples and the supervisor's own acts mean for the picture of this moment. */
import type { Chunk, Sample } from '../model/chunk.ts'
import type { ThreadNumber } from '../model/ids.ts'
import type { Bytes, WallTime } from '../model/units.ts'
import { bytes, wallTime } from '../model/units.ts'
import type { HeldChunk, Live, LiveThread } from './live.ts'

/** The memory curve of the screen: a point every 5 s, five minutes of it. */
const HISTORY_EVERY_MS = 5000
const HISTORY_POINTS = 60

interface Holding {
  /** What an item of it is expected to take. */
  readonly expected: Bytes
  /** What the thread may take. */
  readonly cap: Bytes
  readonly isUndo?: boolean
}

const UNKNOWN: Holding = { expected: bytes(0), cap: bytes(0) }

export function holdChunk(thread: LiveThread, chunk: Chunk, now: WallTime, holding = UNKNOWN): void {
  const isAlone = chunk.batch.work.kind === 'command' || (thread.isFresh && chunk.items.length === 1)
  thread.isFresh = false
  thread.held = {
    chunk,
    gone: new Uint8Array(chunk.items.length),
    left: chunk.items.length,
    running: 0,
    since: now,
    isEnding: false,
    fraction: undefined,
    note: undefined,
    log: undefined,
    peak: undefined,
    isUndo: false,
    ...holding,
    isAlone,
    leftover: thread.used,
  }
}

/** Items of the chunk have ended or were taken back; returns those of the places that were still held. */
export function leavePlaces(held: HeldChunk, places: readonly number[], now: WallTime): number[] {
  const left = places.filter((place) => held.gone[place] === 0)
  for (const place of left) held.gone[place] = 1
  held.left -= left.length
  moveOn(held, now)
  return left
}

/** The same for `count` places in a row: the hot path of items that succeed by the hundred. */
export function leaveRange(held: HeldChunk, from: number, count: number, now: WallTime): void {
  held.gone.fill(1, from, from + count)
  held.left -= count
  moveOn(held, now)
}

/** The item that runs is the first that is still held; it began when the one before it ended. */
function moveOn(held: HeldChunk, now: WallTime): void {
  if (held.gone[held.running] === 0) return
  while (held.running < held.gone.length - 1 && held.gone[held.running] === 1) held.running += 1
  held.since = now
  held.isEnding = false
  held.fraction = undefined
  held.note = undefined
  held.log = undefined
  held.peak = undefined
}

export function freezeClock(thread: LiveThread, now: WallTime): void {
  thread.frozenAt ??= now
}

export function thawClock(thread: LiveThread, now: WallTime): void {
  if (thread.frozenAt !== undefined && thread.held) {
    thread.held.since = wallTime(thread.held.since + (now - thread.frozenAt))
  }
  thread.frozenAt = undefined
}

export function observeSample(live: Live, sample: Sample, now: WallTime): void {
  live.system = sample.system
  for (const thread of live.threads) {
    const seen = sample.threads.find((one) => one.thread === thread.thread)
    hasUsed(thread, seen?.used ?? bytes(0))
    thread.cpu = seen?.cpu ?? 0
  }
  if (now - live.historyAt < HISTORY_EVERY_MS) return
  live.historyAt = now
  live.history.push(usedByAll(live))
  if (live.history.length > HISTORY_POINTS) live.history.shift()
}

interface Glance {
  readonly threads: readonly { readonly thread: ThreadNumber; readonly used: Bytes }[]
  readonly available?: Bytes
}

/** The same between two samples: only memory was looked at, and only of some threads. */
export function observeGlance(live: Live, { threads, available }: Glance): void {
  if (live.system && available !== undefined) live.system = { ...live.system, available }
  for (const { thread: number, used } of threads) {
    const thread = live.threads[number - 1]
    if (thread) hasUsed(thread, used)
  }
}

/** What running items are expected to take, as far as is known by now. */
export function observeExpected(
  live: Live,
  threads: readonly { readonly thread: ThreadNumber; readonly expected: Bytes }[],
): void {
  for (const { thread: number, expected } of threads) {
    const held = live.threads[number - 1]?.held
    if (held && held.left > 0) held.expected = expected
  }
}

function hasUsed(thread: LiveThread, used: Bytes): void {
  thread.used = used
  if (thread.held && used > (thread.held.peak ?? 0)) thread.held.peak = used
}

export function usedByAll(live: Live): Bytes {
  return bytes(live.threads.reduce((sum, { used }) => sum + used, 0))
}
