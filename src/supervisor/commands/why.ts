import type { Answer } from '../../model/command.ts'
import type { ItemIndex } from '../../model/ids.ts'
import { batchOf } from '../../model/plan.ts'
import { runningItem } from '../../run/live.ts'
import { batchState } from '../../run/state.ts'
import { explainItem, hasFailed } from '../../schedule/explain.ts'
import { Admission } from '../admission.ts'
import type { Core } from '../core.ts'
import { done } from '../core.ts'

/** Why an item is not running, with what only the live run knows. */
export function explain(core: Core, item: ItemIndex): Answer {
  const holder = core.live.threads.find(({ held }) =>
    held?.chunk.items.some((one, place) => one === item && held.gone[place] === 0),
  )
  const memory = new Admission(core).lackOf(item)
  const { opened } = batchState(core.state, batchOf(core.plan, item).index).breaker ?? {}
  const dueAt = core.state.backoff.at(item)
  const lines = explainItem(core.state, item, {
    ...(holder ? { thread: holder.thread, isNext: runningItem(holder) !== item } : {}),
    ...(dueAt === undefined ? {} : { dueIn: (dueAt - core.clock.now()) / 1000 }),
    ...(opened ? { shutFor: (opened.until - core.clock.now()) / 1000 } : {}),
    paused: core.live.threads.filter(({ pause }) => pause === 'paused').length,
    threads: core.live.threads.length,
    ...(memory === undefined ? {} : { memory }),
    ...(holder?.pause === 'paused' ? { pausedBy: holder.pausedBy } : {}),
  })
  return done(lines.join('\n'), { hasFailed: hasFailed(core.state, item) })
}
