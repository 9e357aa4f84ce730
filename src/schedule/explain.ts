/** Why an item is not running, or how it ended: what `batchtop why` says. */
import type { By } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import { threadNumber } from '../model/ids.ts'
import { nameText } from '../model/names.ts'
import type { Batch } from '../model/plan.ts'
import { batchOf, isUnlisted, itemName } from '../model/plan.ts'
import { MAX_MEMORY_FAILURES } from '../model/reason.ts'
import { commandText } from '../run/command-text.ts'
import type { RunState } from '../run/state.ts'
import { batchState, queued, STATUS } from '../run/state.ts'
import { eligibility } from './eligible.ts'
import { explainBreaker, explainUndo } from './explain-guards.ts'
import { rankBatches } from './rank.ts'
import { reasonText } from './reason-text.ts'

/** What is known of the moment besides the facts; for an ended run all of it is left out. */
export interface Moment {
  /** Thread that runs the item right now. */
  readonly thread?: number
  /** True: it is in a thread's chunk but has not begun. */
  readonly isNext?: boolean
  /** Seconds until the breaker of its batch lets an item try. */
  readonly shutFor?: number
  /** Seconds until its backoff ends. */
  readonly dueIn?: number
  /** How many threads are paused, and how many there are. */
  readonly paused?: number
  readonly threads?: number
  /** Why memory keeps it from starting, in words, without full stop. */
  readonly memory?: string
  /** Who paused the thread that has it. */
  readonly pausedBy?: By
}

export function explainItem(state: RunState, item: ItemIndex, moment: Moment = {}): string[] {
  const batch = batchOf(state.plan, item)
  const name = nameText(itemName(batch, item - batch.first))
  const attempts = state.items.attempts[item] ?? 0
  const reason = state.reasons.get(item)
  switch (state.items.status[item] ?? STATUS.queued) {
    case STATUS.succeeded:
      return [`${name} succeeded at attempt ${attempts}.`, ...command(state, item, moment)]
    case STATUS.failed:
      return [
        `${name} failed for good after ${count(attempts, 'attempt')}: ${reasonText(reason)}.`,
        ...explainUndo(state, item, batch, moment.thread),
        ...command(state, item, moment),
      ]
    case STATUS.skipped:
      return [`${name} was skipped: ${skipReason(state, item, batch)}.`]
    case STATUS.waiting:
      return [
        `${name} failed ${failure(state, item, batch)} and tries again${due(moment)}.`,
        ...explainBreaker(state, batch, moment.shutFor),
        ...command(state, item, moment),
      ]
    case STATUS.handed:
      return [
        running(name, attempts, moment),
        ...paused(moment),
        ...tooLittle(state, item),
        ...command(state, item, moment),
      ]
    default:
      return [
        ...explainQueued(state, { batch, name, moment }),
        ...tooLittle(state, item),
        ...command(state, item, moment),
      ]
  }
}

/** Its last attempt did not succeed, and nothing of it has begun since. */
export function hasFailed({ items }: RunState, item: ItemIndex): boolean {
  return items.status[item] === STATUS.failed || items.status[item] === STATUS.waiting
}

function running(name: string, attempt: number, { thread, isNext }: Moment): string {
  if (thread === undefined) return `${name} was on a thread when the run was interrupted.`
  return isNext ? `${name} is next on thread ${thread}.` : `${name} runs on thread ${thread}, attempt ${attempt}.`
}

/** Most lines of a command that are shown: the plan has all. */
const MOST_LINES = 6

function command({ plan }: RunState, item: ItemIndex, { thread }: Moment): string[] {
  const text = commandText(plan, item, thread === undefined ? undefined : threadNumber(thread))
  if (text === undefined) return []
  const [first = '', ...more] = text.split('\n')
  if (more.length === 0) return [`Command: ${first}`]
  const left = more.length + 1 - MOST_LINES
  const rest = left > 0 ? [`… ${count(left, 'more line')}`] : []
  return ['Command:', ...[first, ...more.slice(0, MOST_LINES - 1), ...rest].map((line) => `  ${line}`)]
}

function paused({ thread, pausedBy }: Moment): string[] {
  if (pausedBy === undefined) return []
  return [
    pausedBy === 'governor' ? `The governor paused thread ${thread} to save memory.` : `Thread ${thread} is paused.`,
  ]
}

/** What its last attempt failed for: memory has tries of its own. */
function failure(state: RunState, item: ItemIndex, batch: Batch): string {
  const reason = state.reasons.get(item)
  const forMemory = state.appetites.get(item)?.failures ?? 0
  if (reason?.kind === 'memory') return `for memory, ${timesOf(forMemory)} (${reason.message}),`
  const attempts = (state.items.attempts[item] ?? 0) - forMemory
  return `attempt ${attempts} of ${batch.retry.attempts} (${reasonText(reason)})`
}

/** What an item that is tried again after memory failures has behind it. */
function tooLittle(state: RunState, item: ItemIndex): string[] {
  const failures = state.appetites.get(item)?.failures ?? 0
  const reason = state.reasons.get(item)
  const message = reason?.kind === 'memory' ? `: ${reason.message}` : ''
  return failures === 0 ? [] : [`It failed for memory ${timesOf(failures)}${message}.`]
}

function timesOf(failures: number): string {
  return `${failures} of ${MAX_MEMORY_FAILURES} times`
}

function due({ dueIn }: Moment): string {
  return dueIn === undefined ? '' : ` in ${Math.max(0, Math.ceil(dueIn))} s`
}

function skipReason(state: RunState, item: ItemIndex, batch: Batch): string {
  const because = state.because.get(item) ?? batchState(state, batch.index).because
  if (because?.kind === 'need') return `it needs ${because.id}, which did not succeed`
  return 'a person skipped it'
}

/** A queued item may have several things in its way; all are named, the batch's own first. */
function explainQueued(
  state: RunState,
  { batch, name, moment }: { batch: Batch; name: string; moment: Moment },
): string[] {
  if (state.endedAt !== undefined) return [`${name} never ran: the run was stopped before its turn.`]
  const lines: string[] = []
  const facts = batchState(state, batch.index)
  const eligible = eligibility(state, batch)
  if (eligible.kind === 'blocked') lines.push(`${name} waits: batch ${batch.id} needs ${eligible.by.join(', ')} first.`)
  lines.push(...explainBreaker(state, batch, moment.shutFor))
  if (facts.pausedBy !== undefined) lines.push(`Batch ${batch.id} is paused.`)
  if (state.draining !== 'no') lines.push('The run is being stopped: nothing new starts.')
  if (moment.threads !== undefined && moment.paused === moment.threads) lines.push('All threads are paused.')
  if (batch.parallel !== undefined && facts.handed >= batch.parallel) {
    lines.push(`Batch ${batch.id} runs at most ${count(batch.parallel, 'item')} at once.`)
  }
  if (moment.memory !== undefined) lines.push(`${name} waits for memory: ${moment.memory}.`)
  if (isUnlisted(batch))
    lines.push(`${name} stands for the items of batch ${batch.id}, which are listed when it may start.`)
  if (lines.length === 0) lines.push(`${name} is in the queue: ${ahead(state, batch)}.`)
  return lines
}

function ahead(state: RunState, batch: Batch): string {
  let items = 0
  for (const index of rankBatches(state.plan)) {
    if (index === batch.index) break
    items += queued(batchState(state, index))
  }
  return items === 0
    ? `its batch ${batch.id} is next in the order of work`
    : `${count(items, 'item')} of more urgent batches come first`
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
