/** Breakers of batches: said to be open, or closed again, once an attempt has ended or a person wants it. */
import type { BatchIndex } from '../model/ids.ts'
import { batchState } from '../run/state.ts'
import { judgeBreaker } from '../schedule/breaker.ts'
import type { Core } from './core.ts'

export function watchBreaker(core: Core, index: BatchIndex): void {
  const facts = batchState(core.state, index)
  const news = facts.breaker && judgeBreaker(core.batch(index), facts, core.clock.now())
  if (!news) return
  core.emit(news)
  core.standing = undefined
  if (news.type === 'breaker.opened') takeBack(core, index)
}

/** What threads have and have not begun starts no more than what is in the queue. */
function takeBack(core: Core, index: BatchIndex): void {
  for (const { thread, held } of core.live.threads) {
    if (held?.chunk.batch.index === index && !held.isUndo && held.left > 1) core.thread(thread).takeBack()
  }
}

/** A person says that what was broken is whole again. @returns whether it was open */
export function closeBreaker(core: Core, index: BatchIndex): boolean {
  if (!batchState(core.state, index).breaker?.opened) return false
  core.emit({ type: 'breaker.closed', batch: index })
  core.standing = undefined
  return true
}
