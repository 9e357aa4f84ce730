/** The rows of the screen's thread list. */
import { breakerText } from '../model/breaker-text.ts'
import type { BatchIndex, ItemIndex } from '../model/ids.ts'
import { batchOf, itemName } from '../model/plan.ts'
import type { Clock, ThreadStateWord, ThreadView, Trouble } from '../model/snapshot.ts'
import type { Bytes } from '../model/units.ts'
import { millis } from '../model/units.ts'
import type { HeldChunk, Live, LiveThread } from './live.ts'
import { runningItem } from './live.ts'
import type { RunState } from './state.ts'
import { batchState, isComplete, threadFacts } from './state.ts'

interface Surroundings {
  readonly blockedBy: (batch: BatchIndex) => readonly string[]
  readonly isLive: boolean
  readonly trouble?: Trouble | undefined
}

export function threadViews(state: RunState, live: Live, around: Surroundings): ThreadView[] {
  if (!around.isLive) return endedThreads(state, live)
  const rest = { idle: idleReason(state, live, around), cap: live.cap }
  return live.threads.map((thread) => threadView(state, thread, rest))
}

/** Of a run that is over nothing is known but what each thread did, and at most what it was at when the supervisor died. */
function endedThreads(state: RunState, live: Live): ThreadView[] {
  return state.threads.map(({ replaced, done }, place) => {
    const thread = live.threads[place]
    const end = thread?.frozenAt ?? state.lastAt
    return {
      thread: (place + 1) as ThreadView['thread'],
      ...(thread?.held ? heldView(state, { ...thread, frozenAt: end }, thread.held) : {}),
      state: 'stopped',
      used: 0 as ThreadView['used'],
      cap: state.plan.memory.perThread,
      cpu: 0,
      replaced,
      done,
    }
  })
}

type Idle = Pick<ThreadView, 'state' | 'batch' | 'item' | 'retryAt' | 'why'>

function threadView(state: RunState, thread: LiveThread, { idle, cap }: { idle: Idle; cap: Bytes }): ThreadView {
  const facts = threadFacts(state, thread.thread)
  const word = stateWord(state, thread)
  return {
    thread: thread.thread,
    ...(thread.held && thread.held.left > 0
      ? { state: word, ...heldView(state, thread, thread.held) }
      : word === 'waiting'
        ? idle
        : { state: word }),
    ...(facts.paused ? { paused: facts.paused } : {}),
    used: thread.used,
    cap,
    ...(thread.held && thread.held.expected > 0 ? { expected: thread.held.expected } : {}),
    ...thread.measured,
    cpu: thread.cpu,
    replaced: facts.replaced,
    done: facts.done,
  }
}

function stateWord(state: RunState, { pause, process, held, isRetiring }: LiveThread): ThreadStateWord {
  if (pause === 'paused') return 'paused'
  if (pause !== 'none') return 'pausing'
  if (process === 'replacing' || process === 'starting') return process
  if (process === 'broken') return 'stopped'
  if (held && held.left > 0) return held.isEnding ? 'ending' : 'running'
  if (process === 'stopping' || isRetiring || state.endedAt !== undefined) return 'stopped'
  return 'waiting'
}

function heldView(state: RunState, thread: LiveThread, held: HeldChunk): Partial<ThreadView> {
  const { batch, names, attempts } = held.chunk
  const index = runningItem(thread) as ItemIndex
  const clock: Clock =
    thread.frozenAt === undefined ? { since: held.since } : { elapsed: millis(thread.frozenAt - held.since) }
  return {
    batch: batch.index,
    item: {
      index,
      name: names[held.running] ?? '',
      attempt: attempts[held.running] ?? 1,
      tries: state.plan.batches[batch.index]?.retry.attempts ?? 1,
    },
    ...(held.isUndo ? { isUndo: true } : {}),
    clock,
    ...(held.fraction === undefined ? {} : { fraction: held.fraction }),
    ...(held.note === undefined ? {} : { note: held.note }),
  }
}

/** Whether its batch stands still, however soon the item itself is due. */
function isShut(state: RunState, item: ItemIndex): boolean {
  return batchState(state, batchOf(state.plan, item).index).breaker?.opened !== undefined
}

/** Once an item tries nobody knows when it goes on. */
function breakerReason({ plan, batches }: RunState): Idle | undefined {
  const shut = batches.find(({ breaker, applied, count }) => breaker?.opened && !isComplete(applied, count))
  const { opened, trial } = shut?.breaker ?? {}
  if (!shut || !opened) return undefined
  const why = `breaker of ${plan.batches[shut.index]?.id} open: ${breakerText(opened)}`
  return { state: 'waiting', why, ...(trial === undefined ? { retryAt: opened.until } : {}) }
}

/** Why a free thread has nothing to do: an item in backoff, or batches that wait for others. The same for all of them. */
function idleReason(state: RunState, { lacks }: Live, { blockedBy, trouble }: Surroundings): Idle {
  if (trouble) return { state: 'waiting', why: 'the disk takes nothing' }
  if (lacks !== undefined) return { state: 'waiting', why: lacks }
  const next = state.backoff.earliest((item) => !isShut(state, item))
  if (next) {
    const batch = batchOf(state.plan, next.item)
    const attempt = (state.items.attempts[next.item] ?? 0) + 1
    const name = itemName(batch, next.item - batch.first)
    return {
      state: 'retry',
      batch: batch.index,
      item: { index: next.item, name, attempt, tries: batch.retry.attempts },
      retryAt: next.at,
    }
  }
  const left = state.batches.filter(({ applied, count }) => !isComplete(applied, count))
  const ids = new Set(left.flatMap(({ index }) => blockedBy(index)))
  if (ids.size > 0) return { state: 'waiting', why: `needs ${[...ids].join(', ')}` }
  const shut = breakerReason(state)
  if (shut) return shut
  if (left.some(({ pausedBy }) => pausedBy !== undefined)) return { state: 'waiting', why: 'its batch is paused' }
  if (left.some(({ applied }) => applied.listing === 'due')) return { state: 'waiting', why: 'items are being listed' }
  return { state: 'waiting', why: 'nothing left to start' }
}
