const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

/** A time as plans write it: `10m`, `1h30m`, `200ms`. */
export function timeText(ms: number): string {
  let left = Math.round(ms)
  let text = ''
  for (const [name, length] of units) {
    const count = Math.floor(left / length)
    if (count > 0) text += `${count}${name}`
    left -= count * length
  }
  return text || '0s'
}
