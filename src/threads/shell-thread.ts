/**
 * The supervisor's state machine of a thread that runs commands: its lane, the chunk in flight, freeze and thaw, deadlines, replacement.
 * Items are given to the lane one by one, so that all that has not begun can be taken back at any time. Called by thread.ts.
 */
import type { Chunk, CommandBatch, ThreadAbilities, ThreadReport } from '../model/chunk.ts'
import type { Reason } from '../model/reason.ts'
import { CommandAttempt } from './command-attempt.ts'
import { CommandLog } from './command-log.ts'
import { Endings } from './endings.ts'
import { Flight, lossReports } from './flight.ts'
import { Gathering } from './gathering.ts'
import type { HostOptions } from './host-process.ts'
import { ItemFiles } from './item-files.ts'
import { Keeper } from './keeper.ts'
import { Lane } from './lane.ts'
import { LaneBatch } from './lane-batch.ts'
import { laneEnvironment } from './lane-environment.ts'
import type { LaneKind } from './lane-kind.ts'
import type { ThreadMark } from './run-variables.ts'
import type { ThreadSide } from './side.ts'
import { standStill } from './stand-still.ts'
import { signalTree } from './tree.ts'
import type { Detail, ToHost } from './wire.ts'

/** How often running items are looked at. */
const LOOK_MS = 100

export interface ShellThreadOptions extends HostOptions {
  readonly report: (report: ThreadReport) => void
  readonly lane: LaneKind
}

export class ShellThread implements ThreadSide {
  readonly abilities: ThreadAbilities = { hold: false, reclaim: false }
  readonly #options: ShellThreadOptions
  readonly #mark: ThreadMark
  readonly #keeper: Keeper<Lane>
  readonly #endings: Endings
  readonly #batch: LaneBatch
  readonly #results = new Gathering((results) => this.#reportAll(this.#flight?.results(results) ?? []))
  #log: CommandLog | undefined
  #files: ItemFiles | undefined
  /** up: a lane is there or will be. down: none, until `start`. */
  #state: 'down' | 'up' | 'stopping' = 'down'
  #flight: Flight | undefined
  /** Next place of the chunk to begin; what is behind it can be taken back. */
  #next = 0
  #attempt: CommandAttempt | undefined
  /** Process of the item before. */
  #lastPid: number | undefined
  #look: NodeJS.Timeout | undefined
  #freeze: 'no' | 'stopping' | 'yes' = 'no'
  #giveUpStanding: () => void = () => {}
  #stopping: PromiseWithResolvers<void> | undefined

  constructor(options: ShellThreadOptions) {
    this.#options = options
    const { run, folder, epoch, number: thread } = options
    this.#mark = { run, folder, epoch, thread }
    this.#batch = new LaneBatch(options)
    this.#keeper = new Keeper(
      {
        make: ({ ready, gone }) => this.#makeLane(ready, gone),
        enter: (start) => {
          start()
          return () => undefined
        },
      },
      { ready: (pid) => this.#ready(pid), gone: (reason, wasReady) => this.#gone(reason, wasReady) },
    )
    this.#endings = new Endings({
      flight: () => {
        // Whoever asks about the running item must know which that is.
        this.#results.flush()
        return this.#state === 'up' ? this.#flight : undefined
      },
      isFrozen: () => this.#freeze === 'yes',
      hasGraceFrozen: true,
      goOn: () => this.#goOn(),
      send: (message) => this.#asked(message),
      kill: () => this.#killItem(),
    })
  }

  get pid(): number | undefined {
    return this.#lane?.pid
  }

  start(): void {
    if (this.#state !== 'down') return
    this.#state = 'up'
    this.#keeper.proved()
    this.#keeper.begin()
  }

  run(chunk: Chunk): void {
    if (!this.#isFree) throw new Error(`thread ${this.#options.number} cannot take a chunk now`)
    const flight = new Flight(this.#options.number, chunk)
    this.#flight = flight
    this.#next = 0
    this.#watch()
    if (this.#batch.isReady(batchOf(flight)) && this.#batch.problem === undefined) this.#begin()
    else void this.#enter(flight)
  }

  takeBack(): void {
    const flight = this.#flight
    if (!flight) return
    const ended = flight.results(this.#results.take())
    const rest = flight.open.filter((place) => place >= this.#next)
    this.#next = flight.chunk.items.length
    const reports = [...ended, ...flight.taken(rest)]
    if (this.#attempt) this.#reportAll(reports)
    else this.#chunkEnded(reports)
  }

  /** No command can be asked to stand still. */
  hold(): void {}

  release(): void {}

  reclaim(): void {}

  tidy(): void {}

  freeze(): void {
    if (this.#freeze !== 'no' || !this.#lane || this.#state !== 'up') return
    this.#freeze = 'stopping'
    this.takeBack()
    this.#giveUpStanding = standStill(
      () => this.#attempt,
      () => this.#stand(),
    )
  }

  thaw(): void {
    if (this.#freeze === 'no') return
    const wasStopping = this.#freeze === 'stopping'
    this.#giveUpStanding()
    this.#freeze = 'no'
    if (wasStopping) this.#report({ type: 'thread.frozen', thread: this.#options.number })
    this.#goOn()
    this.#report({ type: 'thread.thawed', thread: this.#options.number })
  }

  end(place: number, reason: Reason, isNow: boolean): void {
    this.#endings.end({ place, reason, isRetryable: false }, 'user', isNow)
  }

  interrupt(): void {
    this.#endings.interrupt()
  }

  evict(isNow: boolean): void {
    this.#endings.evict(isNow)
  }

  fail(place: number, reason: Reason): void {
    this.#endings.fail(place, reason)
  }

  renew(): void {
    if (!this.#isFree) throw new Error(`thread ${this.#options.number} cannot be renewed now`)
    this.#keeper.retire()
    this.#lane?.leave()
    this.#endings.leave()
  }

  stop(): Promise<void> {
    if (this.#stopping) return this.#stopping.promise
    const { promise } = (this.#stopping = Promise.withResolvers<void>())
    this.takeBack()
    this.#keeper.cancel()
    this.#state = 'stopping'
    this.#giveUpStanding()
    this.#freeze = 'no'
    if (!this.#lane) {
      this.#stopped()
      return promise
    }
    this.#attempt?.ask(false)
    this.#goOn()
    this.#endings.clear()
    this.#endings.leave()
    if (!this.#attempt) this.#lane.leave()
    return promise
  }

  kill(): void {
    this.#lane?.kill()
  }

  get #lane(): Lane | undefined {
    return this.#keeper.process
  }

  get #isFree(): boolean {
    return this.#keeper.isReady && this.#state === 'up' && !this.#flight && this.#freeze === 'no'
  }

  #makeLane(ready: () => void, gone: (reason: Reason) => void): Lane {
    const { number, folder, lane: kind, reaper, born } = this.#options
    this.#log ??= new CommandLog(folder, number)
    this.#files ??= new ItemFiles(folder, number)
    const env = laneEnvironment(this.#mark)
    return new Lane(
      { kind, env, folder, log: this.#log.descriptor, files: this.#files.prefix, reaper, born },
      {
        ready,
        gone: (reason) => void this.#laneGone(reason, gone),
        entered: (isThere) => this.#entered(isThere),
        began: (pid) => this.#attempt?.began(pid),
        ended: (end) => {
          this.#lastPid = end.pid ?? this.#lastPid
          this.#attempt?.ended(end)
        },
      },
    )
  }

  #ready(pid: number): void {
    if (this.#state !== 'up') return
    this.#batch.reset()
    this.#lastPid = undefined
    this.#report({ type: 'thread.ready', thread: this.#options.number, pid })
  }

  /** Sets the lane up for another batch. */
  async #enter(flight: Flight): Promise<void> {
    const lane = this.#lane
    const isWanted = (): boolean => this.#flight === flight && this.#lane === lane
    // Nobody will answer: items are told why.
    if (lane && !(await this.#batch.enter(lane, batchOf(flight), isWanted)) && isWanted()) this.#begin()
  }

  #entered(isThere: boolean): void {
    const isNewest = this.#batch.entered(isThere)
    if (isNewest && !this.#attempt && this.#flight && this.#batch.isReady(batchOf(this.#flight))) this.#begin()
  }

  /** The next item, if one is left to begin. */
  #begin(): void {
    const flight = this.#flight
    const lane = this.#lane
    if (!flight || !lane || !this.#log || !this.#files) return
    const place = this.#next
    if (place >= flight.chunk.items.length) return this.#chunkEnded()
    this.#next = place + 1
    this.#endings.begin(flight)
    // Asked for while the lane was on its way to it.
    if (flight.ending?.place === place) return this.#ended({ place, time: 0, failure: { how: 'ended' } })
    const { problem } = this.#batch
    if (problem !== undefined) {
      const failure = { how: 'failed', reason: { kind: 'setup', message: problem }, isRetryable: true } as const
      return this.#ended({ place, time: 0, failure })
    }
    const attempt = new CommandAttempt({
      lane,
      log: this.#log,
      files: this.#files,
      batch: batchOf(flight),
      chunk: flight.chunk,
      place,
      mark: this.#mark,
      before: this.#lastPid,
      // The lane may have died meanwhile.
      done: (detail) => (this.#attempt === attempt ? this.#ended(detail) : undefined),
    })
    this.#attempt = attempt
    attempt.begin()
  }

  #ended(detail: Detail): void {
    this.#attempt = undefined
    this.#results.add(detail)
    const flight = this.#flight
    // What it was asked for is not of the next.
    if (flight?.ending) this.#results.flush()
    if (!flight || this.#flight !== flight) return
    if (this.#state === 'stopping') return this.#lane?.leave()
    if (flight.isInterrupted) return this.takeBack()
    if (this.#next >= flight.chunk.items.length) return this.#chunkEnded()
    if (this.#freeze === 'no') this.#begin()
  }

  /** All is settled before anything is said: whoever hears it may take back, or give the next chunk. @param before to be said first */
  #chunkEnded(before: readonly ThreadReport[] = []): void {
    const flight = this.#flight
    if (!flight) return
    const ended = flight.results(this.#results.take())
    this.#flight = undefined
    clearInterval(this.#look)
    this.#keeper.proved()
    if (this.#state !== 'stopping') this.#endings.clear()
    const end = { type: 'chunk.ended', thread: this.#options.number, chunk: flight.chunk.id } as const
    this.#reportAll([...before, ...ended, end])
  }

  #watch(): void {
    clearInterval(this.#look)
    this.#look = setInterval(() => this.#lookAtItem(), LOOK_MS)
  }

  #lookAtItem(): void {
    const attempt = this.#attempt
    const flight = this.#flight
    if (!attempt?.isRunning || !flight) return
    this.#results.flush()
    const news = attempt.news()
    if (news) this.#report(flight.progressed({ is: 'progress', chunk: flight.chunk.id, place: attempt.place, ...news }))
  }

  #asked(message: ToHost): void {
    if (message.do !== 'end') return
    const attempt = this.#attempt
    if (message.place === undefined) this.takeBack()
    this.#lane?.goOn()
    attempt?.ask(message.isNow)
  }

  /** What does not even go by KILL takes its lane along. */
  #killItem(): void {
    if (this.#state !== 'up' || !this.#attempt || this.#attempt.isKilled) return this.kill()
    this.#lane?.goOn()
    this.#attempt.ask(true)
    this.takeBack()
  }

  /** Before its item can run again nothing of it may live. */
  async #laneGone(reason: Reason, gone: (reason: Reason) => void): Promise<void> {
    if (this.#attempt) await this.#attempt.lost()
    gone(reason)
  }

  #gone(reason: Reason, wasReady: boolean): void {
    const flight = this.#flight
    this.#giveUpStanding()
    this.#endings.clear()
    clearInterval(this.#look)
    this.#attempt = undefined
    if (this.#state === 'stopping') return this.#stopped()
    const chunk = flight && [...flight.results(this.#results.take()), ...flight.lost(reason)]
    this.#flight = undefined
    this.#freeze = 'no'
    // A lane that dies under an item is the item's doing; one that dies by itself again and again is not worth a new start.
    if (flight) this.#keeper.proved()
    const isReplaced = this.#keeper.replace()
    if (!isReplaced) this.#state = 'down'
    this.#reportAll(lossReports({ thread: this.#options.number, reason, chunk, wasReady, isReplaced }))
  }

  #stopped(): void {
    const flight = this.#flight
    const stopping = this.#stopping
    this.#state = 'down'
    this.#freeze = 'no'
    this.#stopping = undefined
    if (flight) this.#chunkEnded([...flight.results(this.#results.take()), ...flight.stopped()])
    this.#endings.clear()
    this.#log?.close()
    this.#log = undefined
    this.#report({ type: 'thread.stopped', thread: this.#options.number })
    stopping?.resolve()
  }

  #stand(): void {
    this.#freeze = 'yes'
    clearInterval(this.#look)
    if (this.#attempt) this.#lane?.stand()
    this.#flight?.freeze()
    this.#endings.freeze()
    this.#report({ type: 'thread.frozen', thread: this.#options.number })
    // Asked to end before it stood, which it cannot do standing.
    if (this.#flight?.ending || this.#flight?.isInterrupted) this.#goOn()
  }

  /** Whatever it stands for. */
  #goOn(): void {
    const tree = this.#attempt?.tree
    if (tree) signalTree(tree, 'SIGCONT')
    this.#lane?.goOn()
    if (this.#flight) this.#watch()
    this.#flight?.thaw()
    this.#endings.thaw()
  }

  #report(report: ThreadReport): void {
    this.#options.report(report)
  }

  #reportAll(reports: readonly ThreadReport[]): void {
    for (const report of reports) this.#report(report)
  }
}

/** Only commands come here. */
function batchOf({ chunk }: Flight): CommandBatch {
  return chunk.batch as CommandBatch
}
