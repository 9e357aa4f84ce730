/**
 * A small model of a thread: it answers what it is told as a real one does, but only when it is stepped, so that a test can put everything
 * that happens in any order. It throws where the real one would. A shell survives the end of
 * its items, however they come to it.
 */
import type { Chunk, ThreadAbilities, ThreadReport } from '../../src/model/chunk.ts'
import type { ThreadNumber } from '../../src/model/ids.ts'
import { threadNumber } from '../../src/model/ids.ts'
import type { WorkKind } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import type { Bytes } from '../../src/model/units.ts'
import { bytes, millis } from '../../src/model/units.ts'
import type { SupervisedThread } from '../../src/supervisor/supervised-thread.ts'

/** What may happen to a thread next. */
export type Step =
  | 'ready'
  | 'gone'
  | 'stopped'
  | 'renewed'
  | 'stand'
  | 'taken'
  | 'tick'
  | 'reclaimed'
  | 'tidied'
  | 'abort'
  | 'succeed'
  | 'fail'
  | 'die'
  | 'overflow'

interface Flight {
  readonly chunk: Chunk
  readonly open: Set<number>
  ending: { place: number; reason: Reason } | undefined
  isInterrupted: boolean
  isEvicted: boolean
  /** By KILL, which also a stopped process hears. */
  isKilled: boolean
  lostFor: Reason | undefined
}

const LOST: Reason = { kind: 'lost', message: 'gone' }
const HEAP: Reason = { kind: 'memory', message: 'its heap is full' }
const EVICTED: Reason = { kind: 'memory', message: 'its memory was needed' }

export class ModelThread implements SupervisedThread {
  #kind: WorkKind | undefined
  readonly number: ThreadNumber
  readonly #report: (report: ThreadReport) => void
  #process: 'none' | 'starting' | 'ready' | 'renewing' | 'killed' | 'stopping' = 'none'
  #flight: Flight | undefined
  #freeze: 'no' | 'taking' | 'yes' = 'no'
  /** Frozen, but let on to end its item. */
  #goesOn = false
  #isHoldWished = false
  #isStanding = false
  #isReclaiming = false
  #isTaking = false
  /** It collects what a chunk has left before it says that the chunk is over. */
  #wantsTidy = false
  #pid = 0

  constructor(number: number, report: (report: ThreadReport) => void) {
    this.number = threadNumber(number)
    this.#report = report
  }

  get abilities(): ThreadAbilities {
    return { hold: this.#kind === 'module', reclaim: this.#kind === 'module' }
  }

  get isRunning(): boolean {
    return this.#process === 'ready' && this.item !== undefined && this.#freeze !== 'yes' && !this.#isStanding
  }

  get isThere(): boolean {
    return this.#process !== 'none' && this.#process !== 'starting'
  }

  /** What it runs, also standing. */
  get item(): number | undefined {
    const place = this.#running
    return place === undefined ? undefined : this.#flight?.chunk.items[place]
  }

  /** What could happen now. */
  steps(): Step[] {
    const flight = this.#flight
    if (this.#process === 'starting') return ['ready']
    if (this.#process === 'renewing') return ['renewed']
    if (this.#process === 'killed') return ['gone']
    if (this.#process === 'stopping') return ['stopped']
    if (this.#process === 'none') return []
    const canMove = this.#freeze !== 'yes' || this.#goesOn
    const isOver = flight?.open.size === 0
    const isEnding = flight !== undefined && !isOver && (flight.isInterrupted || flight.ending !== undefined)
    return [
      ...(this.#freeze === 'taking' ? ['stand' as const] : []),
      ...(canMove && this.#isTaking ? ['taken' as const] : []),
      ...(canMove && this.#isReclaiming && !isEnding ? ['reclaimed' as const] : []),
      ...(canMove && isOver ? ['tidied' as const] : []),
      ...((canMove || flight?.isKilled) && isEnding ? ['abort' as const] : []),
      ...(this.isRunning && this.#isHoldWished && !isEnding ? ['tick' as const] : []),
      ...(this.isRunning && !isEnding ? (['succeed', 'fail'] as const) : []),
      ...(this.isRunning && !isEnding && this.#kind === 'module' ? (['overflow'] as const) : []),
      'die',
    ]
  }

  step(step: Step): void {
    const thread = this.number
    switch (step) {
      case 'ready':
        this.#process = 'ready'
        this.#pid += 1
        return this.#report({ type: 'thread.ready', thread, pid: thread * 1000 + this.#pid })
      case 'renewed':
        this.#forget()
        this.#process = 'starting'
        return
      case 'stopped':
        return this.#stopped()
      case 'gone':
      case 'die':
        return this.#gone(LOST)
      case 'overflow':
        return this.#gone(HEAP)
      case 'stand':
        return this.#stand()
      case 'taken':
        return this.#taken()
      case 'tick':
        this.#isStanding = true
        return this.#report({ type: 'thread.held', thread })
      case 'reclaimed':
        this.#isReclaiming = false
        return this.#report({ type: 'thread.reclaimed', thread, freed: bytes(0), ms: millis(1) })
      case 'tidied':
        return this.#endChunk()
      case 'abort':
        return this.#abort()
      case 'succeed':
      case 'fail':
        return this.#ended(step)
    }
  }

  start(kind: WorkKind): void {
    if (this.#process !== 'none') return
    this.#process = 'starting'
    this.#kind = kind
  }

  run(chunk: Chunk): void {
    const { kind } = chunk.batch.work
    if (!this.#isFree || this.#isHoldWished || kind !== this.#kind)
      throw new Error(`thread ${this.number} cannot take a chunk of ${kind} work now`)
    const open = new Set(chunk.items.keys())
    this.#flight = {
      chunk,
      open,
      ending: undefined,
      isInterrupted: false,
      isEvicted: false,
      isKilled: false,
      lostFor: undefined,
    }
  }

  takeBack(): void {
    if (this.#flight && this.#freeze !== 'yes') this.#isTaking = true
  }

  hold(): void {
    if (this.#isHoldWished) return
    this.#isHoldWished = true
    if (this.#flight) this.#isTaking = true
  }

  release(): void {
    this.#isHoldWished = false
    this.#isStanding = false
  }

  reclaim(): void {
    if (this.#process === 'ready' && this.abilities.reclaim) this.#isReclaiming = true
  }

  tidy(threshold: Bytes | undefined): void {
    this.#wantsTidy = threshold !== undefined
  }

  freeze(): void {
    if (this.#freeze !== 'no' || this.#process !== 'ready') return
    if (!this.#flight) return this.#stand()
    this.#freeze = 'taking'
    this.takeBack()
  }

  thaw(): void {
    if (this.#freeze === 'no') return
    if (this.#freeze === 'taking') this.#report({ type: 'thread.frozen', thread: this.number })
    this.#freeze = 'no'
    this.#goesOn = false
    this.#report({ type: 'thread.thawed', thread: this.number })
  }

  end(place: number, reason: Reason): void {
    const flight = this.#upFlight
    if (flight?.open.has(place) !== true || this.#running !== place) return
    flight.ending ??= { place, reason }
    this.#goOn()
  }

  interrupt(): void {
    const flight = this.#upFlight
    if (!flight) return
    flight.isInterrupted = true
    this.#goOn()
  }

  evict(isNow: boolean): void {
    const flight = this.#upFlight
    if (!flight) return
    flight.lostFor ??= EVICTED
    flight.isInterrupted = true
    flight.isEvicted = true
    if (isNow) this.#kill(flight)
    else this.#goOn()
  }

  fail(place: number, reason: Reason): void {
    const flight = this.#upFlight
    if (!flight || this.#running !== place) return
    if (!flight.isInterrupted) flight.ending ??= { place, reason }
    flight.lostFor = reason
    flight.isInterrupted = true
    this.#kill(flight)
  }

  renew(kind: WorkKind): void {
    if (!this.#isFree) throw new Error(`thread ${this.number} cannot be renewed now`)
    this.#process = 'renewing'
    this.#kind = kind
  }

  stop(): Promise<void> {
    this.#process = 'stopping'
    return Promise.resolve()
  }

  get #isTidy(): boolean {
    return this.#wantsTidy && this.#kind === 'module'
  }

  get #isFree(): boolean {
    return this.#process === 'ready' && !this.#flight && this.#freeze === 'no'
  }

  get #upFlight(): Flight | undefined {
    return this.#process === 'ready' ? this.#flight : undefined
  }

  get #running(): number | undefined {
    return this.#flight && [...this.#flight.open].toSorted((a, b) => a - b)[0]
  }

  /** A host goes with its item. */
  #kill(flight: Flight): void {
    flight.isKilled = true
    if (this.#kind === 'module') this.#process = 'killed'
  }

  #goOn(): void {
    if (this.#freeze === 'yes') this.#goesOn = true
    this.#isStanding = false
  }

  #stand(): void {
    this.#freeze = 'yes'
    this.#goesOn = false
    this.#report({ type: 'thread.frozen', thread: this.number })
    if (this.#flight?.isEvicted) this.evict(false)
  }

  #taken(): void {
    this.#isTaking = false
    const flight = this.#flight
    if (!flight) return
    const places = [...flight.open].filter((place) => place !== this.#running)
    for (const place of places) flight.open.delete(place)
    if (places.length > 0) this.#report({ type: 'items.taken', ...this.#head(flight), places })
    if (this.#freeze === 'taking') this.#stand()
  }

  /** What was asked to end has ended. */
  #abort(): void {
    const flight = this.#flight
    if (!flight) return
    this.#closeAsked(flight)
    if (flight.isInterrupted) {
      const rest = [...flight.open]
      flight.open.clear()
      if (rest.length > 0) this.#report({ type: 'items.taken', ...this.#head(flight), places: rest })
    }
    if (flight.open.size === 0 && !this.#isTidy) this.#endChunk()
  }

  #closeAsked(flight: Flight): void {
    const place = this.#running
    if (place === undefined) return
    flight.open.delete(place)
    const { ending } = flight
    if (ending?.place === place) {
      const result = { ok: false, place, ms: millis(1), reason: ending.reason, isRetryable: true } as const
      this.#report({ type: 'items.ended', ...this.#head(flight), results: [result] })
    } else this.#report({ type: 'items.interrupted', ...this.#head(flight), places: [place] })
    flight.ending = undefined
  }

  #ended(how: 'succeed' | 'fail'): void {
    const flight = this.#flight
    const place = this.#running
    if (!flight || place === undefined) return
    flight.open.delete(place)
    const reason: Reason = { kind: 'threw', message: 'broken' }
    const head = this.#head(flight)
    if (how === 'succeed') this.#report({ type: 'items.succeeded', ...head, from: place, ms: [1] })
    else {
      const result = { ok: false, place, ms: millis(1), reason, isRetryable: true } as const
      this.#report({ type: 'items.ended', ...head, results: [result] })
    }
    if (flight.open.size === 0 && !this.#isTidy) this.#endChunk()
  }

  #endChunk(): void {
    const flight = this.#flight
    if (!flight) return
    this.#flight = undefined
    this.#isStanding = false
    this.#isTaking = false
    this.#goesOn = false
    this.#report({ type: 'chunk.ended', ...this.#head(flight) })
  }

  #gone(cause: Reason): void {
    const flight = this.#flight
    const thread = this.number
    const reason = flight?.lostFor ?? cause
    const isAsked = flight !== undefined && (flight.isInterrupted || flight.ending !== undefined)
    if (flight && isAsked) this.#closeAsked(flight)
    this.#forget()
    this.#process = 'starting'
    if (!flight) return this.#report({ type: 'thread.lost', thread, reason, orphaned: [] })
    const [running, ...orphaned] = [...flight.open].toSorted((a, b) => a - b)
    const { id: chunk } = flight.chunk
    if (isAsked || running === undefined)
      this.#report({ type: 'thread.lost', thread, chunk, reason, orphaned: [...flight.open] })
    else this.#report({ type: 'thread.lost', thread, chunk, reason, running, orphaned })
  }

  #stopped(): void {
    const flight = this.#flight
    if (flight) {
      this.#report({ type: 'items.interrupted', ...this.#head(flight), places: [...flight.open] })
      this.#report({ type: 'chunk.ended', ...this.#head(flight) })
    }
    this.#forget()
    this.#process = 'none'
    this.#report({ type: 'thread.stopped', thread: this.number })
  }

  #forget(): void {
    this.#flight = undefined
    this.#freeze = 'no'
    this.#goesOn = false
    this.#isHoldWished = false
    this.#isStanding = false
    this.#isReclaiming = false
    this.#isTaking = false
  }

  #head({ chunk }: Flight): { readonly thread: ThreadNumber; readonly chunk: number } {
    return { thread: this.number, chunk: chunk.id }
  }
}
