/**
 * Finds the places in a shell script where a name in single quotes is one word and nothing else. It follows what POSIX says of quotes and
 * expansions, and refuses what shells read in different ways: a refusal costs somebody a minute, a mistake runs a file's name as code.
 */
import type { Template } from '../../model/template.ts'
import type { Columns } from '../columns.ts'
import { hasSlots, parseTemplate } from '../placeholders.ts'
import { checkArguments } from './arguments.ts'
import type { Dialect } from './dialect.ts'
import { inArithmetic, inDoubleQuotes, inExpansion, openExpansion } from './expansions.ts'
import { isScript, type Word } from './frame.ts'
import { announce, lineEnd } from './here-documents.ts'
import { ansiQuotes, backticks, singleQuotes } from './quotes.ts'
import { Reader } from './reader.ts'
import { Refusal, unclear } from './refusal.ts'

/** @throws Refusal where a name would not be safe, or where that is not certain */
export function parseScript(text: string, columns: Columns, dialect: Dialect): Template {
  const plain = parseTemplate(text, columns)
  if (!hasSlots(plain)) return plain
  const reader = new Reader(text, columns, dialect)
  while (reader.at < text.length) step(reader)
  endCommand(reader)
  const { frame, pending } = reader
  if (frame.kind !== 'base') throw unclear('Something that is not closed', { start: frame.start, end: text.length })
  const [unread] = pending
  if (unread) throw unclear('A here-document without text', unread.at)
  return reader.template
}

function step(reader: Reader): void {
  switch (reader.frame.kind) {
    case 'double':
      return inDoubleQuotes(reader)
    case 'expansion':
      return inExpansion(reader)
    case 'arithmetic':
      return inArithmetic(reader)
    default:
      return inScript(reader)
  }
}

const SEPARATORS = ' \t\n;&|<>()'

function inScript(reader: Reader): void {
  if (SEPARATORS.includes(reader.char)) return separator(reader)
  const { frame } = reader
  if (frame.word < 0) {
    if (reader.char === '#') return comment(reader)
    frame.word = reader.at
  }
  switch (reader.char) {
    case "'":
      return singleQuotes(reader)
    case '"':
      return reader.open('double', 1)
    case '`':
      return backticks(reader)
    case '\\':
      return backslash(reader)
    case '$':
      return reader.peek(1) === "'" ? ansiQuotes(reader) : openExpansion(reader)
    case '{':
      return reader.brace()
    default:
      return reader.copy(1)
  }
}

/** Between words; `&&`, `;;` and the like come one character at a time. */
function separator(reader: Reader): void {
  const { char } = reader
  if (char === ' ' || char === '\t') {
    endWord(reader)
    return reader.copy(1)
  }
  if (char === '(' && /[?*+@!]/.test(reader.peek(-1)) && reader.frame.word >= 0) {
    throw unclear('A pattern such as `@(…)`', reader.span(1))
  }
  const isInWord = reader.frame.word >= 0 && reader.peek(-1) !== '=' && reader.peek(1) !== ')'
  if (char === '(' && reader.dialect.isZsh && isInWord) {
    throw unclear('`(` behind a word, which zsh may take for a pattern,', reader.span(1))
  }
  if (char === '<' || char === '>') return redirection(reader)
  if (isOfRedirection(reader)) return reader.copy(1)
  if (char === '&' && reader.peek(1) === '>') return bothOutputs(reader)
  endCommand(reader)
  if (char === '\n') return lineEnd(reader)
  if (char === '(' || char === ')') return parenthesis(reader)
  reader.copy(1)
}

/** `>&`, `<&` and `>|`. */
function isOfRedirection(reader: Reader): boolean {
  const { char, frame } = reader
  const isBehind = frame.isTarget && frame.word < 0 && /[<>]/.test(reader.peek(-1))
  return isBehind && (char === '&' || (char === '|' && reader.peek(-1) === '>'))
}

/** `&>`: in a shell that does not know it, the command goes to the background, and what follows is another one. */
function bothOutputs(reader: Reader): void {
  if (!reader.dialect.hasBashRedirections) {
    const problem = '`&>` is for bash: other shells start the command in the background, and what follows as another.'
    throw new Refusal(problem, 'Write `> file 2>&1`, or give the batch `shell: bash -e`.', reader.span(2))
  }
  endWord(reader)
  reader.copy(1)
}

function redirection(reader: Reader): void {
  const { text, at, frame } = reader
  // What says which file is redirected, as in `2>` and `{fd}<`, is no word of the command.
  const isBeforeIt = !frame.hasName && /^(?:\d+|\{\w+\})$/.test(text.slice(Math.max(0, frame.word), at))
  if (isBeforeIt) frame.word = -1
  endWord(reader)
  if (reader.peek(1) === '(') {
    frame.word = at
    return reader.open('command', 2)
  }
  frame.isTarget = true
  if (reader.peek(1) === '#') throw unclear('`#` behind a redirection', reader.span(2))
  if (text.startsWith('<<<', at)) {
    if (!reader.dialect.hasBashRedirections) {
      throw unclear('`<<<`, which not every shell has,', reader.span(3), 'Give the batch `shell: bash`.')
    }
    return reader.copy(3)
  }
  if (!text.startsWith('<<', at)) return reader.copy(1)
  frame.isTarget = false
  announce(reader)
}

function parenthesis(reader: Reader): void {
  const { frame, char } = reader
  if (char === '(') {
    if (reader.peek(1) === '(')
      throw unclear('`((`', reader.span(2), 'Write `[ … ]` or `$(( … ))`, or a blank between the two.')
    if (reader.peek(1) === '#') throw unclear('`(#`', reader.span(2), 'Write a blank between the two.')
    frame.depth += 1
    return reader.copy(1)
  }
  if (frame.kind === 'command' && frame.depth === 0) return reader.close(1)
  frame.depth -= 1
  reader.copy(1)
}

function comment(reader: Reader): void {
  const newline = reader.text.indexOf('\n', reader.at)
  const end = newline < 0 ? reader.text.length : newline
  if (reader.frame.kind === 'command' || reader.text[end - 1] === '\\') {
    throw unclear(
      'A comment in `$(…)`, or with a backslash at its end,',
      { start: reader.at, end },
      'Take the comment out.',
    )
  }
  reader.copyUpTo(end, 'comment')
}

function backslash(reader: Reader): void {
  const next = reader.peek(1)
  if (next === '') throw unclear('A backslash at the end', reader.span(1), 'Take it out.')
  if (next === '\n') {
    const isBetweenWords = reader.frame.word === reader.at && /[ \t]/.test(reader.peek(-1))
    if (!isBetweenWords)
      throw unclear(
        'A line that goes on in the middle of a word',
        reader.span(1),
        'Write a blank before the backslash.',
      )
    reader.frame.word = -1
    return reader.copy(2)
  }
  reader.checkEscaped('backslash')
  if (next === '$' && reader.peek(2) === '{') throw unclear('`\\${`', reader.span(3), "Write '${' instead.")
  reader.copy(2)
}

function endWord(reader: Reader): void {
  const { frame, text, at } = reader
  const { word: start, hasName, isTarget } = frame
  if (start < 0) return
  const raw = text.slice(start, at)
  if (frame.kind === 'command' && (raw === 'case' || raw === '[[')) {
    throw unclear(`\`${raw}\` in \`$(…)\``, { start, end: at })
  }
  if (isTarget) checkTarget({ raw, start, end: at, hasName }, text)
  else frame.words.push({ raw, start, end: at, hasName })
  if (/^[A-Za-z_]\w*\[[^\]]*$/.test(raw)) throw unclear('An index that may go on behind a blank', { start, end: at })
  Object.assign(frame, { word: -1, hasName: false, isTarget: false })
}

/** What `<`, `>` and their like lead to. */
function checkTarget({ raw, start, end, hasName }: Word, text: string): void {
  if (!/[<>]&(?:[ \t]|\\\n)*$/.test(text.slice(0, start))) return
  if (hasName) {
    throw new Refusal(`\`${raw}\` stands behind \`&\`, where bash expands it a second time.`, 'Write `> file 2>&1`.', {
      start,
      end,
    })
  }
  if (/^-./.test(raw)) throw unclear('Something right behind `&-`', { start, end }, 'Write a blank between the two.')
}

function endCommand(reader: Reader): void {
  const { frame } = reader
  if (!isScript(frame)) return
  endWord(reader)
  checkArguments(frame.words, reader)
  frame.words = []
}
