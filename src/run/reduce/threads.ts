/** Facts about threads: which exist, which are paused by whom. */
import type { RunEvent } from '../../model/event.ts'
import type { ThreadNumber } from '../../model/ids.ts'
import type { WallTime } from '../../model/units.ts'
import type { RunState } from '../state.ts'
import { threadFacts } from '../state.ts'
import { leaveThread } from './spans.ts'

export function startThread(state: RunState, thread: ThreadNumber): void {
  threadFacts(state, thread).isStarted = true
}

export function pauseThread(state: RunState, event: Extract<RunEvent, { type: 'thread.paused' }>, at: WallTime): void {
  threadFacts(state, event.thread).paused = { by: event.by, at }
}

export function resumeThread(state: RunState, thread: ThreadNumber): void {
  threadFacts(state, thread).paused = undefined
}

export function replaceThread(state: RunState, thread: ThreadNumber): void {
  threadFacts(state, thread).replaced += 1
}

export function stopThread(state: RunState, thread: ThreadNumber, at: WallTime): void {
  const facts = threadFacts(state, thread)
  facts.isStarted = false
  facts.paused = undefined
  leaveThread(state, thread, facts.handed, at)
}
