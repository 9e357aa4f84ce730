import { type Millis, parseTime } from '../model/units.ts'

export interface Span {
  readonly low: Millis
  readonly high: Millis
}

/** Reads `2h` or `3d..5d`; undefined where the text is neither, or the second time is shorter than the first. */
export function parseSpan(text: string): Span | undefined {
  const [first = '', second = first, ...rest] = text.split('..')
  const low = parseTime(first)
  const high = parseTime(second)
  if (rest.length > 0 || low === undefined || high === undefined || high < low) return undefined
  return { low, high }
}
