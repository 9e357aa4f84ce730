/** One round of handing out: what each thread is offered, and how many processes the rest is worth. */
import type { BatchIndex } from '../model/ids.ts'
import type { WorkKind } from '../model/plan.ts'
import type { LiveThread } from '../run/live.ts'
import { batchState, queued } from '../run/state.ts'
import { mostAtOnce } from '../schedule/breaker.ts'
import type { Field, Picked } from '../schedule/pick.ts'
import { pick } from '../schedule/pick.ts'
import { Admission } from './admission.ts'
import type { Core } from './core.ts'

export interface Round {
  readonly core: Core
  /** Open batches, most urgent first. */
  readonly open: readonly BatchIndex[]
  readonly admission: Admission
  readonly crew: Omit<Field, 'fits'>
}

export function beginRound(core: Core, open: readonly BatchIndex[]): Round {
  const crew = {
    open,
    threads: activeThreads(core),
    cores: core.cores,
    busy: (batch: BatchIndex) => busyThreads(core, batch),
  }
  return { core, open, admission: new Admission(core), crew }
}

/** @param only work of this kind alone; left out: of any */
export function offer({ core, admission, crew }: Round, thread: LiveThread, only?: WorkKind): Picked | undefined {
  const isFresh = thread.isFresh || thread.process !== 'ready'
  const taker = { thread: thread.thread, isFresh, ...(only === undefined ? {} : { only }) }
  return pick(core.state, taker, { ...crew, fits: (batch, own) => admission.fits(thread, batch, own) })
}

export function kindOf({ core }: Round, { batch }: { readonly batch: BatchIndex }): WorkKind {
  return core.batch(batch).work.kind
}

/**
 * Processes cost memory and time (66 MB and 0.1 s for task modules): as many are started as there are items nobody could take otherwise.
 * Only threads that may take one of them count; those that are free by now found nothing they may take.
 */
export function startProcesses(round: Round): void {
  const { core } = round
  const absent = core.live.threads.filter(({ process, pause, isRetiring }) => {
    return process === 'none' && pause === 'none' && !isRetiring
  })
  if (absent.length === 0) return
  const left = { module: unserved(round, 'module'), command: unserved(round, 'command') }
  for (const thread of absent) {
    if (left.module <= 0 && left.command <= 0) return
    const kind = nextKind(round, thread, left)
    if (kind === undefined) continue
    left[kind] -= 1
    thread.process = 'starting'
    thread.kind = kind
    core.thread(thread.thread).start(kind)
  }
}

type Left = Readonly<Record<WorkKind, number>>

/** Of the kind it would take first, or of the other where others come for that. */
function nextKind(round: Round, thread: LiveThread, left: Left): WorkKind | undefined {
  const next = offer(round, thread)
  if (next?.kind === 'lacks') round.admission.note(next)
  if (next?.kind !== 'items') return undefined
  const kind = kindOf(round, next)
  if (left[kind] > 0) return kind
  const other = kind === 'module' ? 'command' : 'module'
  return left[other] > 0 && offer(round, thread, other)?.kind === 'items' ? other : undefined
}

/** How many items of a kind could start now and have no process that is on its way to take them. */
export function unserved(round: Round, kind: WorkKind): number {
  const { core, open } = round
  const items = open.reduce((sum, index) => sum + (core.batch(index).work.kind === kind ? roomIn(round, index) : 0), 0)
  if (items === 0) return 0
  const coming = core.live.threads.filter((thread) => {
    return thread.process === 'starting' && thread.kind === kind && mayTake(round, thread, kind)
  })
  return items - coming.length
}

function mayTake(round: Round, thread: LiveThread, kind: WorkKind): boolean {
  return thread.pause === 'none' && !thread.isRetiring && offer(round, thread, kind)?.kind === 'items'
}

/** How many items of a batch could be handed out one by one. */
function roomIn({ core, crew }: Round, index: BatchIndex): number {
  const { parallel } = core.batch(index)
  const facts = batchState(core.state, index)
  const items = Math.min(queued(facts), mostAtOnce(facts))
  return parallel === undefined ? items : Math.min(items, Math.max(0, parallel - crew.busy(index)))
}

function activeThreads(core: Core): number {
  return core.live.threads.reduce((sum, { isRetiring }) => sum + (isRetiring ? 0 : 1), 0)
}

function busyThreads(core: Core, batch: BatchIndex): number {
  return core.live.threads.reduce((sum, { held }) => sum + (held?.chunk.batch.index === batch ? 1 : 0), 0)
}
