/** Commands of a plan: words for a program, or a script for a shell, with places for the item's name in them. */
import type { Command, Template } from '../model/template.ts'
import type { Columns } from './columns.ts'
import { hasSlots, parseTemplate, plainText } from './placeholders.ts'
import { checkCode } from './shell/code-words.ts'
import { dialectOf } from './shell/dialect.ts'
import { Refusal, type Span } from './shell/refusal.ts'
import { parseScript } from './shell/script.ts'
import { parseWords } from './shell/words.ts'

export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  /** `at`: where in the text; left out: all of it. */
  | { readonly ok: false; readonly problem: string; readonly hint: string; readonly at?: Span }

interface Given {
  /** Undefined: not known yet, so that every `{word}` may be one. */
  readonly columns: Columns
  /** Of the batch; left out: none where there is no shell syntax, else `/bin/sh -e`. */
  readonly shell?: readonly string[] | undefined
}

const SHELL = ['/bin/sh', '-e']

/** Never throws. */
export function parseCommand(text: string, { columns, shell }: Given): ParsedCommand {
  if (text.trim() === '') return { ok: false, problem: 'The command is empty.', hint: 'Say what to run.' }
  if (text.includes('\0')) {
    return { ok: false, problem: 'A command may hold no NUL character.', hint: 'Take it out.' }
  }
  try {
    return {
      ok: true,
      command: shell ? script(text, columns, shell) : (program(text, columns) ?? script(text, columns, SHELL)),
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { ok: false, problem: error.message, hint: error.hint, at: error.at }
  }
}

/** @throws Refusal where a name would be a part of code */
function program(text: string, columns: Columns): Command | undefined {
  const words = parseWords(text.trim(), columns)
  if (!words) return undefined
  const read = words.map((word) => {
    const hasName = hasSlots(word)
    return { text: hasName ? '' : plainText(word), hasName, isName: hasName && word.length === 1 }
  })
  for (const [place, { hasName }] of read.entries()) {
    if (hasName && place > 0) checkCode(read, place, { start: 0, end: text.length })
  }
  return { kind: 'words', text, words }
}

/** @throws Refusal where a name cannot be quoted */
function script(text: string, columns: Columns, shell: readonly string[]): Command {
  const dialect = dialectOf(shell)
  const template = dialect ? parseScript(text, columns, dialect) : withoutNames(text, columns, shell)
  return { kind: 'script', text, shell, script: withoutOptions(template) }
}

/** @throws Refusal where there are names in a language that nobody here can quote for */
function withoutNames(text: string, columns: Columns, shell: readonly string[]): Template {
  const template = parseTemplate(text, columns)
  if (!hasSlots(template)) return [plainText(template)]
  throw new Refusal(
    `Placeholders can be quoted for shells such as sh and bash, not for \`${shell.join(' ')}\`.`,
    'Read the name from the environment instead: BATCHTOP_ITEM.',
    { start: 0, end: text.length },
  )
}

/** A shell takes a script that begins with a sign for more options. */
function withoutOptions(template: Template): Template {
  const [first, ...rest] = template
  return typeof first === 'string' && /^[-+]/.test(first) ? [` ${first}`, ...rest] : template
}
