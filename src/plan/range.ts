/** Ranges of names such as `US-001..US-426`: never expanded, whatever their length. */

/** A range of names in which one number counts up; what `itemName` needs to tell any of them. */
interface NameRange {
  readonly prefix: string
  readonly from: number
  /** Digits, padded with zeros; 0: no padding. */
  readonly width: number
  readonly suffix: string
  readonly count: number
}

export type RangeResult =
  | { readonly ok: true; readonly range: NameRange }
  | { readonly ok: false; readonly problem: string }

const EXAMPLE = 'a range looks like `US-001..US-426`'

/** Reads `<name>..<name>`, two names that differ in one number. */
export function parseRange(text: string): RangeResult {
  const cut = text.indexOf('..')
  if (cut < 1 || cut + 2 >= text.length) return bad(`\`${text}\` is no range: ${EXAMPLE}`)
  const first = text.slice(0, cut).trimEnd().split(/(\d+)/)
  const last = text
    .slice(cut + 2)
    .trimStart()
    .split(/(\d+)/)
  const places = first.flatMap((part, place) => (part === last[place] ? [] : [place]))
  // The odd places hold the digits. Two equal ends are a range of one name.
  const place = places[0] ?? first.length - 2
  if (first.length !== last.length || places.length > 1 || place % 2 !== 1) {
    return bad(`the ends of \`${text}\` must be alike but for one number: ${EXAMPLE}`)
  }
  const start = first[place] ?? ''
  const end = last[place] ?? ''
  const width = start.startsWith('0') && start.length > 1 ? start.length : 0
  if (end.startsWith('0') && end.length > 1 && end.length !== width) {
    return bad(`the numbers ${start} and ${end} of \`${text}\` are padded differently`)
  }
  return numbered({ text, start, end, width, prefix: join(first, 0, place), suffix: join(first, place + 1) })
}

interface Ends {
  readonly text: string
  readonly start: string
  readonly end: string
  readonly width: number
  readonly prefix: string
  readonly suffix: string
}

function numbered({ text, start, end, width, prefix, suffix }: Ends): RangeResult {
  const from = Number(start)
  const to = Number(end)
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return bad(`the numbers of \`${text}\` are too big`)
  if (to < from) return bad(`the range \`${text}\` ends before it begins: ${start} is more than ${end}`)
  return { ok: true, range: { prefix, from, width, suffix, count: to - from + 1 } }
}

function join(parts: readonly string[], from: number, to?: number): string {
  return parts.slice(from, to).join('')
}

function bad(problem: string): RangeResult {
  return { ok: false, problem }
}
