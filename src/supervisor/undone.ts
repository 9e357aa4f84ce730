/** How the undo of an item ends: it has run, well or not, or what it ran on is gone and it is due again. */
import type { ItemResult } from '../model/chunk.ts'
import type { ItemIndex } from '../model/ids.ts'
import { MAX_LOSSES } from '../model/reason.ts'
import { millis } from '../model/units.ts'
import type { HeldChunk, LiveThread } from '../run/live.ts'
import { leavePlaces } from '../run/observe.ts'
import { endBatch } from './batches.ts'
import type { Core } from './core.ts'

interface Holder {
  readonly thread: LiveThread
  readonly held: HeldChunk
}

export function endUndo(core: Core, { thread, held }: Holder, result: ItemResult): void {
  if (leavePlaces(held, [result.place], core.clock.now()).length === 0) return
  const item = held.chunk.items[result.place] as ItemIndex
  if (isAgain(core, item, result)) return
  const { ms, log } = result
  core.emit({
    type: 'item.undone',
    item,
    thread: thread.thread,
    ms: millis(ms),
    ...(result.ok ? {} : { reason: result.reason }),
    ...(log === undefined ? {} : { log }),
  })
  endBatch(core, held.chunk.batch.index)
}

/** What was taken from under it says nothing about it, unless that happens again and again. */
function isAgain(core: Core, item: ItemIndex, result: ItemResult): boolean {
  const isLost = !result.ok && (result.reason.kind === 'lost' || result.reason.kind === 'memory')
  const losses = (core.undoLosses.get(item) ?? 0) + 1
  if (isLost && losses < MAX_LOSSES) {
    core.undoLosses.set(item, losses)
    return true
  }
  core.undoLosses.delete(item)
  return false
}
