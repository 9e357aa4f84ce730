/** What items took of memory: the most that any look saw, or exactly where the kernel keeps it. */
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import type { LiveThread } from '../run/live.ts'
import type { Core } from './core.ts'
import { TIDY_ABOVE } from './governing-state.ts'

/** Asking the kernel costs 0.05 ms: not for less work than this. */
export const ASK_FROM_MS = 20

/** Less than this left over is what every process has. */
const WORTH_LOOKING = TIDY_ABOVE

/** An item is known by what it took only where it took clearly more than was left there. */
const CLEARLY = 1.5

/** The journal keeps whole KiB. */
const UNIT = 1024

/** @param ms how long the items took that have just ended @returns undefined where nobody looked */
export function takePeak(core: Core, thread: LiveThread, ms: number): Bytes | undefined {
  const seen = thread.held?.peak
  // It is a tree of processes of its own: the kernel knows the most of each, and not of all together.
  if (thread.kind === 'command') return seen && inUnits(seen)
  const isLong = ms >= ASK_FROM_MS
  const told = isLong ? core.eye.takePeak(thread.thread) : undefined
  const exact = thread.isPeakStale ? undefined : told
  thread.isPeakStale = !isLong
  if (seen === undefined && exact === undefined) return undefined
  const peak = Math.max(seen ?? 0, exact ?? 0)
  const leftover = thread.held?.leftover ?? 0
  if (leftover >= WORTH_LOOKING && peak <= leftover * CLEARLY) return undefined
  return inUnits(peak)
}

function inUnits(peak: number): Bytes {
  return bytes(Math.round(peak / UNIT) * UNIT)
}

/** The peak of the next item is counted from here. */
export function resetPeak(core: Core, thread: LiveThread): void {
  core.eye.takePeak(thread.thread)
  thread.isPeakStale = false
}

/** What the item before had left is gone: what is seen from now on is the item's own. */
export function countFromHere(core: Core, thread: LiveThread): void {
  if (!core.governing.cleaning.delete(thread.thread) || !thread.held) return
  resetPeak(core, thread)
  thread.held.peak = undefined
  thread.held.leftover = core.eye.usedNow(thread.thread) ?? thread.used
  thread.keeps = thread.held.leftover
}
