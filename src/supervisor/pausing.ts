/** Pause and resume of single threads. What a person asked for acts first and is a fact once it is true. */
import type { LiveThread } from '../run/live.ts'
import { askCheckpoint } from './checkpoints.ts'
import type { Core } from './core.ts'

/** Freezes a thread at once; its unstarted items go back first. */
export function freezeThread(core: Core, thread: LiveThread): void {
  if (thread.pause === 'freezing' || thread.pause === 'paused') return
  if (thread.process !== 'ready') return pausedNow(core, thread)
  thread.pause = 'freezing'
  core.thread(thread.thread).freeze()
}

/** Lets the running item finish, then pauses. */
export function drainThread(core: Core, thread: LiveThread): void {
  if (thread.pause !== 'none') return
  if (!thread.held) return pausedNow(core, thread)
  thread.pause = 'draining'
  core.thread(thread.thread).takeBack()
}

/** The thread stands still. */
export function pausedNow(core: Core, thread: LiveThread): void {
  if (thread.pause === 'paused') return
  thread.pause = 'paused'
  core.emit({ type: 'thread.paused', thread: thread.thread, by: 'user' })
  // Whoever stops everything may be about to switch the machine off.
  if (core.live.threads.every(({ pause, isRetiring }) => pause === 'paused' || isRetiring)) askCheckpoint(core, 'user')
}

/** Lets a thread go on where it was. */
export function resumeThread(core: Core, thread: LiveThread): void {
  if (thread.pause === 'none') return
  if (thread.pause === 'draining') {
    thread.pause = 'none'
    return
  }
  if (thread.pause === 'freezing' || thread.frozenAt !== undefined) return core.thread(thread.thread).thaw()
  thread.pause = 'none'
  core.emit({ type: 'thread.resumed', thread: thread.thread, by: 'user' })
}
