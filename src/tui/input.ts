/** What Ink reports of the keyboard → names of keys. Fast typing arrives in bunches: `jjj` is one report and three keys. */
import type { Key } from 'ink'

const controls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007F': 'backspace',
  '\b': 'backspace',
  '\u001B': 'escape',
  '\u0003': 'ctrl-c',
  '\u000C': 'ctrl-l',
  '\u001A': 'ctrl-z',
}

/** Keys in the order in which they were pressed: a letter stands for itself, the rest has a word. */
export function keysOf(input: string, key: Key): readonly string[] {
  if (key.upArrow) return ['up']
  if (key.downArrow) return ['down']
  if (key.pageUp) return ['pageup']
  if (key.pageDown) return ['pagedown']
  if (key.home) return ['home']
  if (key.end) return ['end']
  if (key.return) return ['enter']
  if (key.escape) return ['escape']
  if (key.tab) return key.shift ? ['backtab'] : ['tab']
  if (key.backspace || key.delete) return ['backspace']
  if (key.ctrl) return input === '' ? [] : [`ctrl-${input}`]
  if (key.meta) return []
  return Array.from(input).flatMap((letter) => controls[letter] ?? (letter < ' ' ? [] : [letter]))
}

/** F1 as terminals send it; Ink knows no function keys. */
export const F1 = ['\u001BOP', '\u001B[11~', '\u001B[[A']
