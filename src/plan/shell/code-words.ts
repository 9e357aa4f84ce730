/** Programs that take one of their words for code: a name may be all of that word, as in `sh -c {}`, but no part of it. */
import { basename } from 'node:path/posix'
import { Refusal, type Span } from './refusal.ts'

/** A word of a command. */
export interface ProgramWord {
  /** As its program sees it, where nothing stands in it but literal text. */
  readonly text: string
  readonly hasName: boolean
  /** True: a placeholder and nothing else. */
  readonly isName: boolean
}

/** Interpreters, and the option that code stands behind. */
const INTERPRETERS: readonly (readonly [RegExp, RegExp])[] = [
  [/^(?:a|ba|da|fi|k|mk|z)?sh$|^python[\d.]*$/, /^-\w*c$/],
  [/^(?:perl|ruby|lua|node)[\d.]*$/, /^(?:-\w*[eE]|--eval)$/],
  [/^php[\d.]*$/, /^-r$/],
]

/**
 * @param words of a simple command, its program first
 * @param at where the word at `place`, which has a name in it, stands
 * @throws Refusal where the name would be a part of code
 */
export function checkCode(words: readonly ProgramWord[], place: number, at: Span): void {
  const { isName } = words[place] as ProgramWord
  const [{ text: program } = { text: '' }] = words
  if (program === 'printf' && place === 1) {
    throw new Refusal('`printf` would take a name for its format.', "Write `printf '%s\\n' {}`.", at)
  }
  if (program === 'trap') {
    throw new Refusal('`trap` takes a name for code.', `Write \`x={}; trap 'rm -f "$x"' EXIT\`.`, at)
  }
  const isEval = program === 'eval' && !(isName && words.length === 2)
  if (!isEval && (isName || !isCode(words, place))) return
  const hint = `Pass it to the code as an argument, such as \`sh -c 'wc -l "$1"' sh {}\`, or let it read BATCHTOP_ITEM.`
  throw new Refusal('A name would be a part of code, which runs what it says.', hint, at)
}

/** True: it stands behind an option that an interpreter takes code by, and only other options of it are between the two. */
function isCode(words: readonly ProgramWord[], place: number): boolean {
  const textAt = (at: number) => words[at]?.text ?? ''
  let at = place - 2
  while (/^[-+]/.test(textAt(at)) || /^[-+][oWX]$/.test(textAt(at - 1))) at -= 1
  return INTERPRETERS.some(([name, option]) => option.test(textAt(place - 1)) && name.test(basename(textAt(at))))
}
