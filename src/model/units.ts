/** Amounts with a unit. No bare number carries one: `Bytes` and `Millis` cannot be mixed up or left unsaid. */

/** A size in bytes. */
export type Bytes = number & { readonly '~unit': 'Bytes' }

/** A span of time in milliseconds; may have a fraction. */
export type Millis = number & { readonly '~unit': 'Millis' }

/** A moment on the wall clock: milliseconds since 1970, for people. Never subtract two to get a duration that matters. */
export type WallTime = number & { readonly '~unit': 'WallTime' }

export const bytes = (value: number): Bytes => value as Bytes
export const millis = (value: number): Millis => value as Millis
export const wallTime = (value: number): WallTime => value as WallTime

const sizeUnits: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/**
 * Reads `2GB`, `512M`, `1.5GiB`, `4096`: all powers of 1024, as in the plans this grew from.
 * @param bare what a number without unit counts, in bytes (the command line's `--memory-per-thread` counts MB)
 * @returns undefined where the text is no size above zero
 */
export function parseSize(text: string, bare = 1): Bytes | undefined {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(?:([kmgt])(?:i?b)?|b)?\s*$/i.exec(text)
  if (!match) return undefined
  const hasUnit = /[a-z]/i.test(text)
  const size = Math.round(Number(match[1]) * (hasUnit ? (sizeUnits[(match[2] ?? '').toLowerCase()] ?? 1) : bare))
  return size > 0 && Number.isSafeInteger(size) ? bytes(size) : undefined
}

const timeUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads `200ms`, `30s`, `1.5h`, `3d`, `1h30m`.
 * @param bare what a number without unit counts, in ms (a second; the command line's `--checkpoint-interval` counts minutes)
 * @returns undefined where the text is no time above zero
 */
export function parseTime(text: string, bare = 1000): Millis | undefined {
  const trimmed = text.trim()
  if (/^(?:\d+(?:\.\d+)?|\.\d+)$/.test(trimmed)) return positive(Number(trimmed) * bare)
  if (!/^(?:(?:\d+(?:\.\d+)?|\.\d+)(?:ms|s|m|h|d))+$/.test(trimmed)) return undefined
  let total = 0
  for (const [, amount, name] of trimmed.matchAll(/([\d.]+)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (timeUnits[name ?? ''] ?? 0)
  }
  return positive(total)
}

function positive(value: number): Millis | undefined {
  return value > 0 && Number.isFinite(value) ? millis(value) : undefined
}
