import { columnsOf } from '../columns.ts'
import { parseCommand } from '../command.ts'
import { commandsOf, type PlacedText } from '../commands.ts'
import type { BatchInput } from '../schema.ts'
import { dialectOf } from '../shell/dialect.ts'
import { insideRange } from '../source.ts'
import { type CheckContext, isReadable } from './context.ts'

/** Commands that run, and most likely do something else than they were written for. */
export function checkMeantOtherwise({ plan, report }: CheckContext): void {
  for (const [place, batch] of plan.batches.entries()) {
    for (const placed of commandsOf(batch, place).filter(({ text }) => isReadable(text))) {
      for (const { at, length, rule, message, hint } of slipsOf(placed, batch)) {
        const part = { start: at, end: at + length }
        report.warning({ rule, at: insideRange(report.source, placed.path, part), message, hint })
      }
    }
  }
}

interface Slip {
  readonly at: number
  readonly length: number
  readonly rule: string
  readonly message: string
  readonly hint: string
}

function* slipsOf({ text }: PlacedText, batch: BatchInput): Generator<Slip> {
  const parsed = parseCommand(text, { columns: columnsOf(batch.items), shell: batch.shell })
  if (!parsed.ok) return
  yield* bracesOfOthers(text)
  if (columnsOf(batch.items)?.length === 0) yield* placesOfParallel(text)
  const isForBash = parsed.command.kind === 'script' && dialectOf(parsed.command.shell)?.hasBashRedirections === false
  if (isForBash) yield* bashOnly(text)
}

/** `find -exec … {}` and `xargs -I{}`. */
const OTHERS = /\s-(?:exec|execdir|ok|okdir)\s[^;+\n]*?(?<![{$])\{\}(?!\})|\bxargs\s[^|;&\n]*?-I\s*\{\}(?!\})/

function* bracesOfOthers(text: string): Generator<Slip> {
  const found = text.includes('{{}}') ? null : OTHERS.exec(text)
  if (!found) return
  const program = found[0].startsWith('xargs') ? 'xargs' : 'find'
  yield {
    at: found.index + found[0].length - 2,
    length: 2,
    rule: 'braces-of-another',
    message: `\`{}\` is the name of the item here, and not what \`${program}\` puts in.`,
    hint: `Write \`{{}}\` for the braces of \`${program}\`.`,
  }
}

/** GNU parallel counts its sources of input; `$1{1}` and `a{1,3}` are for others. */
const NUMBERED = /(?<=^|[\s"'=/])\{[1-9]\d?[./%#]*\}/

function* placesOfParallel(text: string): Generator<Slip> {
  const found = NUMBERED.exec(text)
  if (!found) return
  yield {
    at: found.index,
    length: found[0].length,
    rule: 'braces-of-another',
    message: `\`${found[0]}\` stays as it is: it means something to GNU parallel only.`,
    hint: 'The item is `{}`; where items have columns, each is called by its name, such as `{size}`.',
  }
}

const QUOTED = /'[^']*'|"(?:[^"\\]|\\[^])*"/g
const BASH_ONLY = /(?<![<>&\\])&>|(?:^|[;&|(\n!]|\b(?:if|while|until|then|do|else|elif)\s)[ \t]*\[\[\s/

/** Where /bin/sh is another shell than bash, these do not fail: `&>` starts the command and does not wait for it. */
function* bashOnly(text: string): Generator<Slip> {
  const found = BASH_ONLY.exec(text.replace(QUOTED, (quoted) => '_'.repeat(quoted.length)))
  if (!found) return
  const [whole] = found
  const syntax = whole === '&>' ? '&>' : '[['
  yield {
    at: found.index + whole.lastIndexOf(syntax),
    length: 2,
    rule: 'needs-bash',
    message:
      syntax === '&>'
        ? '`&>` is for bash: /bin/sh may start the command in the background, and not wait for it.'
        : '`[[` is for bash: for /bin/sh it may be a program that is not there.',
    hint:
      syntax === '&>'
        ? 'Write `> file 2>&1`, or give the batch `shell: bash -e`.'
        : 'Write `[ … ]`, or give the batch `shell: bash -e`.',
  }
}
