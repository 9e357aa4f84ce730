/** A run made again from its folder, frame by frame of its journal and no more of it in memory. Knows no time but that of the run. */
import { eta } from '../../forecast/eta.ts'
import { RateMeter } from '../../forecast/rate-meter.ts'
import { JournalCursor } from '../../journal/cursor.ts'
import { BatchtopError, EXIT } from '../../model/errors.ts'
import type { JournaledEvent } from '../../model/event.ts'
import type { ItemIndex } from '../../model/ids.ts'
import { numberCount } from '../../model/plan.ts'
import type { RunSnapshot } from '../../model/snapshot.ts'
import type { Millis, WallTime } from '../../model/units.ts'
import { millis } from '../../model/units.ts'
import { History } from '../../run/history.ts'
import { movingThreads, runningItem } from '../../run/live.ts'
import { releaseDue } from '../../run/reduce/chunks.ts'
import { Relived } from '../../run/relive.ts'
import { snapshotOf } from '../../run/snapshot.ts'
import type { RunState } from '../../run/state.ts'
import { ended } from '../../run/state.ts'
import { blockers } from '../../schedule/eligible.ts'
import { explainItem } from '../../schedule/explain.ts'
import type { FoundLog } from '../item-places.ts'
import { LogPlaces } from '../item-places.ts'
import type { Session } from '../session.ts'
import { SamplesReader } from './samples-reader.ts'

const OBSERVE_MS = 500

/** What the journal says at one moment. */
type Frame = readonly [JournaledEvent, ...JournaledEvent[]]

export class RelivedRun {
  readonly #session: Session
  readonly #cursor: JournalCursor
  readonly #samples: SamplesReader
  readonly #history: History
  readonly #logs: LogPlaces
  readonly #relived: Relived
  #rate = new RateMeter()
  #next: Frame | undefined
  #at: WallTime
  #observedAt = 0

  /** The run as it began. @throws BatchtopError where nothing is in its journal, or it cannot be read */
  static async open(session: Session): Promise<RelivedRun> {
    const cursor = new JournalCursor(session.folder)
    const first = await cursor.next()
    if (isFrame(first)) {
      const run = new RelivedRun(session, cursor, first)
      await run.step()
      return run
    }
    await cursor.close()
    throw new BatchtopError('no-events', `Nothing happened in run ${session.info.run}: its journal is empty.`, {
      exit: EXIT.notFound,
    })
  }

  private constructor(session: Session, cursor: JournalCursor, first: Frame) {
    this.#session = session
    this.#cursor = cursor
    this.#samples = new SamplesReader(session.folder)
    this.#history = new History(session.plans)
    this.#logs = new LogPlaces(numberCount(this.state.plan))
    this.#relived = new Relived(session.plan.memory)
    this.#next = first
    this.#at = first[0].at
  }

  /** When the last thing that was applied happened. */
  get at(): WallTime {
    return this.#at
  }

  /** When the next thing happened; undefined at the end. */
  get nextAt(): WallTime | undefined {
    return this.#next?.[0].at
  }

  /** How long nobody worked on the run before the next thing happened: another supervisor went on with it. */
  get downTime(): Millis | undefined {
    return this.#next?.[0].event.type === 'run.recovered' ? millis(this.#next[0].at - this.#at) : undefined
  }

  /** Facts of the moment; another object after a recovery with another plan. */
  get state(): RunState {
    return this.#history.state
  }

  /** Output of the item's last attempt that has ended; undefined where it wrote none. */
  log(item: ItemIndex): FoundLog | undefined {
    return this.#logs.find(item)
  }

  /** Applies the next frame, then reads the one after it. @throws BatchtopError `journal-damaged` where that cannot be read */
  async step(): Promise<void> {
    const frame = this.#next
    if (!frame) return
    this.#next = undefined
    for (const journaled of frame) this.#apply(journaled)
    this.#at = frame[0].at
    this.#observe(this.#at)
    const next = await this.#cursor.next()
    if (isFrame(next)) this.#next = next
  }

  /** Time passes without an event: memory was looked at, items came out of backoff, processes started. */
  async passTo(now: WallTime): Promise<void> {
    for (const { at, sample, budget, cap } of await this.#samples.upTo(now)) {
      this.#relived.look(sample, at)
      this.#relived.live.budget = budget
      if (cap !== undefined) this.#relived.live.cap = cap
    }
    this.#relived.passTo(now)
    releaseDue(this.state, now)
    this.#observe(now)
  }

  /** @param isLive false: nobody is there any more */
  picture(now: WallTime, isLive: boolean): RunSnapshot {
    const state = this.state
    const { live } = this.#relived
    const isGoing = isLive && state.endedAt === undefined
    const rate = isGoing ? this.#rate.perMinute() : undefined
    return snapshotOf(state, live, {
      now,
      stateDir: this.#session.info.stateDir,
      isForeground: this.#session.info.isForeground,
      isLive,
      rate,
      eta: isGoing && state.draining === 'no' ? eta(state, movingThreads(live), rate) : undefined,
      blockedBy: blockers(state),
    })
  }

  /** Why an item is not running at this moment, or how it ended. */
  explain(item: ItemIndex, now: WallTime): string {
    const { threads } = this.#relived.live
    const holder = threads.find(({ held }) => held?.chunk.items.some((one, place) => one === item && !held.gone[place]))
    const dueAt = this.state.backoff.at(item)
    return explainItem(this.state, item, {
      ...(holder ? { thread: holder.thread, isNext: runningItem(holder) !== item } : {}),
      ...(dueAt === undefined ? {} : { dueIn: (dueAt - now) / 1000 }),
      paused: threads.filter(({ pause }) => pause === 'paused').length,
      threads: threads.length,
    }).join('\n')
  }

  async close(): Promise<void> {
    await Promise.all([this.#cursor.close(), this.#samples.close()])
  }

  #apply(journaled: JournaledEvent): void {
    const carried = this.#history.apply(journaled)
    const numbers = numberCount(this.state.plan)
    if (carried) this.#logs.carry(numbers, carried.itemOf)
    else if (journaled.event.type === 'batch.listed') this.#logs.grow(numbers)
    this.#logs.note(journaled.event)
    this.#relived.apply(this.state, journaled)
    // Another supervisor measures anew.
    if (journaled.event.type === 'run.recovered') this.#rate = new RateMeter()
  }

  /** Counts what ended, for the rate: as often as a supervisor does, however many frames there are. */
  #observe(now: WallTime): void {
    if (now - this.#observedAt < OBSERVE_MS) return
    this.#observedAt = now
    this.#rate.observe(
      this.state.batches.reduce((sum, { durable }) => sum + ended(durable), 0),
      now,
    )
  }
}

const isFrame = (events: readonly JournaledEvent[] | undefined): events is Frame =>
  events !== undefined && events.length > 0
