/** What items took of memory: the most that any look saw, or exactly where the kernel keeps it. */
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import type { LiveThread } from '../run/live.ts'
import type { Core } from './core.ts'

/** Asking the kernel costs 0.05 ms: not for less work than this. */
const ASK_FROM_MS = 20

/** The journal keeps whole KiB. */
const UNIT = 1024

/** @param ms how long the items took that have just ended @returns undefined where nobody looked */
export function takePeak(core: Core, thread: LiveThread, ms: number): Bytes | undefined {
  const seen = thread.held?.peak
  const exact = ms >= ASK_FROM_MS ? core.eye.takePeak(thread.thread) : undefined
  if (seen === undefined && exact === undefined) return undefined
  return bytes(Math.round(Math.max(seen ?? 0, exact ?? 0) / UNIT) * UNIT)
}
