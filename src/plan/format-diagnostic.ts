/** Diagnostics as people read them: place and rule, what is wrong, the line with the place underlined, what to do. */
import { styleText } from 'node:util'
import type { Diagnostic } from '../model/diagnostic.ts'

type Style = Parameters<typeof styleText>[0]

interface Paint {
  readonly color: boolean
}

/** Columns of a line that are shown; longer lines are cut around the place. */
const SHOWN = 100
/** Columns left of the place that stay in a cut line. */
const BEFORE = 30

/** One text for all of them, without a newline at its end; empty where there are none. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], { color }: Paint): string {
  if (diagnostics.length === 0) return ''
  const blocks = diagnostics.map((diagnostic) => block(diagnostic, { color }))
  return [...blocks, summary(diagnostics)].join('\n\n')
}

function block(diagnostic: Diagnostic, { color }: Paint): string {
  const { severity, rule, message, hint, file, line, column } = diagnostic
  const paint = (style: Style, text: string) => (color ? styleText(style, text, { validateStream: false }) : text)
  const tone: Style = severity === 'error' ? 'red' : 'yellow'
  const { text, from, length } = cut(diagnostic)
  const number = String(line)
  const margin = ' '.repeat(number.length)
  const underline =
    ' '.repeat(columns(text.slice(0, from))) + '^'.repeat(Math.max(1, columns(text.slice(from, from + length))))
  const rows = [
    `${paint('bold', `${clean(file)}:${line}:${column}`)}  ${paint([tone, 'bold'], severity)} ${paint('dim', rule)}`,
    ...clean(message)
      .split('\n')
      .map((each) => `  ${each}`),
    '',
    `  ${paint('dim', `${number} │`)} ${text}`,
    `  ${margin} ${paint('dim', '│')} ${paint(tone, underline)}`,
  ]
  if (hint !== undefined)
    rows.push(
      ...clean(hint)
        .split('\n')
        .map((each, place) => `  ${paint('cyan', place === 0 ? 'hint:' : '     ')} ${each}`),
    )
  return rows.join('\n')
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const counts = [counted(errors, 'error'), counted(diagnostics.length - errors, 'warning')]
  return `${counts.filter((text) => text !== '').join(', ')}.`
}

function counted(count: number, word: string): string {
  if (count === 0) return ''
  return count === 1 ? `1 ${word}` : `${count} ${word}s`
}

/** The line with the place in it, cut where it is long. `from` and `length` are characters of `text`. */
function cut({ text, column, length }: Diagnostic): { text: string; from: number; length: number } {
  const line = clean(text.replaceAll('\t', ' '))
  const at = column - 1
  if (line.length <= SHOWN) return { text: line, from: at, length }
  const start = Math.max(0, Math.min(at - BEFORE, line.length - SHOWN))
  const end = Math.min(line.length, start + SHOWN)
  const head = start > 0 ? '…' : ''
  const tail = end < line.length ? '…' : ''
  const shown = head + line.slice(start, end) + tail
  return { text: shown, from: at - start + head.length, length: Math.min(length, end - at) }
}

/** Control characters must not reach a terminal from a file; each becomes one visible character. */
function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}

/** Terminal columns: characters of East Asian scripts and most pictures take two, combining marks none. */
function columns(text: string): number {
  let sum = 0
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue
    sum += WIDE.test(character) ? 2 : 1
  }
  return sum
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
