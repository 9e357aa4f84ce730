/** The end of a thread that is to go. */
import type { LiveThread } from '../run/live.ts'
import { threadFacts } from '../run/state.ts'
import type { Core } from './core.ts'
import { processGone } from './forgetting.ts'

/** Ends the process of a thread that is to go. */
export function retire(core: Core, thread: LiveThread): void {
  if (thread.process === 'none' || thread.process === 'broken') return stopped(core, thread)
  if (thread.process === 'stopping') return
  thread.process = 'stopping'
  void core.thread(thread.thread).stop()
}

export function stopped(core: Core, thread: LiveThread): void {
  thread.process = 'none'
  processGone(core, thread)
  // Whoever waits for it to freeze or to go on waits no more.
  thread.pause = 'none'
  thread.isToDrain = false
  const { isStarted, paused } = threadFacts(core.state, thread.thread)
  if (isStarted || paused) core.emit({ type: 'thread.stopped', thread: thread.thread })
  // It may have been wanted again while its process ended.
  thread.isRetiring = thread.thread > core.wanted
  // Only the highest numbers ever go, so that the others keep theirs.
  while (core.live.threads.at(-1)?.isRetiring && core.live.threads.at(-1)?.process === 'none') {
    core.live.threads.pop()
    core.threads.pop()
  }
  core.addThreads()
}
