/** Commands without shell syntax: words that are handed to a program as they are. */
import type { Template } from '../../model/template.ts'
import type { Columns } from '../columns.ts'
import { hasSlots, Parts, parseTemplate, placeholderAt, plainText } from '../placeholders.ts'
import { isShellWord } from './builtins.ts'

/** Means nothing to any shell, wherever it stands in a word. */
const SAFE = /[\w./:,+@%=-]+|[^\s\p{C}\p{ASCII}]+/uy
/** Literal text in quotes: nothing in it means anything. */
const SINGLE = /'([^']*)'/y
const DOUBLE = /"([^"$`\\]*)"/y

/** The words of a command; undefined: it needs a shell, or is no command at all. */
export function parseWords(text: string, columns: Columns): readonly Template[] | undefined {
  const words: Template[] = []
  for (let at = 0; at < text.length; ) {
    if (/[ \t]/.test(text.charAt(at))) {
      at += 1
      continue
    }
    const word = wordFrom(text, at, columns)
    if (!word) return undefined
    words.push(word.template)
    at = word.end
  }
  const [program] = words
  return program && isProgram(program) ? words : undefined
}

interface Word {
  readonly template: Template
  readonly end: number
}

function wordFrom(text: string, start: number, columns: Columns): Word | undefined {
  const parts = new Parts()
  let at = start
  while (at < text.length && !/[ \t]/.test(text.charAt(at))) {
    const placeholder = text[at] === '{' ? placeholderAt(text, at, columns) : undefined
    if (placeholder && (typeof placeholder.is !== 'string' || placeholder.is === '{}')) {
      parts.add(placeholder.is)
      at += placeholder.length
      continue
    }
    const literal = literalAt(text, at, columns)
    if (!literal) return undefined
    parts.add(literal.text)
    at += literal.length
  }
  return { template: parts.template, end: at }
}

function literalAt(text: string, at: number, columns: Columns): { text: string; length: number } | undefined {
  const safe = matchAt(SAFE, text, at)
  if (safe) return { text: safe[0], length: safe[0].length }
  const quoted = matchAt(SINGLE, text, at) ?? matchAt(DOUBLE, text, at)
  if (!quoted) return undefined
  const [whole, inside = ''] = quoted
  const unescaped = quotedText(inside, columns)
  return unescaped === undefined ? undefined : { text: unescaped, length: whole.length }
}

/** What stands between quotes, with `{{}}` as `{}`; undefined where a placeholder is in it. */
function quotedText(inside: string, columns: Columns): string | undefined {
  const template = parseTemplate(inside, columns)
  return hasSlots(template) ? undefined : plainText(template)
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** False where a shell might see a keyword, a builtin, an option or an assignment: it shall decide. */
function isProgram(word: Template): boolean {
  const [first = ''] = word
  if (typeof first !== 'string') return false
  if (word.length > 1 && !first.includes('/')) return false
  return first !== '' && !/^[-+%]|^\w+\+?=/.test(first) && !isShellWord(first)
}
