/** Whether there is memory for what the scheduler would hand out next, and what is told of it where there is not. */
import type { Room } from '../govern/admission.ts'
import { fitsInto, roomOf } from '../govern/admission.ts'
import { hasJust } from '../govern/governor.ts'
import { isAnyWaiting, noteRefused, noteStarted, roomFor } from '../govern/turns.ts'
import type { BatchIndex, ItemIndex } from '../model/ids.ts'
import { nameText } from '../model/names.ts'
import { batchOf, itemName } from '../model/plan.ts'
import { sizeText } from '../model/size-text.ts'
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import type { LiveThread } from '../run/live.ts'
import { memoryOf } from '../run/live.ts'
import type { Picked, Wanted } from '../schedule/pick.ts'
import { noteAct } from './acts.ts'
import type { Core } from './core.ts'
import { lookOf, sizeOf } from './looking.ts'

/** An item may take a little more than expected. */
const SPREAD = 1.1

/** What comes and goes with every item is worth a line now and then. */
const TOLD_AGAIN_MS = 30_000

/** One round of handing out. */
export class Admission {
  readonly #core: Core
  #room: Room | undefined
  #surelyFree: number | undefined
  #lacks: Wanted | undefined
  #passed: { readonly instead: BatchIndex; readonly of: Wanted } | undefined

  constructor(core: Core) {
    this.#core = core
  }

  /** Asked by the scheduler for every choice. */
  fits(thread: LiveThread, batch: BatchIndex, own?: ItemIndex): boolean {
    const expected = sizeOf(this.#core, batch, own)
    if (expected <= this.#plenty()) return true
    const now = this.#core.clock.now()
    const { governor } = this.#core.governing
    const room = roomFor(governor, this.#roomNow(), { batch, own, expected, now })
    if (fitsInto(room, expected, memoryOf(thread))) return true
    noteRefused(governor, { batch, own, expected, now })
    return false
  }

  /** What a thread was offered: what it takes is promised to it, what it lacks is told. */
  note(picked: Picked): void {
    if (picked.kind === 'lacks') this.#lacks ??= picked
    if (picked.kind !== 'items') return
    this.#room = undefined
    this.#surelyFree = undefined
    const { batch, items } = picked
    const { state, clock, governing } = this.#core
    const own = items.find((item) => state.appetites.has(item))
    noteStarted(governing.governor, { batch, own, expected: sizeOf(this.#core, batch, own), now: clock.now() })
    if (picked.passed && picked.passed.batch !== picked.batch)
      this.#passed ??= { instead: picked.batch, of: picked.passed }
  }

  /** At the end of the round: what screens show, and now and then an event. */
  tell(): void {
    const { live, governing } = this.#core
    const wanted = this.#lacks ?? this.#passed?.of
    live.lacks = this.#lacks && `memory: ${this.#wordsFor(this.#lacks)}`
    live.holdsAbove = wanted && this.#mostThatStarts()
    if (governing.governor.isHolding) return
    if (this.#lacks) this.#tellNow('hold', `${this.#nameOf(this.#lacks)} ${this.#needs(this.#lacks)}`)
    else if (this.#passed)
      this.#tellNow('rebalance', `${this.#idOf(this.#passed.instead)} goes first: ${this.#needsOf(this.#passed.of)}`)
  }

  /** What memory an item lacks, in words; undefined where that is not what it waits for. */
  lackOf(item: ItemIndex): string | undefined {
    const { live, plan, standing } = this.#core
    const { index: batch } = batchOf(plan, item)
    if (live.holdsAbove === undefined || standing?.open.includes(batch) !== true) return undefined
    const isShort = live.lacks !== undefined || sizeOf(this.#core, batch, item) > live.holdsAbove
    return isShort ? this.#wordsFor({ batch, item }) : undefined
  }

  #tellNow(stage: 'hold' | 'rebalance', why: string): void {
    const { governor } = this.#core.governing
    const now = this.#core.clock.now()
    if (hasJust(governor, stage, now, TOLD_AGAIN_MS)) return
    governor.last.set(stage, now)
    noteAct(this.#core, { stage, why })
  }

  #mostThatStarts(): Bytes {
    const { isClosed, free } = this.#roomNow()
    return isClosed ? bytes(0) : free
  }

  /** Room that is there for sure, at next to no cost: thousands of chunks a second are handed out where memory is no question. */
  #plenty(): number {
    const { live, governing, clock } = this.#core
    const { isHolding, lines } = governing.governor
    if (isHolding || isAnyWaiting(governing.governor, clock.now())) return 0
    this.#surelyFree ??= live.threads.reduce(
      (free, thread) => free - Math.max(memoryOf(thread), thread.held?.expected ?? 0) * SPREAD,
      governing.budget.budget * lines.admit,
    )
    return this.#surelyFree
  }

  #roomNow(): Room {
    const { governor } = this.#core.governing
    this.#room ??= roomOf(lookOf(this.#core), governor.lines, governor.isHolding)
    return this.#room
  }

  #wordsFor(wanted: Wanted): string {
    const { heldByUser, isClosed } = this.#roomNow()
    if (heldByUser > 0) return `paused threads hold ${sizeText(heldByUser)}`
    return isClosed ? 'nothing new starts now' : this.#needs(wanted)
  }

  #needsOf(wanted: Wanted): string {
    return `${this.#nameOf(wanted)} ${this.#needs(wanted)}`
  }

  #needs({ batch, item }: Wanted): string {
    const { governing } = this.#core
    const free = sizeText(this.#roomNow().free)
    const rest = governing.budget.isSqueezed ? `others leave ${free}` : `${free} free`
    return `needs ${sizeText(sizeOf(this.#core, batch, item))}, ${rest}`
  }

  #nameOf({ batch: index, item }: Wanted): string {
    const batch = this.#core.batch(index)
    return item === undefined ? `an item of ${batch.id}` : nameText(itemName(batch, item - batch.first))
  }

  #idOf(batch: BatchIndex): string {
    return this.#core.batch(batch).id
  }
}
