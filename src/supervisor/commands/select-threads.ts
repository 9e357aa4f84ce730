/** Which threads and batch a pause or resume means. */
import type { Answer, ThreadSelection } from '../../model/command.ts'
import type { Batch } from '../../model/plan.ts'
import type { LiveThread } from '../../run/live.ts'
import type { Core } from '../core.ts'
import { refused } from '../core.ts'

export type Selected =
  | { readonly ok: true; readonly threads: readonly LiveThread[]; readonly batch?: Batch }
  | Extract<Answer, { ok: false }>

export function selectThreads(core: Core, { threads, batch: id }: ThreadSelection): Selected {
  // A thread that is to go finishes its item first: that one can be paused, and must be resumed with the others.
  const all = core.live.threads.filter(({ isRetiring, held }) => !isRetiring || held !== undefined)
  if (threads !== undefined) {
    const unknown = threads.find((number) => !all.some(({ thread }) => thread === number))
    if (unknown !== undefined) return noThread(unknown, all.length)
    return { ok: true, threads: all.filter(({ thread }) => threads.includes(thread)) }
  }
  if (id === undefined) return { ok: true, threads: all }
  const batch = core.plan.batches.find((one) => one.id === id)
  if (!batch)
    return refused('no-batch', `No batch ${id} in this run.`, { hint: listBatches(core), exit: 4 }) as Selected
  return { ok: true, batch, threads: all.filter(({ held }) => held?.chunk.batch.index === batch.index) }
}

function noThread(number: number, count: number): Selected {
  return refused('no-thread', `No thread ${number}: there are threads 1 to ${count}.`, { exit: 4 }) as Selected
}

function listBatches(core: Core): string {
  const ids = core.plan.batches.map(({ id }) => id)
  return `It has ${ids.slice(0, 12).join(', ')}${ids.length > 12 ? ', …' : ''}.`
}

/** `thread 3`, `threads 1, 2`. */
export function nameThreads(threads: readonly LiveThread[]): string {
  return `thread${threads.length === 1 ? '' : 's'} ${threads.map(({ thread }) => thread).join(', ')}`
}
