/** Texts with places for what an item is called: made from a plan's placeholders, filled in for each item when it starts. */
import { assertNever } from './errors.ts'

/** Literal text and slots, in order. */
export type Template = readonly (string | Slot)[]

export type Slot =
  | { readonly slot: 'item' }
  /** Without extension: `docs/a.tar.gz` gives `docs/a.tar`. */
  | { readonly slot: 'stem' }
  /** Last part of the path. */
  | { readonly slot: 'base' }
  /** The path before it, `.` where there is none. */
  | { readonly slot: 'folder' }
  /** Base name without extension. */
  | { readonly slot: 'baseStem' }
  /** Its number in the whole plan, from 1. */
  | { readonly slot: 'number' }
  | { readonly slot: 'thread' }
  | { readonly slot: 'batch' }
  | { readonly slot: 'column'; readonly name: string }

/** What is known of an item besides its name, by column. */
export type Fields = Readonly<Record<string, string>>

export interface SlotValues {
  readonly item: string
  readonly number: number
  readonly thread: number
  readonly batch: string
  readonly fields?: Fields | undefined
}

/** A command, ready to be filled in. `text` is what the plan says. */
export type Command =
  /** No shell syntax: each word is one argument. */
  | { readonly kind: 'words'; readonly text: string; readonly words: readonly Template[] }
  /** For a shell, which gets it behind `-c`. Slots stand where a word may be quoted with single quotes. */
  | {
      readonly kind: 'script'
      readonly text: string
      /** Program and options, such as `/bin/sh`, `-e`. */
      readonly shell: readonly string[]
      readonly script: Template
    }

/** Fills a template in, as it is. */
export function fill(template: Template, values: SlotValues): string {
  let text = ''
  for (const part of template) text += typeof part === 'string' ? part : slotText(part, values)
  return text
}

/** The words of a command for one item, none of them quoted: program first. */
export function commandWords(command: Command, values: SlotValues): readonly string[] {
  if (command.kind === 'words') return command.words.map((word) => fill(word, values))
  let script = ''
  for (const part of command.script) script += typeof part === 'string' ? part : quoteWord(slotText(part, values))
  return [...command.shell, '-c', script]
}

/** One word for any shell of the Bourne family, whatever the text holds: nothing but its own quote means anything in single quotes. */
export function quoteWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function slotText(slot: Slot, values: SlotValues): string {
  const { item } = values
  switch (slot.slot) {
    case 'item':
      return item
    case 'stem':
      return withoutExtension(item)
    case 'base':
      return baseOf(item)
    case 'folder':
      return folderOf(item)
    case 'baseStem':
      return withoutExtension(baseOf(item))
    case 'number':
      return String(values.number)
    case 'thread':
      return String(values.thread)
    case 'batch':
      return values.batch
    case 'column':
      return values.fields?.[slot.name] ?? ''
    default:
      return assertNever(slot)
  }
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function folderOf(path: string): string {
  const end = path.lastIndexOf('/')
  if (end < 0) return '.'
  return end === 0 ? '/' : path.slice(0, end)
}

/** A dot that a name begins with begins no extension. */
function withoutExtension(path: string): string {
  const dot = path.lastIndexOf('.')
  return dot > path.lastIndexOf('/') + 1 ? path.slice(0, dot) : path
}
