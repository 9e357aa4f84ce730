/**
 * The moment of a run, made again from its journal: which thread holds what since when, which of them has a process, which is paused. Only
 * an observer of a journal needs it: a supervisor sees for itself. Imports model. Called by whoever replays a run, event by event.
 */
import type { Chunk, Sample } from '../model/chunk.ts'
import type { JournaledEvent, RunEvent } from '../model/event.ts'
import type { BatchIndex, ItemIndex, ThreadNumber } from '../model/ids.ts'
import type { Batch, MemoryPlan } from '../model/plan.ts'
import { itemName } from '../model/plan.ts'
import type { WallTime } from '../model/units.ts'
import type { Live, LiveThread } from './live.ts'
import { createLive, createLiveThread } from './live.ts'
import { freezeClock, holdChunk, leavePlaces, observeSample, thawClock } from './observe.ts'
import type { RunState } from './state.ts'
import { leftToDo } from './state.ts'

/** A process is up in less; a journal does not say when one is ready again, or that it was never needed. */
const START_MS = 2000

export class Relived {
  readonly live: Live
  /** Threads whose process is on its way, by number. */
  readonly #startedAt = new Map<ThreadNumber, WallTime>()
  #chunks = 0

  constructor(memory: Pick<MemoryPlan, 'perThread' | 'budget'>) {
    this.live = createLive(memory)
  }

  /** Moves on by one event, after the facts did. */
  apply(state: RunState, { event, at }: JournaledEvent): void {
    switch (event.type) {
      case 'run.started':
      case 'run.recovered':
        this.live.cap = event.memory.perThread
        this.live.budget = event.memory.budget
        return this.#begin(state, event.threads, at)
      case 'chunk.started':
        return this.#hold(state, event, at)
      case 'items.succeeded':
      case 'items.returned':
        return leave(this.#thread(event.thread), event.items, at)
      case 'item.failed':
      case 'item.retrying':
        return leave(this.#thread(event.thread), [event.item], at)
      case 'thread.started':
        return this.#ready(this.#thread(event.thread))
      case 'thread.paused':
        return pause(this.#thread(event.thread), at)
      case 'thread.resumed':
        return resume(this.#thread(event.thread), at)
      case 'thread.replaced':
        return this.#start(this.#thread(event.thread), 'replacing', at)
      case 'thread.stopped':
        return this.#stop(this.#thread(event.thread))
      default:
    }
  }

  /** What a look at memory gave; `cpu` is NaN where it was not kept. */
  look(sample: Sample, at: WallTime): void {
    observeSample(this.live, sample, at)
  }

  /** Time alone: a process that was to start has started, or nobody needed it. */
  passTo(now: WallTime): void {
    for (const [number, at] of this.#startedAt) {
      if (now - at < START_MS) continue
      this.#startedAt.delete(number)
      const thread = this.#thread(number)
      thread.process = thread.process === 'replacing' ? 'ready' : 'none'
    }
  }

  /** A supervisor begins: new threads, no processes. It starts as many as there are items for. */
  #begin(state: RunState, count: number, at: WallTime): void {
    const { threads } = this.live
    threads.length = 0
    this.#startedAt.clear()
    const left = leftToDo(state, 'applied')
    for (let number = 1; number <= count; number += 1) {
      const thread = createLiveThread(number)
      threads.push(thread)
      if (state.threads[number - 1]?.paused) thread.pause = 'paused'
      else if (number <= left) this.#start(thread, 'starting', at)
    }
  }

  #start(thread: LiveThread, process: 'starting' | 'replacing', at: WallTime): void {
    thread.process = process
    this.#startedAt.set(thread.thread, at)
  }

  #ready(thread: LiveThread): void {
    thread.process = 'ready'
    thread.isRetiring = false
    this.#startedAt.delete(thread.thread)
  }

  #hold(state: RunState, event: Extract<RunEvent, { type: 'chunk.started' }>, at: WallTime): void {
    const thread = this.#thread(event.thread)
    this.#ready(thread)
    this.#chunks += 1
    holdChunk(thread, chunkOf(state, { id: this.#chunks, batch: event.batch, items: event.items }), at)
  }

  /** Its number is wanted no more: the last rows go, those between stay until they are the last. */
  #stop(thread: LiveThread): void {
    const { threads } = this.live
    threads[thread.thread - 1] = { ...createLiveThread(thread.thread), isRetiring: true }
    this.#startedAt.delete(thread.thread)
    while (threads.at(-1)?.isRetiring) threads.pop()
  }

  #thread(number: ThreadNumber): LiveThread {
    const { threads } = this.live
    while (threads.length < number) threads.push(createLiveThread(threads.length + 1))
    return threads[number - 1] as LiveThread
  }
}

function chunkOf(
  { plan, items: { attempts } }: RunState,
  { id, batch: index, items }: { id: number; batch: BatchIndex; items: readonly ItemIndex[] },
): Chunk {
  const batch = plan.batches[index] as Batch
  return {
    id,
    batch: { index: batch.index, id: batch.id, work: batch.work, results: [], special: {} },
    items,
    names: items.map((item) => itemName(batch, item - batch.first)),
    attempts: items.map((item) => attempts[item] ?? 1),
  }
}

/** Items come off a thread in the order in which they lie in its chunk, nearly always. */
function leave(thread: LiveThread, items: readonly ItemIndex[], at: WallTime): void {
  const { held } = thread
  if (!held) return
  const all = held.chunk.items
  let next = held.running
  const places = items.map((item) => {
    const place = all[next] === item ? next : all.indexOf(item)
    next = place + 1
    return place
  })
  leavePlaces(held, places, at)
  if (held.left === 0) thread.held = undefined
}

function pause(thread: LiveThread, at: WallTime): void {
  thread.pause = 'paused'
  if (thread.held) freezeClock(thread, at)
}

function resume(thread: LiveThread, at: WallTime): void {
  thawClock(thread, at)
  thread.pause = 'none'
}
