/** Why a script with placeholders is refused, and what to write instead. */
import { assertNever } from '../../model/errors.ts'
import type { Slot } from '../../model/template.ts'

/** Places in the text of a command. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Thrown while a script is read; never leaves `parseCommand`. */
export class Refusal extends Error {
  readonly hint: string
  readonly at: Span

  constructor(problem: string, hint: string, at: Span) {
    super(problem)
    this.hint = hint
    this.at = at
  }
}

/** Where the quotes around a name would not be quotes. */
export type Where = 'quotes' | 'here' | 'comment' | 'backtick' | 'arithmetic' | 'backslash' | 'bracket'

const PLACES: Readonly<Record<Where, string>> = {
  quotes: 'stands in quotes, where what it stands for could end them',
  here: 'stands in a here-document, where a name cannot be quoted',
  comment: 'stands in a comment, which a newline in a name would end',
  backtick: 'stands in backticks, where a name cannot be quoted safely',
  arithmetic: 'stands in arithmetic, where a shell would run what a name says',
  backslash: 'stands behind a backslash, which would take its quotes away',
  bracket: 'stands in square brackets, where a shell takes it for a set of characters or for an index',
}

interface Misplaced {
  readonly slot: Slot
  /** As the plan has it. */
  readonly written: string
  readonly at: Span
  /** The quoted part around it, written right. */
  readonly better?: string | undefined
}

/** A placeholder where it may not be. */
export function misplaced(where: Where, name: Misplaced): Refusal {
  return new Refusal(`\`${name.written}\` ${PLACES[where]}.`, hintOf(where, name), name.at)
}

function hintOf(where: Where, { slot, written, better }: Misplaced): string {
  const variable = variableOf(slot)
  switch (where) {
    case 'quotes':
      if (slot.slot === 'column') {
        return `Write it outside the quotes, batchtop quotes it itself. If the braces are another program's, set blanks in them: \`{ ${slot.name} }\`.`
      }
      if (better !== undefined) return `Write it without the quotes, batchtop quotes it itself: \`${better}\`.`
      return `Write it outside the quotes, batchtop quotes it itself. Code of another program gets it as an argument${variable === undefined ? '' : ` or from its environment: ${variable}`}.`
    case 'here':
      if (variable !== undefined) return `Write $${variable} there, or pass ${written} as an argument.`
      return `Set a variable above it, such as \`x=${written}\`, and write $x there.`
    case 'comment':
      return 'Take it out of the comment.'
    case 'backtick':
      return 'Write $(…) instead of the backticks.'
    case 'arithmetic':
      if (slot.slot === 'number' || slot.slot === 'thread') return `Write $${variable} there.`
      return `Let a program reckon that gets it as an argument, such as \`expr ${written} + 1\`.`
    case 'backslash':
      return 'Take the backslash away; `{{}}` writes `{}` as it is.'
    case 'bracket':
      return `Write it outside the brackets. ${SCRIPT_FILE}`
    default:
      return assertNever(where)
  }
}

/** The variable of the item's environment that holds the same. */
function variableOf({ slot }: Slot): string | undefined {
  if (slot === 'item' || slot === 'number' || slot === 'thread' || slot === 'batch') {
    return `BATCHTOP_${slot.toUpperCase()}`
  }
  return undefined
}

/** Something that shells read in different ways, or that ends in ways that are hard to see, in a script with placeholders. */
export function unclear(what: string, at: Span, hint = SCRIPT_FILE): Refusal {
  return new Refusal(`${what} in a command with placeholders: where quotes begin and end is not certain.`, hint, at)
}

const SCRIPT_FILE = 'Put the command into a script file, and pass the placeholders to it as arguments.'
