/** Random numbers that come again: the same seed gives the same kills, as far as the machine's own timing does. */
import { randomInt } from 'node:crypto'

export interface Dice {
  readonly seed: number
  /** From 0 to below. */
  readonly whole: (below: number) => number
  readonly oneOf: <Choice>(choices: readonly Choice[]) => Choice
}

/** Where the dice of a test file begin: `BATCHTOP_CRASH_SEED`, else anywhere. */
export const SEED = Number(process.env['BATCHTOP_CRASH_SEED'] ?? randomInt(1_000_000))

export function createDice(seed: number): Dice {
  // mulberry32
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (below: number) => Math.floor(next() * below)
  return { seed, whole, oneOf: (choices) => choices[whole(choices.length)] as (typeof choices)[number] }
}
