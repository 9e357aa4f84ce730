/** What was true of a process is not true of the next. */
import { noteItemEnded } from '../govern/governor.ts'
import type { WorkKind } from '../model/plan.ts'
import { bytes } from '../model/units.ts'
import type { LiveThread } from '../run/live.ts'
import { forgetActs } from './acts.ts'
import type { Core } from './core.ts'

/** Whatever was known of a thread's process is true no more. */
export function processGone(core: Core, thread: LiveThread): void {
  thread.held = undefined
  thread.frozenAt = undefined
  thread.pid = undefined
  thread.isHeld = false
  thread.isFrozen = false
  thread.isLeaving = false
  thread.spent = undefined
  thread.keeps = bytes(0)
  thread.isPeakStale = false
  thread.measured = undefined
  // Nobody looks at it any more: what it had is free.
  thread.used = bytes(0)
  core.governing.cleaning.delete(thread.thread)
  noteItemEnded(core.governing.governor, thread.thread)
  forgetActs(core, thread.thread, ['pause', 'reclaim'])
}

/** A free thread gets a new process, for work of this kind. */
export function renew(core: Core, thread: LiveThread, kind: WorkKind): void {
  thread.process = 'starting'
  thread.kind = kind
  processGone(core, thread)
  core.thread(thread.thread).renew(kind)
}
