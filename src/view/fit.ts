/** Texts in terminal cells: cleaned of what would move the cursor, measured, and cut without losing their sense. */

// Sequences that steer a terminal: CSI, OSC and the like with their end, then every escape that stands alone.
// oxlint-disable-next-line no-control-regex
const sequences = /\u001B\[[0-?]*[ -/]*[@-~]|\u001B[\]PX^_][^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)?|\u001B./gu
// oxlint-disable-next-line no-control-regex
const plain = /^[ -~]*$/u
const combined = /\uFE0E|\uFE0F|\u200D|\u20E3|\p{Emoji_Modifier}/gu
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0\u302A-\u302F\u3099\u309A]/gu
const unknown = /\p{Cn}/gu
const regional = /[\u{1F1E6}-\u{1F1FF}]/gu
const wide =
  /[\u1100-\u115F\u2630-\u2637\u268A-\u268F\u2E80-\u303E\u3041-\u3247\u3250-\u33FF\u3400-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6B\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FB}\u{1D300}-\u{1D376}\u{1F200}-\u{1F265}\u{20000}-\u{3FFFD}\p{Emoji_Presentation}]/u
const mark = /[\p{Mn}\p{Me}]/u

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * A text that is safe to draw and takes the same cells in every terminal: no control sequences, no line ends (they become
 * blanks), no direction marks, no halves of characters (they become U+FFFD); emoji that are joined from several are taken apart, because terminals disagree about them.
 */
export function clean(text: string): string {
  if (plain.test(text)) return text
  return text
    .toWellFormed()
    .replace(sequences, '')
    .replace(/[\t\n\r]+/g, ' ')
    .replace(combined, '')
    .replace(invisible, '')
    .replace(unknown, '\uFFFD')
    .replace(regional, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) - 0x1f1e6 + 0x41))
    .normalize('NFC')
}

const widths = new Map<string, number>()

/** How many cells a cleaned text takes. */
export function cellWidth(text: string): number {
  if (plain.test(text)) return text.length
  const known = widths.get(text)
  if (known !== undefined) return known
  let width = 0
  for (const character of text) width += characterWidth(character)
  if (widths.size > 4000) widths.clear()
  widths.set(text, width)
  return width
}

function characterWidth(character: string): number {
  if (wide.test(character)) return 2
  return mark.test(character) ? 0 : 1
}

/** The longest beginning of a text that fits into `width` cells. */
function head(parts: readonly string[], width: number): string {
  let room = width
  let taken = ''
  for (const part of parts) {
    room -= cellWidth(part)
    if (room < 0) break
    taken += part
  }
  return taken
}

const split = (text: string): string[] => [...graphemes.segment(text)].map((part) => part.segment)

/** Cuts in the middle, `US-147-…-draft`: beginnings and ends of names are what tells them apart. */
export function cutMiddle(text: string, width: number): string {
  const safe = clean(text)
  if (cellWidth(safe) <= width) return safe
  if (width <= 0) return ''
  if (width < 4) return head(split(safe), width - 1) + '…'
  const parts = split(safe)
  const left = head(parts, Math.ceil((width - 1) / 2))
  const right = head(parts.toReversed(), width - 1 - cellWidth(left))
  return `${left}…${split(right).toReversed().join('')}`
}

/** Cuts at the end, between two words where that costs little. */
export function cutEnd(text: string, width: number): string {
  const safe = clean(text)
  if (cellWidth(safe) <= width) return safe
  if (width <= 0) return ''
  const kept = head(split(safe), width - 1)
  const word = kept.lastIndexOf(' ')
  const whole = safe[kept.length] === ' ' || word < width * 0.5 ? kept : kept.slice(0, word)
  return `${whole.trimEnd()}…`
}

const asciiFor: Readonly<Record<string, string>> = {
  '…': '~',
  '─': '-',
  '│': '|',
  '▸': '>',
  '·': '-',
  '→': '>',
  '▁': '_',
  '▂': '.',
  '▃': '.',
  '▄': '-',
  '▅': '-',
  '▆': '=',
  '▇': '=',
  '█': '#',
  '┌': '+',
  '┬': '+',
  '┐': '+',
  '├': '+',
  '┼': '+',
  '┤': '+',
  '└': '+',
  '┴': '+',
  '┘': '+',
  '↑': '^',
  '↓': 'v',
}

/** The screen's own glyphs as characters every terminal has, cell for cell. Names keep their letters. */
export function toAscii(text: string): string {
  return plain.test(text) ? text : text.replace(/[…─│┌┬┐├┼┤└┴┘▸·→▁-█↑↓]/gu, (glyph) => asciiFor[glyph] ?? '?')
}
