/**
 * Whether there is memory for one more item. What running items are expected to take and have not taken yet is promised to them: it counts
 * as used. This keeps most trouble away before any other stage has to act.
 */
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import type { Lines } from './lines.ts'
import type { Look, ThreadLook } from './look.ts'

/** An item that has taken what was expected may still take a little more. */
const STILL = 0.08

type Claim = Pick<ThreadLook, 'state' | 'used' | 'expected' | 'likely'>

/** What an item that runs may yet take. */
export function promisedTo({ state, used, expected, likely = expected }: Claim): number {
  if (state === 'idle' || state === 'leaving') return 0
  return Math.max(likely - used, expected * STILL)
}

export interface Room {
  /** What a new item may take beyond what its thread holds already. */
  readonly free: Bytes
  /** Nothing runs: one item may start whatever it takes, else nothing would ever go on. */
  readonly isAnyoneWelcome: boolean
  /** No item may start, however small. */
  readonly isClosed: boolean
  /** Memory that only a person can free: it is held by threads that a person paused. */
  readonly heldByUser: Bytes
  /** What an item could have once all that runs has ended; infinite where it is then welcome whatever it takes. */
  readonly reachable: number
}

/** A person stopped it. A thread that runs nothing is frozen by nobody else. */
function isOfUser({ state, by, isFrozen }: ThreadLook): boolean {
  return (state === 'standing' && by === 'user') || (state === 'idle' && isFrozen)
}

/** @param isHolding the hold stage is on */
export function roomOf({ budget, threads, isSqueezed, isCritical }: Look, lines: Lines, isHolding: boolean): Room {
  const used = sum(threads, (thread) => thread.used + promisedTo(thread))
  const isSomebodyOn = threads.some((thread) => thread.state !== 'idle' && !isOfUser(thread))
  const heldByUser = sum(threads.filter(isOfUser), (thread) => thread.used)
  // Of a machine that is in danger nothing more is asked; of one whose memory a person's paused threads hold neither.
  const isDanger = isSqueezed && isCritical
  const isAnyoneWelcome = !isSomebodyOn && !isDanger && heldByUser === 0
  return {
    free: bytes(Math.max(0, Math.floor(budget * lines.admit - used))),
    isAnyoneWelcome,
    isClosed: isHolding && isSomebodyOn,
    heldByUser: bytes(heldByUser),
    reachable: isDanger ? 0 : heldByUser === 0 ? Infinity : budget * lines.admit - heldByUser,
  }
}

/** @param expected what the item takes in all @param used what its thread holds already */
export function fitsInto({ free, isAnyoneWelcome, isClosed }: Room, expected: Bytes, used: Bytes): boolean {
  if (isAnyoneWelcome) return true
  return !isClosed && Math.max(expected - used, expected * STILL) <= free
}

function sum<Entry>(list: readonly Entry[], of: (entry: Entry) => number): number {
  return list.reduce((total, entry) => total + of(entry), 0)
}
