/** Rows of meaning → text with colours: the sixteen of every terminal, so that people's own palettes hold. */
import type { Fill, Looks, Row, Segment, Tone } from '../view/row.ts'

const tones: Readonly<Record<Tone, string>> = { running: '32', waiting: '33', failed: '31', selected: '36', dim: '2' }

/**
 * Background, a foreground that can be read on it, and a dark underline that keeps the bars of neighbouring rows apart. What is
 * empty of a bar is only a thin rail.
 */
const fills: Readonly<Record<Fill, string>> = {
  running: '42;30;4',
  waiting: '43;30;4',
  failed: '41;30;4',
  past: '44;30;4',
  track: '2;4',
}

/**
 * One line for Ink, which keeps these sequences as they are: a single text per line costs a third of nested elements.
 * Without colours only bold and dim are left.
 */
export function paint(row: Row, looks: Looks): string {
  let line = ''
  for (const segment of row) {
    const codes = codesOf(segment, looks.color)
    line += codes === '' ? segment.text : `\u001B[${codes}m${segment.text}\u001B[0m`
  }
  return line
}

function codesOf({ color, bold, bar }: Segment, hasColor: boolean): string {
  const codes: string[] = []
  if (bold === true) codes.push('1')
  if (color !== undefined && (hasColor || color === 'dim')) codes.push(tones[color])
  if (bar !== undefined && hasColor) codes.push(fills[bar])
  return codes.join(';')
}
