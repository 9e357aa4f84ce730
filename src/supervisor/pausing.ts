/**
 * Pause and resume of single threads, by a person or by the governor. What was asked for acts first and is a fact once it is true. A person's
 * pause takes over the governor's, never the other way round.
 */
import type { By } from '../model/event.ts'
import type { LiveThread } from '../run/live.ts'
import { thawClock } from '../run/observe.ts'
import { threadFacts } from '../run/state.ts'
import { forgetActs } from './acts.ts'
import { askCheckpoint } from './checkpoints.ts'
import type { Core } from './core.ts'
import type { Input } from './input.ts'

/** A person's pause: freezes a thread at once; its unstarted items go back first. */
export function freezeThread(core: Core, thread: LiveThread): void {
  const isGovernors = thread.pausedBy === 'governor' && thread.pause !== 'none'
  thread.pausedBy = 'user'
  thread.isToDrain = false
  if (thread.pause === 'freezing' || (thread.pause === 'paused' && !isGovernors)) return
  // What the governor froze stays so; only whose pause it is has changed.
  if (thread.pause === 'paused' && thread.isFrozen) thread.pause = 'freezing'
  if (thread.process !== 'ready' || thread.isFrozen) return pausedNow(core, thread)
  thread.pause = 'freezing'
  core.thread(thread.thread).freeze()
}

/** Lets the running item finish, then pauses. What the governor made stand still goes on when the governor says so. */
export function drainThread(core: Core, thread: LiveThread): void {
  if (thread.pause !== 'none') {
    thread.isToDrain = thread.pausedBy === 'governor'
    return
  }
  thread.pausedBy = 'user'
  if (!thread.held) return pausedNow(core, thread)
  thread.pause = 'draining'
  core.thread(thread.thread).takeBack()
}

/**
 * The governor's pause: its item is to stand still at a tick.
 * @param patience who does not come to one in this time (in ms) is frozen; left out: nobody is
 */
export function holdThread(core: Core, thread: LiveThread, patience?: number): void {
  const { held } = thread
  if ((thread.pause !== 'none' && thread.pause !== 'draining') || !held) return
  thread.isToDrain = thread.pause === 'draining'
  thread.pause = 'holding'
  thread.pausedBy = 'governor'
  const side = core.thread(thread.thread)
  if (!side.abilities.hold) {
    if (patience !== undefined) freezeHeld(core, thread)
    return
  }
  side.hold()
  const hold = (thread.holds += 1)
  if (patience === undefined) return
  setTimeout(() => core.post({ type: 'holdOver', thread: thread.thread, hold }), patience).unref()
}

/** It did not come to a tick, if it is there and this is still what it is held for. */
export function holdOver(core: Core, { thread: number, hold }: Extract<Input, { type: 'holdOver' }>): void {
  const thread = core.live.threads[number - 1]
  if (thread?.pause === 'holding' && thread.holds === hold) freezeHeld(core, thread)
}

function freezeHeld(core: Core, thread: LiveThread): void {
  thread.pause = 'freezing'
  core.thread(thread.thread).freeze()
}

/** The thread stands still. */
export function pausedNow(core: Core, thread: LiveThread): void {
  if (thread.pause === 'paused') return
  thread.pause = 'paused'
  core.emit({ type: 'thread.paused', thread: thread.thread, by: thread.pausedBy })
  if (thread.pausedBy === 'governor') return
  // Whoever stops everything may be about to switch the machine off.
  if (core.live.threads.every(({ pause, isRetiring }) => pause === 'paused' || isRetiring)) askCheckpoint(core, 'user')
}

/** Lets a thread go on where it was. */
export function resumeThread(core: Core, thread: LiveThread, by: By): void {
  const { pause } = thread
  if (pause === 'none') return
  thread.pausedBy = by
  if (by === 'user') thread.isToDrain = false
  // Also where it was frozen before it came to a tick: it would stop there later, with nobody to let it go on.
  core.thread(thread.thread).release()
  thread.isHeld = false
  if (pause === 'freezing' || thread.isFrozen) return core.thread(thread.thread).thaw()
  goneOn(core, thread)
}

/** It gets on again. */
export function goneOn(core: Core, thread: LiveThread): void {
  thread.isFrozen = false
  thawClock(thread, core.clock.now())
  if (thread.pause === 'none') return
  thread.pause = 'none'
  // One that was taken back before it stood.
  forgetActs(core, thread.thread, ['pause'])
  if (threadFacts(core.state, thread.thread).paused)
    core.emit({ type: 'thread.resumed', thread: thread.thread, by: thread.pausedBy })
  if (!thread.isToDrain) return
  thread.isToDrain = false
  drainThread(core, thread)
}

/** The item the governor made stand still is not there any more: nothing is left to wait for. */
export function endGovernorsPause(core: Core, thread: LiveThread): void {
  if (thread.pausedBy === 'governor' && thread.pause !== 'none') resumeThread(core, thread, 'governor')
}
