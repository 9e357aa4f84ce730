/** Commands of a shell that take some of their arguments for code, however well they are quoted. */
import type { Word } from './frame.ts'
import type { Reader } from './reader.ts'
import { Refusal } from './refusal.ts'

/** Stand before a command. */
const BEFORE = new Set('! { if then elif else do while until time command builtin'.split(' '))

const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/

/** Each argument may be an assignment, and is safe behind its `=`; options can make that arithmetic. */
const DECLARING = new Set('declare export local readonly typeset'.split(' '))

/** Their arguments are names of variables (with an index, which is arithmetic), or arithmetic itself. */
const NAMING = new Set('getopts let mapfile read readarray unset'.split(' '))

/** Take numbers, which are arithmetic in some shells. */
const COUNTING = new Set('break continue exit printf return shift'.split(' '))

/** Compare numbers: arithmetic in `[[ … ]]`, and everywhere in some shells. */
const NUMERIC = new Set('-eq -ne -lt -le -gt -ge'.split(' '))

/** Makes arithmetic of whatever a variable is set to. */
const INTEGERS = /\b(?:declare|export|local|readonly|typeset)[ \t]+-\w*i|\binteger\b/

/** @throws Refusal where a shell would run what a name says */
export function checkArguments(words: readonly Word[], { text, dialect }: Reader): void {
  if (!words.some(({ hasName }) => hasName)) return
  const first = words.findIndex(({ raw }) => !BEFORE.has(raw) && !ASSIGNMENT.test(raw))
  const isArithmetic = text.includes('[[') || dialect.hasArithmeticArguments
  for (const [place, word] of words.entries()) {
    if (!word.hasName) continue
    const beside = [words[place - 1]?.raw ?? '', words[place + 1]?.raw ?? '']
    if (isArithmetic && beside.some((raw) => NUMERIC.has(raw))) throw refusal(word, 'in a comparison of numbers')
    if (ASSIGNMENT.test(word.raw) && INTEGERS.test(text)) throw refusal(word, 'as a number')
    if (first < 0 || place <= first) continue
    checkArgument(words.slice(first), place - first)
    const program = words[first]?.raw ?? ''
    const isText = program === 'printf' && /^[^%]*(?:%[%bqs][^%]*)*$/.test(words[first + 1]?.raw ?? '')
    if (dialect.hasArithmeticArguments && COUNTING.has(program) && !isText) throw refusal(word, `behind \`${program}\``)
  }
}

function checkArgument(words: readonly Word[], place: number): void {
  const word = words[place] as Word
  const program = words[0]?.raw ?? ''
  if (NAMING.has(program)) throw refusal(word, `behind \`${program}\``)
  if (words[place - 1]?.raw === '-v' && /^(\[|\[\[|test|printf)$/.test(program)) throw refusal(word, 'behind `-v`')
  const isValue = ASSIGNMENT.test(word.raw) && !words.some(({ raw }) => raw.startsWith('-'))
  if (DECLARING.has(program) && !isValue) throw refusal(word, `behind \`${program}\``)
  if (program === 'printf' && place === 1 && word.raw.startsWith('{')) {
    throw new Refusal('`printf` would take a name for its format.', `Write \`printf '%s\\n' ${word.raw}\`.`, word)
  }
}

function refusal({ raw, start, end }: Word, where: string): Refusal {
  const hint = 'Put the command into a script file, and pass the placeholder to it as an argument.'
  return new Refusal(`\`${raw}\` ${where}: there a shell can run what a name says, quoted or not.`, hint, {
    start,
    end,
  })
}
