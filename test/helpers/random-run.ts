/** A run that a random list of fates makes, with everything that may happen to items, threads and supervisors. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { JournaledEvent, RunEvent } from '../../src/model/event.ts'
import type { BatchIndex, ItemIndex, ThreadNumber } from '../../src/model/ids.ts'
import { itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { Batch, Plan } from '../../src/model/plan.ts'
import { numberCount } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import { MAX_DEATHS, MAX_MEMORY_FAILURES } from '../../src/model/reason.ts'
import { bytes, wallTime } from '../../src/model/units.ts'
import { releaseDue } from '../../src/run/reduce/chunks.ts'
import { reduce } from '../../src/run/reduce.ts'
import { settle } from '../../src/run/settle.ts'
import type { BatchState, RunState } from '../../src/run/state.ts'
import { becauseOf, createRunState, isFinished, queued, STATUS } from '../../src/run/state.ts'
import { judgeBreaker } from '../../src/schedule/breaker.ts'
import { standing } from '../../src/schedule/open-batches.ts'
import { pick } from '../../src/schedule/pick.ts'
import { rankBatches } from '../../src/schedule/rank.ts'
import { failed, listed, recovery, retrying, returned, succeeded, undone } from './facts.ts'

const FATES = [
  'succeed',
  'succeed',
  'succeed',
  'fail',
  'retry',
  'untouched',
  'interrupted',
  'lost',
  'orphaned',
  'postponed',
  'evicted',
  'memory',
  'hold',
  'hold',
] as const
const ACTS = [
  'none',
  'none',
  'none',
  'none',
  'pause',
  'skip',
  'requeue',
  'die',
  'die',
  'batch',
  'drain',
  'undo',
] as const

export interface Fates {
  /** What becomes of items, one after another. */
  readonly items: readonly (typeof FATES)[number][]
  /** What else happens, turn by turn. */
  readonly acts: readonly (typeof ACTS)[number][]
}

export const anyFates: fc.Arbitrary<Fates> = fc.record({
  items: fc.array(fc.constantFrom(...FATES), { maxLength: 60, size: 'max' }),
  acts: fc.array(fc.constantFrom(...ACTS), { maxLength: 40, size: 'max' }),
})

interface Held {
  readonly thread: ThreadNumber
  readonly batch: BatchIndex
  readonly item: ItemIndex
}

export class RandomRun {
  readonly state: RunState
  readonly journal: JournaledEvent[] = []
  now = 1000
  readonly #plan: Plan
  readonly #fates: Fates
  readonly #ranked: readonly BatchIndex[]
  #held: Held[] = []
  #ended = 0
  readonly #seen: (run: RandomRun) => void

  /** @param seen called after every event */
  constructor(plan: Plan, fates: Fates, seen: (run: RandomRun) => void = () => undefined) {
    this.#plan = plan
    this.#fates = fates
    this.#seen = seen
    this.#ranked = rankBatches(plan)
    this.state = createRunState(plan)
  }

  /** Until every item has ended: after their fates all of them end well. */
  live(): this {
    const { name, items, threads, memory } = this.#plan
    this.#emit({ type: 'run.started', run: runId('7f3a'), plan: name, items, threads, memory, epoch: 1 })
    for (let turn = 0; turn < 500; turn += 1, this.now += 100) {
      releaseDue(this.state, wallTime(this.now))
      this.#act(this.#fates.acts[turn] ?? 'none')
      if (turn === this.#fates.acts.length && this.state.batches[0]?.pausedBy) this.#togglePause()
      this.#skipHopeless()
      this.#list()
      this.#dispatch(threadNumber((turn % 3) + 1))
      this.#judgeBreakers()
      if (turn > this.#fates.acts.length) this.#undo()
      this.#endBatches()
      if (this.state.batches.every(isFinished)) break
    }
    this.#finish()
    return this
  }

  #emit(event: RunEvent): void {
    const journaled = { seq: this.journal.length + 1, at: wallTime(this.now), event }
    reduce(this.state, event, journaled.at)
    settle(this.state, journaled)
    this.journal.push(journaled)
    checkSums(this.state)
    this.#seen(this)
  }

  #dispatch(thread: ThreadNumber): void {
    for (const one of this.#held.splice(0)) this.#end(one, this.#fate())
    const { open } = standing(this.state, this.#ranked, wallTime(this.now))
    const turn = this.now / 100
    // Now and then nothing fits, or only the larger half does.
    const fits = (_: BatchIndex, own = turn) => turn % 5 > 1 || (turn % 5 === 1 && own % 2 === 0)
    const next = pick(
      this.state,
      { thread, isFresh: turn % 2 === 0 },
      { open, threads: 3, cores: 3, busy: () => 0, fits },
    )
    if (next?.kind !== 'items') return
    const facts = this.state.batches[next.batch] as RunState['batches'][number]
    if (facts.startedAt === undefined) this.#emit({ type: 'batch.started', batch: next.batch })
    this.#emit({ type: 'chunk.started', thread, batch: next.batch, items: next.items })
    for (const item of next.items) this.#end({ thread, batch: next.batch, item }, this.#fate())
  }

  #fate(): (typeof FATES)[number] {
    this.#ended += 1
    return this.#fates.items[this.#ended - 1] ?? 'succeed'
  }

  #end(held: Held, fate: (typeof FATES)[number]): void {
    const { thread, batch, item } = held
    const attempt = this.state.items.attempts[item] ?? 1
    const peak = attempt % 2 === 0 ? (item % 5) * 300 * 2 ** 20 : undefined
    const ending = { thread, attempt, peak }
    if (fate === 'hold') this.#held.push(held)
    else if (fate === 'succeed') this.#emit(succeeded(batch, [item], { thread, ms: (item % 7) + 0.5, peak }))
    else if (fate === 'fail') this.#emit(failed(item, ending))
    else if (fate === 'retry') this.#emit(retrying(item, this.now + 500, ending))
    else if (fate === 'memory') this.#failForMemory(item, ending)
    else {
      const postponed = fate === 'postponed' ? { retryAt: wallTime(this.now + 250) } : {}
      const measured = fate === 'evicted' ? ending : { thread }
      this.#emit({ ...returned(batch, [item], fate, measured), ...postponed })
    }
  }

  #failForMemory(item: ItemIndex, ending: Parameters<typeof failed>[1]): void {
    const peak = bytes((item + this.now) * 2 ** 20)
    const reason: Reason = { kind: 'memory', message: 'too much', peak, wasAlone: item % 2 === 0 }
    const failures = (this.state.appetites.get(item)?.failures ?? 0) + 1
    if (failures < MAX_MEMORY_FAILURES) this.#emit(retrying(item, this.now + 50, { ...ending, reason }))
    else this.#emit(failed(item, { ...ending, reason }))
  }

  /** Items of late batches are found, or not, or take a while. */
  #list(): void {
    const turn = this.now / 100
    for (const batch of standing(this.state, this.#ranked, wallTime(this.now)).unlisted) {
      if (turn % 4 === 1) continue
      if ((turn + batch) % 3 === 0) this.#failToList(batch)
      else
        this.#emit(
          listed(
            batch,
            Array.from({ length: turn % 5 }, (_, place) => `${batch}-${place}`),
          ),
        )
    }
  }

  #failToList(batch: BatchIndex): void {
    this.#emit({ ...listed(batch, [`${batch}`]), isFailed: true })
    const { first } = this.state.plan.batches[batch] as Batch
    const attempt = this.state.items.attempts[first] ?? 1
    this.#emit(failed(first, { attempt, reason: { kind: 'setup', message: 'exit 3' } }))
  }

  #skipHopeless(): void {
    for (const { batch, because } of standing(this.state, this.#ranked, wallTime(this.now)).hopeless) {
      const facts = this.state.batches[batch] as RunState['batches'][number]
      const count = queued(facts) + facts.waiting
      if (count > 0 || facts.applied.listing === 'due')
        this.#emit({ type: 'items.skipped', batch, items: 'rest', count, because })
    }
  }

  #act(act: (typeof ACTS)[number]): void {
    const thread = threadNumber((this.now % 3) + 1)
    if (act === 'pause') this.#emit({ type: 'thread.paused', thread, by: this.now % 200 === 0 ? 'user' : 'governor' })
    if (act === 'batch') this.#togglePause()
    if (act === 'drain') this.#emit({ type: 'run.draining', isNow: false })
    if (act === 'skip') this.#skip()
    if (act === 'requeue') this.#requeue()
    if (act === 'die') this.#die()
    if (act === 'undo') this.#undo()
  }

  #togglePause(): void {
    const isPaused = this.state.batches[0]?.pausedBy !== undefined
    const by = this.now % 200 === 0 ? 'user' : 'governor'
    this.#emit({ type: isPaused ? 'batch.resumed' : 'batch.paused', batch: 0 as BatchIndex, by })
  }

  #judgeBreakers(): void {
    for (const batch of this.#plan.batches) {
      const news = judgeBreaker(batch, this.state.batches[batch.index] as BatchState, wallTime(this.now))
      if (news) this.#emit(news)
    }
  }

  /** The newest failure of every batch is undone, well or badly. */
  #undo(): void {
    for (const { toUndo } of this.state.batches.slice()) {
      const item = toUndo.at(-1)
      if (item !== undefined)
        this.#emit(undone(item, item % 2 === 0 ? { kind: 'exit', message: 'no', code: '1' } : undefined))
    }
  }

  #endBatches(): void {
    for (const batch of this.state.batches) {
      const { index, durable, endedAt } = batch
      if (endedAt !== undefined || !isFinished(batch)) continue
      const { succeeded: good, failed: bad, skipped } = durable
      this.#emit({ type: 'batch.finished', batch: index, succeeded: good, failed: bad, skipped, ms: 1 as never })
    }
  }

  #skip(): void {
    const of = this.state.plan.batches.find(({ first, count }) => this.#queued(first, count) >= 0)
    if (!of) return
    const item = itemIndex(of.first + this.#queued(of.first, of.count))
    const batch = of.index
    this.#emit({ type: 'items.skipped', batch, items: [item], count: 1, because: { kind: 'user' } })
  }

  /** Place of the first item that is in the queue, -1: none. */
  #queued(first: number, count: number): number {
    return this.state.items.status.subarray(first, first + count).indexOf(STATUS.queued)
  }

  /** A person's retry of the first item that failed, and of what was skipped for a need. */
  #requeue(): void {
    const item = this.state.items.status.indexOf(STATUS.failed) as ItemIndex
    if (item < 0) return
    const needy = this.state.batches.filter(({ because }) => because?.kind === 'need')
    const unskipped = needy.map(({ index, applied }) => ({
      batch: index,
      count: applied.skipped - applied.skippedByUser,
    }))
    const byUser = [...this.state.items.status.keys()]
      .map(itemIndex)
      .filter((one) => becauseOf(this.state, one)?.kind === 'user')
    this.#emit({ type: 'items.requeued', failed: [item], skipped: byUser.slice(0, 1), unskipped })
  }

  #die(): void {
    const { deaths } = this.state
    const lost = this.#held.filter(({ item }) => (deaths.get(item) ?? 0) + 1 >= MAX_DEATHS)
    const { epoch } = this.state
    this.#emit(recovery(this.#plan, { epoch: epoch + 1, threads: 2, lost: lost.map(({ item }) => item) }))
    this.#held = []
    for (const { item } of lost) this.#emit(failed(item, { attempt: this.state.items.attempts[item] ?? 1 }))
  }

  #finish(): void {
    const sum = (of: 'succeeded' | 'failed' | 'skipped') =>
      this.state.batches.reduce((all, { durable }) => all + durable[of], 0)
    const counts = { succeeded: sum('succeeded'), failed: sum('failed'), skipped: sum('skipped'), left: 0 }
    this.#emit({ type: 'run.finished', outcome: 'succeeded', ...counts, ms: 1 as never, exit: 0 })
  }
}

/** Counters and arrays agree, and nothing has gone below zero. */
export function checkSums(state: RunState): void {
  const { status } = state.items
  expect(Object.values(state.items).map(({ length }) => length)).toEqual(Array(4).fill(numberCount(state.plan)))
  expect(state.plan.items).toBe(state.batches.reduce((sum, { count }) => sum + count, 0))
  for (const batch of state.batches) {
    const { first, count } = state.plan.batches[batch.index] as { first: number; count: number }
    const seen = (wanted: number) => status.subarray(first, first + count).filter((one) => one === wanted).length
    expect(seen(STATUS.handed)).toBe(batch.handed)
    expect(seen(STATUS.waiting)).toBe(batch.waiting)
    expect(seen(STATUS.queued)).toBe(queued(batch))
    expect([seen(STATUS.succeeded), seen(STATUS.failed), seen(STATUS.skipped)]).toEqual([
      batch.applied.succeeded,
      batch.applied.failed,
      batch.applied.skipped,
    ])
    const { toUndo, breaker } = batch
    expect(new Set(toUndo).size).toBe(toUndo.length)
    expect([...batch.toUndoDurably]).toEqual(toUndo)
    for (const item of toUndo) expect([status[item], state.undone.has(item)]).toEqual([STATUS.failed, false])
    if (breaker?.opened) expect(breaker.outcomes.length).toBeLessThan(2)
    if (breaker?.trial !== undefined) expect([status[breaker.trial], batch.handed > 0]).toEqual([STATUS.handed, true])
    for (const tally of [batch.applied, batch.durable])
      expect(Math.min(tally.succeeded, tally.failed, tally.skipped, tally.skippedByUser)).toBeGreaterThanOrEqual(0)
  }
  for (const item of state.undone.keys()) expect(status[item]).toBe(STATUS.failed)
  for (const item of state.appetites.keys()) expect(status[item]).toBeLessThan(STATUS.succeeded)
  for (const { handed, done } of state.threads) expect(Math.min(handed, done)).toBeGreaterThanOrEqual(0)
}
