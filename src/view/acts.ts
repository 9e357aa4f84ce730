/** What the governor did, in words: as a sentence for lists of events, and in short beside the name of its stage. */
import { assertNever } from '../model/errors.ts'
import type { GovernorStage, RunEvent } from '../model/event.ts'
import type { EventView } from '../model/snapshot.ts'
import { type Bytes, bytes } from '../model/units.ts'
import { amountIn, formatBytes, formatMeasured, unitOf } from './format.ts'
import type { Tone } from './row.ts'

export type Act = Extract<RunEvent, { readonly type: 'governor.acted' }>

/** A difference that nobody would see. */
const NOTHING_SHARE = 0.01

/** `governor: thread 2 gave memory back, 1.9 → 1.2 GB in 0.8 s (10.4 of 12 GB in sight)`. */
export function describeAct(act: Act): string {
  return `governor: ${sentenceOf(act)} (${act.why})`
}

function sentenceOf(act: Act): string {
  const { stage, thread } = act
  const name = thread === undefined ? 'threads' : `thread ${thread}`
  switch (stage) {
    case 'hold':
      return thread === undefined ? 'new items wait for memory' : `${name} stands still at its cap`
    case 'reclaim':
      return gaveNothing(act)
        ? `${name} had no memory to give back, ${formatBytes(act.after)} after ${formatMeasured(act.ms)}`
        : `${name} gave memory back, ${changeOf(act)}`
    case 'rebalance':
      return thread === undefined ? 'smaller items first' : `what ${name} has not begun goes to others`
    case 'pause':
      return `${name} stands still at ${formatBytes(act.after)}`
    case 'resume':
      return `${name} goes on`
    case 'checkpoint':
      return `checkpoint in ${formatMeasured(act.ms)}`
    case 'requeue':
      return `the item of ${name} goes back to the queue, ${changeOf(act)}`
    case 'kill':
      return `${name} was ended, ${changeOf(act)}`
    default:
      return assertNever(stage)
  }
}

/** The same beside the name of the stage: `thread 2: 1.9 → 1.2 GB in 0.8 s`. */
export function shortAct(act: Act): string {
  const { stage, thread, why } = act
  const name = thread === undefined ? '' : `thread ${thread}: `
  switch (stage) {
    case 'hold':
    case 'pause':
    case 'resume':
      return `${name}${why}`
    case 'rebalance':
      return thread === undefined ? why : `${name}its queue goes to others`
    case 'reclaim':
    case 'checkpoint':
    case 'requeue':
    case 'kill':
      return `${name}${changeOf(act)}`
    default:
      return assertNever(stage)
  }
}

/** The short form, and why, where it does not say that already. */
export function fullAct(act: Act): string {
  const short = shortAct(act)
  return short.includes(act.why) ? short : `${short} (${act.why})`
}

const gaveNothing = ({ before, after }: Act): boolean => after >= before * (1 - NOTHING_SHARE)

/** `1.9 → 1.2 GB in 0.8 s`, both in one unit. */
function changeOf({ before, after, ms }: Act): string {
  const unit = unitOf(largerOf(before, after))
  return `${amountIn(before, unit)} → ${amountIn(after, unit)} ${unit} in ${formatMeasured(ms)}`
}

const largerOf = (a: Bytes, b: Bytes): Bytes => bytes(Math.max(a, b))

const TONES: Readonly<Partial<Record<GovernorStage, Tone>>> = {
  pause: 'waiting',
  resume: 'running',
  requeue: 'waiting',
  kill: 'failed',
}

export const toneOfAct = ({ stage }: Act): Tone | undefined => TONES[stage]

/** The governor's pauses are told as what it did: the events of the thread would say them again. */
export const isToldByGovernor = ({ event }: EventView): boolean =>
  (event.type === 'thread.paused' || event.type === 'thread.resumed') && event.by === 'governor'
