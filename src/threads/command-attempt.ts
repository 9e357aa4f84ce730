/**
 * One try of one command on a lane: what it is given, how it is made to end, what it leaves behind, and what all that means. Called by
 * shell-thread.ts, one at a time on a lane.
 */

import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Chunk, CommandBatch } from '../model/chunk.ts'
import { DEFAULT_LOG_LIMIT } from '../model/plan.ts'
import type { Reason } from '../model/reason.ts'
import type { SlotValues } from '../model/template.ts'
import { commandWords, fill } from '../model/template.ts'
import type { CommandLog } from './command-log.ts'
import { reasonOfStatus } from './exit-status.ts'
import { signalAll } from './groups.ts'
import type { ItemFiles } from './item-files.ts'
import type { Lane, LaneEnd } from './lane.ts'
import { itemLines, logLine } from './lane-script.ts'
import type { ProcessMark } from './left-behind.ts'
import { LeftBehind } from './left-behind.ts'
import { endLeftovers } from './leftovers.ts'
import { Outputs } from './outputs.ts'
import type { ThreadMark } from './run-variables.ts'
import type { AttemptMark } from './strays.ts'
import { findStrays } from './strays.ts'
import type { Progress } from './table.ts'
import type { Tree } from './tree.ts'
import { childOf, leftOf, signalTree, treeMembers } from './tree.ts'
import type { Detail, WireLog } from './wire.ts'

/** Until a process is there that has been asked for. */
const RETRY_MS = 5

/** What is a copy of its lane for longer stays one: bash runs a script that names no shell by itself. */
const MOST_LOOKS = 20

/** What dash and busybox say of a program they called themselves, by its status. */
const OBITUARIES: ReadonlyMap<number, string> = new Map([
  [128 + constants.signals.SIGTERM, 'Terminated\n'],
  [128 + constants.signals.SIGKILL, 'Killed\n'],
])

/** What a lane ends an item with whose folder it cannot enter, as for a program that cannot be run. */
const CANNOT_ENTER = 126

const leftBehind = new LeftBehind()

export interface AttemptOptions {
  readonly lane: Lane
  readonly log: CommandLog
  readonly files: ItemFiles
  readonly batch: CommandBatch
  readonly chunk: Chunk
  readonly place: number
  /** The run and its thread, as items' environments tell them. */
  readonly mark: ThreadMark
  /** The process of the item before, as the lane tells it. */
  readonly before: number | undefined
  /** It is over, with all it left. */
  readonly done: (detail: Detail) => void
}

export class CommandAttempt {
  readonly place: number
  readonly #options: AttemptOptions
  readonly #values: SlotValues
  readonly #attempt: number
  readonly #cwd: string | undefined
  readonly #outputs: Outputs | undefined
  #state: 'preparing' | 'running' | 'ended' | 'over' = 'preparing'
  #began = performance.now()
  /** Its process, once it is known, and the lane's session. */
  #pid: number | undefined
  #session: number | undefined
  #processes: ProcessMark | undefined
  /** As its lane says it. */
  #status = 0
  /** How long its process ran, in ms, once that has ended. */
  #took: number | undefined
  #isAsked = false
  /** Before its process had ended. */
  #wasAsked = false
  #isKilled = false
  /** Length of its output when it was told last. */
  #told = 0
  /** There may be something in its files. */
  #hasSaid = true

  constructor(options: AttemptOptions) {
    const { chunk, batch, place, mark } = options
    this.place = place
    this.#options = options
    this.#attempt = chunk.attempts[place] ?? 1
    this.#values = {
      item: chunk.names[place] ?? '',
      number: (chunk.items[place] ?? 0) + 1,
      thread: mark.thread,
      batch: batch.id,
      fields: chunk.fields?.[place],
    }
    const { itemCwd, cwd } = batch.work
    this.#cwd = itemCwd && resolve(cwd, fill(itemCwd, this.#values))
    const outputs = batch.outputs ?? []
    if (outputs.length > 0)
      this.#outputs = new Outputs(
        outputs.map((path) => fill(path, this.#values)),
        this.#cwd ?? cwd,
      )
  }

  /** Its process may be there. */
  get isRunning(): boolean {
    return this.#state === 'running'
  }

  /** Its process has ended; what it left may still be there. */
  get isEnding(): boolean {
    return this.#state === 'ended'
  }

  /** Its lane is gone, and it with that: once this is done nothing of it lives any more, and what it made by halves is gone as well. */
  async lost(): Promise<void> {
    const isBegun = this.#state !== 'preparing'
    this.#state = 'over'
    if (!isBegun) return
    await endLeftovers(() => this.#living(this.#session), 0)
    await this.#outputs?.clean()
    this.#options.log.end()
    this.#options.files.clear()
  }

  /** KILL was sent. */
  get isKilled(): boolean {
    return this.#isKilled
  }

  begin(): void {
    if (this.#outputs) void this.#prepare(this.#outputs)
    else this.#send()
  }

  /** All of it that runs; undefined while nobody knows. */
  get tree(): Tree | undefined {
    const { pid, kind } = this.#options.lane
    if (this.#state !== 'running' || pid === undefined) return undefined
    this.#pid ??= childOf(pid)
    return { session: pid, isGrouped: kind.isGrouped, leader: this.#pid }
  }

  /** The lane tells its process. */
  began(pid: number): void {
    this.#pid = pid
  }

  /** The lane tells that its process has ended. */
  ended({ status, pid, isLeft, hasSaid }: LaneEnd): void {
    if (this.#state !== 'running') return
    const { lane, before } = this.#options
    this.#state = 'ended'
    this.#pid = pid ?? this.#pid
    this.#status = status
    this.#hasSaid = hasSaid
    this.#took = performance.now() - this.#began
    this.#wasAsked = this.#isAsked
    if (lane.kind.isGrouped && (pid === undefined || pid === before)) {
      const message = 'no process could be made for it'
      return this.#fail({ kind: 'setup', message })
    }
    // Nothing that is asked of the system where the lane knows that all is well: most items are short.
    if (isLeft === false && !this.#wasAsked) return this.#finish(0)
    void this.#endLeftovers()
  }

  /** It is to end: TERM to all of it, or KILL. Stopped or not, it hears that. */
  ask(isNow: boolean): void {
    this.#isAsked = true
    this.#isKilled ||= isNow
    void this.#signal(isNow ? 'SIGKILL' : 'SIGTERM')
  }

  /** Where its output stands so far and what it says of itself; undefined where that is as before. */
  news(): (Progress & { readonly log?: WireLog }) | undefined {
    const log = this.#options.log.look()
    const progress = this.#options.files.progress()
    const length = log?.[2] ?? 0
    if (length === this.#told && !progress) return undefined
    this.#told = length
    return { ...progress, ...(log ? { log } : {}) }
  }

  async #prepare(outputs: Outputs): Promise<void> {
    const problem = await outputs.prepare()
    if (this.#state !== 'preparing') return
    if (this.#isAsked) this.#tell({ failure: { how: 'ended' } })
    else if (problem !== undefined) this.#fail({ kind: 'setup', message: problem })
    else this.#send()
  }

  /** Also to what is about to be started. Nobody hears it twice. */
  async #signal(signal: NodeJS.Signals): Promise<void> {
    let isHeard = false
    for (let looks = 1; !isHeard; looks += 1, await setTimeout(RETRY_MS)) {
      const { tree } = this
      if (!tree || (this.#isKilled && signal !== 'SIGKILL')) return
      const members = treeMembers(tree)
      // A copy of a lane that shares its group still has the lane's traps, and would hear nothing.
      const isDeaf = signal === 'SIGTERM' && !tree.isGrouped && members?.some(({ isLane }) => isLane) === true
      if (isDeaf && looks < MOST_LOOKS) continue
      isHeard = signalTree(tree, signal, members)
      signalTree(tree, 'SIGCONT')
      const known = new Set(members?.map(({ pid }) => pid))
      const strays = (await findStrays(this.#mark)).filter((pid) => !known.has(pid))
      if (this.#isOver) return
      signalAll(strays, signal)
      signalAll(strays, 'SIGCONT')
      isHeard ||= strays.length > 0
    }
  }

  #send(): void {
    const { lane, log, files, batch, chunk, place } = this.#options
    const { work } = batch
    const { isGrouped } = lane.kind
    const run = batch.special[chunk.items[place] ?? -1]?.run ?? work.run
    const words = commandWords(run, this.#values)
    files.begin(this.#values.number, this.#attempt)
    const path = log.begin(batch.logLimit ?? DEFAULT_LOG_LIMIT)
    if (!isGrouped) this.#processes = leftBehind.mark()
    this.#state = 'running'
    this.#session = lane.pid
    this.#began = performance.now()
    const cwd = this.#cwd === undefined ? {} : { cwd: this.#cwd }
    const lines = itemLines({ isGrouped, work, values: this.#values, attempt: this.#attempt, words, ...cwd })
    lane.write(path === undefined ? lines : logLine(path) + lines)
  }

  /** Processes that are there although its own has ended. */
  async #left(): Promise<readonly number[]> {
    const session = this.#session
    if (this.#isAsked || session === undefined) return this.#living(session)
    if (this.#options.lane.kind.isGrouped) return leftOf({ session, isGrouped: true, leader: this.#pid }, 'group')
    return this.#processes ? leftBehind.since(this.#processes, session) : []
  }

  /** All of it, wherever it went. */
  async #living(session: number | undefined): Promise<readonly number[]> {
    const { isGrouped } = this.#options.lane.kind
    const own = session === undefined ? [] : await leftOf({ session, isGrouped, leader: this.#pid }, 'session')
    return [...new Set([...own, ...(await findStrays(this.#mark))])]
  }

  async #endLeftovers(): Promise<void> {
    const leftover = await endLeftovers(() => this.#left())
    // The last words of those that were ended.
    this.#hasSaid ||= leftover > 0
    this.#finish(leftover)
  }

  #finish(leftover: number): void {
    // What is ended with it was not left behind.
    if (this.#wasAsked) return this.#over({ failure: { how: 'ended' } })
    const left = leftover > 0 ? { leftover } : {}
    const reason = this.#isCwdMissing ? noFolder(this.#cwd) : reasonOfStatus(this.#status)
    if (reason) return this.#fail(reason, left)
    if (this.#outputs) void this.#checkOutputs(this.#outputs, left)
    else this.#succeed(left)
  }

  async #checkOutputs(outputs: Outputs, left: Pick<Detail, 'leftover'>): Promise<void> {
    const path = await outputs.missing()
    if (path === undefined) this.#succeed(left)
    else this.#fail({ kind: 'output', message: `made no ${path}` }, left)
  }

  #succeed(left: Pick<Detail, 'leftover'>): void {
    let value: string | undefined
    try {
      value = this.#hasSaid ? this.#options.files.value() : undefined
    } catch (error) {
      return this.#fail({ kind: 'output', message: (error as Error).message }, left)
    }
    this.#tell({ ...(value === undefined ? {} : { value }), ...left })
  }

  #fail(reason: Reason, left: Pick<Detail, 'leftover'> = {}): void {
    this.#over({ failure: { how: 'failed', reason, isRetryable: true }, ...left })
  }

  /** It did not succeed: what it made by halves goes. */
  #over(how: Omit<Detail, 'place' | 'time' | 'log'>): void {
    if (this.#outputs && this.#state !== 'preparing') void this.#clean(this.#outputs, how)
    else this.#tell(how)
  }

  async #clean(outputs: Outputs, how: Omit<Detail, 'place' | 'time' | 'log'>): Promise<void> {
    await outputs.clean()
    this.#tell(how)
  }

  #tell(how: Omit<Detail, 'place' | 'time' | 'log'>): void {
    if (this.#isOver) return
    const isBegun = this.#state !== 'preparing'
    this.#state = 'over'
    const time = Math.round((this.#took ?? performance.now() - this.#began) * 100)
    const log = isBegun ? this.#options.log.end(this.#laneSaid) : undefined
    if (isBegun && this.#hasSaid) this.#options.files.clear()
    this.#options.done({ place: this.place, time, ...how, ...(log ? { log } : {}) })
  }

  /** What its lane says behind its output where we ended it. */
  get #laneSaid(): string | undefined {
    if (!this.#wasAsked || this.#options.lane.kind.isGrouped) return undefined
    return OBITUARIES.get(this.#status)
  }

  get #isOver(): boolean {
    return this.#state === 'over'
  }

  /** The lane says 126 for a folder of the item's own that it could not enter. */
  get #isCwdMissing(): boolean {
    return this.#status === CANNOT_ENTER && this.#cwd !== undefined && !existsSync(this.#cwd)
  }

  get #mark(): AttemptMark {
    return { ...this.#options.mark, number: this.#values.number, attempt: this.#attempt }
  }
}

function noFolder(cwd: string | undefined): Reason {
  return { kind: 'setup', message: `cannot enter the folder ${cwd}` }
}
