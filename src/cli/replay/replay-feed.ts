/** A run that was, as a `Feed`: its journal is played like a film. Nothing of it can be changed. */
import { setImmediate, setTimeout } from 'node:timers/promises'
import { BatchtopError } from '../../model/errors.ts'
import type { Feed, ItemPage, ItemQuery, Player } from '../../model/feed.ts'
import { itemIndex } from '../../model/ids.ts'
import type { RunSnapshot } from '../../model/snapshot.ts'
import { formatAbout } from '../../view/format.ts'
import { runningItems } from '../feed.ts'
import type { FoundLog } from '../item-places.ts'
import { pageOf } from '../item-rows.ts'
import { readTail } from '../log-tail.ts'
import type { RelivedRun } from './relived-run.ts'
import { ReplayClock } from './replay-clock.ts'

/** At most twenty pictures a second. */
const TICK_MS = 50

/** How long the journal is read before keys get their turn. */
const SLICE_MS = 15

/** How long a note about what was left out stays. */
const NOTE_MS = 4000

/** A process that was away for so long was stopped: the replay stood still meanwhile. */
const AWAY_MS = 2000

export interface ReplayOptions {
  readonly run: RelivedRun
  /** Absolute path of the run's folder. */
  readonly folder: string
  readonly speed: number
  /** Asked at the end: what to say of a run that goes on behind what its journal held. Undefined: it does not. */
  readonly goesOn: () => Promise<string | undefined>
  /** Milliseconds of a clock that never jumps; left out: the machine's. */
  readonly real?: () => number
}

export class ReplayFeed implements Feed {
  readonly player: Player
  readonly #run: RelivedRun
  readonly #options: ReplayOptions
  readonly #real: () => number
  readonly #clock: ReplayClock
  readonly #subscribers = new Set<() => void>()
  #picture: RunSnapshot | undefined
  #note: { readonly text: string; readonly until: number } | undefined
  #how: 'plays' | 'over' | 'caught-up' = 'plays'
  #problem: BatchtopError | undefined
  #wake: () => void = () => undefined
  /** When somebody was here last. */
  #last: number
  #isClosed = false

  constructor(options: ReplayOptions) {
    const { run, speed, real = () => performance.now() } = options
    this.#run = run
    this.#options = options
    this.#real = real
    this.#last = real()
    this.#clock = new ReplayClock(run.at, this.#last, speed)
    this.player = this.#createPlayer()
    this.#expectNext()
  }

  /** Plays until it is closed; also after the end somebody may look around. */
  async play(): Promise<void> {
    while (!this.#isClosed) await ((await this.turn()) ? setImmediate() : this.#rest())
    await this.#run.close()
  }

  /** Shows what has happened by now. @returns true where there was more than one turn can take */
  async turn(): Promise<boolean> {
    const began = this.#arrive()
    const isBehind = await this.#advance(began)
    this.#picture = undefined
    for (const changed of this.#subscribers) changed()
    this.#last = this.#real()
    return isBehind
  }

  /** Why the journal could be read no further. */
  get problem(): BatchtopError | undefined {
    return this.#problem
  }

  readonly snapshot = (): RunSnapshot => {
    this.#picture ??= this.#run.picture(this.player.now(), this.#how !== 'over')
    return this.#picture
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#subscribers.add(changed)
    return () => this.#subscribers.delete(changed)
  }

  readonly status = (): ReturnType<Feed['status']> => (this.#how === 'plays' ? 'live' : 'ended')

  readonly send: Feed['send'] = async (command) => {
    if (command.verb === 'explainItem') return { ok: true, message: this.#run.explain(command.item, this.player.now()) }
    return { ok: false, code: 'replay', message: 'This is a replay: nothing can be changed.', exit: 2 }
  }

  readonly items = async (query: ItemQuery): Promise<ItemPage> =>
    pageOf({ state: this.#run.state, running: runningItems(this.snapshot()) }, query)

  readonly logTail = async (item: number, lines: number): Promise<readonly string[]> => {
    const found = this.findLog(item)
    return found ? await readTail(this.#options.folder, found, lines) : []
  }

  /** Output of the item's last attempt that has ended by now. */
  findLog(item: number): FoundLog | undefined {
    return this.#run.log(itemIndex(item))
  }

  readonly close = (): void => {
    this.#isClosed = true
    this.#subscribers.clear()
    this.#wake()
  }

  #createPlayer(): Player {
    const clock = this.#clock
    const steer = (act: (real: number) => void) => (): void => {
      const real = this.#arrive()
      if (this.#how === 'plays') act(real)
      this.#wake()
    }
    return {
      now: () => clock.now(this.#real()),
      speed: () => clock.speed,
      isPaused: () => clock.isPaused,
      togglePause: steer((real) => clock.togglePause(real)),
      faster: steer((real) => clock.faster(real)),
      slower: steer((real) => clock.slower(real)),
      note: () => (this.#note && this.#real() < this.#note.until ? this.#note.text : undefined),
    }
  }

  /** Somebody is here. @returns the time, which stood still if nobody was for long */
  #arrive(): number {
    const real = this.#real()
    if (real - this.#last > AWAY_MS && !this.#isStill()) this.#clock.skip(this.#last, real)
    this.#last = real
    return real
  }

  /** Applies what has happened by now. @returns true where there is more of it */
  async #advance(began: number): Promise<boolean> {
    if (this.#isStill()) return false
    let isBehind = false
    try {
      while (!isBehind && this.#isDue(began)) {
        await this.#step()
        isBehind = this.#real() - began > SLICE_MS
      }
      // It cannot go that fast: time is what was reached, not what should have been.
      if (isBehind) this.#clock.jump(this.#run.at, this.#real())
      await this.#run.passTo(this.player.now())
    } catch (error) {
      this.#problem = problemOf(error)
      this.#remark(this.#problem.message, Number.POSITIVE_INFINITY)
    }
    if (this.#run.nextAt === undefined) await this.#end()
    return isBehind
  }

  #isDue(real: number): boolean {
    const { nextAt, downTime } = this.#run
    if (nextAt === undefined || this.#isClosed) return false
    if (downTime === undefined) return nextAt <= this.#clock.target(real)
    if (this.#clock.isPaused) return false
    this.#clock.jump(nextAt, real)
    this.#remark(`the run went on ${formatAbout(downTime)} later`, NOTE_MS)
    return true
  }

  async #step(): Promise<void> {
    await this.#run.step()
    this.#expectNext()
  }

  #expectNext(): void {
    const { at, nextAt, downTime } = this.#run
    if (nextAt === undefined || downTime !== undefined) return
    const silence = this.#clock.expect(at, nextAt)
    if (silence !== undefined) this.#remark(`nothing new for ${formatAbout(silence)}`, NOTE_MS)
  }

  async #end(): Promise<void> {
    const isOpen = this.#run.state.endedAt === undefined && !this.#problem
    const goesOn = isOpen ? await this.#options.goesOn() : undefined
    this.#how = goesOn === undefined ? 'over' : 'caught-up'
    if (goesOn !== undefined) this.#remark(goesOn, Number.POSITIVE_INFINITY)
  }

  #remark(text: string, time: number): void {
    this.#note = { text, until: this.#real() + time }
  }

  #isStill(): boolean {
    return this.#clock.isPaused || this.#how !== 'plays'
  }

  /** Until the next picture is due; what stands still waits for a key. */
  async #rest(): Promise<void> {
    if (this.#isClosed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    await (this.#isStill() ? promise : Promise.race([promise, setTimeout(TICK_MS)]))
    this.#wake = () => undefined
  }
}

/** Why a journal cannot be read on; what is no trouble of files is a bug. */
function problemOf(error: unknown): BatchtopError {
  if (error instanceof BatchtopError) return error
  if (!(error instanceof Error && 'syscall' in error)) throw error
  return new BatchtopError('cannot-read', `The journal cannot be read on: ${error.message}`, { cause: error })
}
