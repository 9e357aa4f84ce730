/** Numbers for people: sizes, times, shares. Nothing here ever prints NaN, a negative amount or 100 % before the end. */
import type { Clock } from '../model/snapshot.ts'
import type { Bytes, Millis, WallTime } from '../model/units.ts'

export type ByteUnit = 'B' | 'kB' | 'MB' | 'GB' | 'TB'

const unitSizes: readonly (readonly [ByteUnit, number])[] = [
  ['TB', 2 ** 40],
  ['GB', 2 ** 30],
  ['MB', 2 ** 20],
  ['kB', 2 ** 10],
]

const sane = (value: number): number => (Number.isFinite(value) ? Math.max(0, value) : 0)

/** The unit in which a size has at most three digits before the point. Powers of 1024. */
export function unitOf(size: Bytes): ByteUnit {
  return unitSizes.find(([, factor]) => size >= factor * (1000 / 1024))?.[0] ?? 'B'
}

/** `1.7` of `1.7 GB`: one digit after the point from GB on. */
export function amountIn(size: Bytes, unit: ByteUnit): string {
  const factor = unitSizes.find(([name]) => name === unit)?.[1] ?? 1
  return (sane(size) / factor).toFixed(unit === 'GB' || unit === 'TB' ? 1 : 0)
}

/** `1.7 GB`, `36 kB`. Within a column give the unit of the whole column. */
export function formatBytes(size: Bytes, unit: ByteUnit = unitOf(size)): string {
  return `${amountIn(size, unit)} ${unit}`
}

/** A size that people chose, without an empty fraction: `12 GB`, `1.5 GB`. */
export function formatRoundBytes(size: Bytes, unit: ByteUnit = unitOf(size)): string {
  return `${amountIn(size, unit).replace(/\.0$/, '')} ${unit}`
}

/** `9.9/12 GB`: both in the unit of the whole, or of a `unit` in which small parts can be told apart: `47 MB/2 GB`. */
export function formatShare(part: Bytes, whole: Bytes, unit: ByteUnit = unitOf(whole)): string {
  const isSame = unit === unitOf(whole)
  return `${isSame ? amountIn(part, unit) : formatBytes(part, unit)}/${formatRoundBytes(whole)}`
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `00:41:12`: hours, minutes, seconds. */
export function formatClock(time: number): string {
  const seconds = Math.floor(sane(time) / 1000)
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

/** Five cells: `02:10` minutes and seconds, then `1h05m`, `12h05`, `4d05h`. */
export function formatShort(time: number): string {
  const seconds = Math.floor(sane(time) / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours < 1) return `${two(minutes)}:${two(seconds % 60)}`
  if (hours < 10) return `${hours}h${two(minutes % 60)}m`
  if (hours < 100) return `${hours}h${two(minutes % 60)}`
  return `${Math.floor(hours / 24)}d${two(hours % 24)}h`.slice(0, 5)
}

/** Five cells at most, for times that were measured: `12 ms`, `0.3 s`, then as `formatShort`. */
export function formatMeasured(time: number): string {
  const ms = sane(time)
  if (ms < 1) return '<1 ms'
  if (ms < 99.5) return `${Math.round(ms)} ms`
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  return formatShort(Math.round(ms / 1000) * 1000)
}

/** What something took that a clock beside it shows as well: `6.6 s`, then `00:41:12`. */
export function formatTook(time: number): string {
  return sane(time) < 9950 ? formatMeasured(time) : formatClock(time)
}

/** In words: `8 s`, `16 min`, `1 h 20 min`, `2 d 3 h`. Never zero: what is left takes at least a second. */
export function formatAbout(time: number): string {
  const seconds = Math.max(1, Math.round(sane(time) / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `73 %`, rounded down, so that 100 % is said only of what is complete. Undefined where there is nothing to divide by. */
export function formatPercent(part: number, whole: number): string | undefined {
  if (!(whole > 0) || !Number.isFinite(part)) return undefined
  const share = Math.floor((sane(part) / whole) * 100)
  return `${part >= whole ? Math.max(100, share) : Math.min(99, share)} %`
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return String(Math.round(sane(count))).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `12 items`, `1 item`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** `7.6/min`, and for fast work `580/s`. Undefined where nothing was said. */
export function formatRate(perMinute: number | undefined): string | undefined {
  if (perMinute === undefined || !(perMinute > 0) || !Number.isFinite(perMinute)) return undefined
  if (perMinute < 10) return `${perMinute.toFixed(1)}/min`
  return perMinute < 600 ? `${Math.round(perMinute)}/min` : `${formatCount(perMinute / 60)}/s`
}

/** What a running or stopped clock shows at `now`. */
export function elapsedOf(clock: Clock, now: WallTime): Millis {
  return ('elapsed' in clock ? clock.elapsed : Math.max(0, now - clock.since)) as Millis
}
