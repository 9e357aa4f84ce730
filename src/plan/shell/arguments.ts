/** Commands of a shell that take some of their arguments for code, however well they are quoted. */
import { checkCode, type ProgramWord } from './code-words.ts'
import type { Word } from './frame.ts'
import type { Reader } from './reader.ts'
import { Refusal, unclear } from './refusal.ts'

/** Stand before a command. */
const BEFORE = new Set('! { if then elif else do while until time command builtin coproc exec'.split(' '))

const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/

/** Each argument may be an assignment, and is safe behind its `=`; options can make that arithmetic. */
const DECLARING = new Set('declare export local readonly typeset'.split(' '))

/** Their arguments are names of variables (with an index, which is arithmetic), arithmetic itself, or code. */
const NAMING = new Set('compgen getopts let mapfile read readarray unset'.split(' '))

/** Take numbers, which are arithmetic in some shells. */
const COUNTING = new Set('break continue exit printf return shift ulimit'.split(' '))

/** Compare numbers: arithmetic in `[[ … ]]`, and everywhere in some shells. */
const NUMERIC = new Set('-eq -ne -lt -le -gt -ge'.split(' '))

/** Makes arithmetic, or the name of another variable, of whatever a variable is set to. */
const INTEGERS = /\b(?:declare|export|local|readonly|typeset)(?:[ \t]+[-+]\w+)*[ \t]+-\w*[in]|\b(?:integer|nameref)\b/

/** @throws Refusal where a shell would run what a name says */
export function checkArguments(words: readonly Word[], { text, dialect }: Reader): void {
  const first = programAt(words)
  const program = bare(words[first])
  if (program === 'alias') throw unclear('`alias`', words[first] as Word, 'Make it a function.')
  if (!words.some(({ hasName }) => hasName)) return
  const own = words.slice(Math.max(0, first))
  const asked = own.map(asProgramWord)
  const isArithmetic = text.includes('[[') || dialect.hasArithmeticArguments
  for (const [place, word] of words.entries()) {
    if (!word.hasName) continue
    const beside = [bare(words[place - 1]), bare(words[place + 1])]
    if (isArithmetic && beside.some((raw) => NUMERIC.has(raw))) throw refusal(word, 'in a comparison of numbers')
    if (text.includes('[[') && beside[0] === '-v') throw refusal(word, 'behind `-v`')
    if ((ASSIGNMENT.test(word.raw) || text.includes('=(')) && INTEGERS.test(text)) throw refusal(word, 'as a number')
    if (first < 0 || place <= first) continue
    checkArgument(own, place - first)
    checkCode(asked, place - first, word)
    const isText = program === 'printf' && /^[^%]*(?:%[%bqs][^%]*)*$/.test(words[first + 1]?.raw ?? '')
    if (dialect.hasArithmeticArguments && COUNTING.has(program) && !isText) throw refusal(word, `behind \`${program}\``)
  }
}

/** Place of the word that says what a command runs; -1: none does. */
function programAt(words: readonly Word[]): number {
  const start = words.findLastIndex(({ raw }) => raw === '{') + 1
  const place = words.slice(start).findIndex((word) => {
    const isOption = word.raw.startsWith('-')
    return !isOption && !BEFORE.has(bare(word)) && !ASSIGNMENT.test(word.raw)
  })
  return place < 0 ? -1 : start + place
}

/** A word as its program sees it, where nothing in it is expanded. */
function bare(word: Word | undefined): string {
  return word?.raw.replace(/['"\\]/g, '') ?? ''
}

function checkArgument(words: readonly Word[], place: number): void {
  const word = words[place] as Word
  const program = bare(words[0])
  if (NAMING.has(program)) throw refusal(word, `behind \`${program}\``)
  const isVariable = bare(words[place - 1]) === '-v' || word.raw.startsWith('-v')
  if (isVariable && /^(\[|\[\[|test|printf)$/.test(program)) throw refusal(word, 'behind `-v`')
  if (!DECLARING.has(program)) return
  const isValue = ASSIGNMENT.test(word.raw) && !words.some(({ raw }) => raw.startsWith('-'))
  if (!isValue) throw refusal(word, `behind \`${program}\``)
}

function asProgramWord(word: Word): ProgramWord {
  return { text: bare(word), hasName: word.hasName, isName: word.hasName && /^\{[^{}]*\}$/.test(word.raw) }
}

function refusal({ raw, start, end }: Word, where: string): Refusal {
  const hint = 'Put the command into a script file, and pass the placeholder to it as an argument.'
  return new Refusal(`\`${raw}\` ${where}: there a shell can run what a name says, quoted or not.`, hint, {
    start,
    end,
  })
}
