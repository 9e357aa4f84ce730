/**
 * A plan of some thousand short items of every kind, whose items keep books of their own: each writes its key, epoch and attempt to one
 * file when it starts and when it ends. Appending so few bytes is one act of the system, so the order of the lines is that of the acts.
 */
import { join } from 'node:path'
import { quoteWord } from '../../src/model/template.ts'
import type { Box } from '../helpers/program.ts'

const TASK = `
import { openSync, writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

const epoch = process.env.BATCHTOP_EPOCH
let book

export default async function (item, context) {
  const { kind, path } = context.with
  book ??= openSync(path, 'a')
  const say = (word) => writeSync(book, word + ' ' + item.batch + ':' + item.id + ' ' + epoch + ' ' + context.attempt + '\\n')
  say('S')
  if (kind === 'wait' || kind === 'value') await setTimeout(1 + ((item.number * 7) % 20))
  say('E')
  const turn = Number(item.id.slice(item.id.lastIndexOf('-') + 1)) % 3
  if (kind === 'fail' && (turn === 0 || (turn === 1 && context.attempt === 1))) throw new Error('as designed')
  if (kind === 'value') return { of: item.id, twice: item.id + item.id }
  return undefined
}
`

type TaskKind = 'nothing' | 'wait' | 'value' | 'fail'
/** The same as shell commands. */
type CommandKind = 'command' | 'command that fails'
type Kind = TaskKind | CommandKind

/** What the task does, in the words of a shell. `echo` adds a line by one write. */
const COMMANDS: Readonly<Record<CommandKind, (book: string) => string>> = {
  command: (book) => `
    who="$BATCHTOP_BATCH:$BATCHTOP_ITEM $BATCHTOP_EPOCH $BATCHTOP_ATTEMPT"
    echo "S $who" >> ${book}
    echo '{ "of": "'{}'", "twice": "'{}{}'" }' > "$BATCHTOP_VALUE"
    [ $((BATCHTOP_NUMBER % 4)) -gt 0 ] || sleep 0.01
    echo "E $who" >> ${book}`,
  'command that fails': (book) => `
    who="$BATCHTOP_BATCH:$BATCHTOP_ITEM $BATCHTOP_EPOCH $BATCHTOP_ATTEMPT"
    echo "S $who" >> ${book}
    turn=$(( \${BATCHTOP_ITEM##*-} % 3 ))
    echo "E $who" >> ${book}
    [ $turn = 2 ] || [ $turn = 1 -a $BATCHTOP_ATTEMPT -gt 1 ]`,
}

interface MixedBatch {
  readonly id: string
  readonly kind: Kind
  readonly count: number
  readonly needs?: readonly unknown[]
}

const BATCHES: readonly MixedBatch[] = [
  { id: 'nothing', kind: 'nothing', count: 1000 },
  { id: 'waits', kind: 'wait', count: 160 },
  { id: 'fails', kind: 'fail', count: 60 },
  { id: 'values', kind: 'value', count: 100, needs: ['nothing'] },
  { id: 'commands', kind: 'command', count: 120 },
  { id: 'refuses', kind: 'command that fails', count: 30, needs: ['commands'] },
  { id: 'last', kind: 'nothing', count: 600, needs: ['values', { batch: 'fails', when: 'ended' }] },
]

/** Tries that an item of `fails` has. */
export const TRIES = 3

/** What becomes of an item where nothing is lost and nothing done twice. */
export interface Fate {
  readonly type: 'item.succeeded' | 'item.failed'
  readonly value?: unknown
}

export interface MixedPlan {
  readonly path: string
  /** The books. */
  readonly book: string
  /** By `batch:item`. */
  readonly fates: ReadonlyMap<string, Fate>
}

/** @param threads how many */
export async function writeMixedPlan(box: Box, threads: number): Promise<MixedPlan> {
  const task = await box.write('mixed.ts', TASK)
  const book = join(box.folder, 'book.txt')
  const batches = BATCHES.map(({ id, kind, count, needs = [] }) => ({
    id,
    ...(isCommand(kind) ? { run: COMMANDS[kind](quoteWord(book)) } : { task, with: { kind, path: book } }),
    needs,
    items: { count, name: `${id}-{}` },
    ...(doesFail(kind) ? { retry: { attempts: TRIES, min: '10ms', max: '30ms' } } : {}),
  }))
  // JSON is YAML.
  const path = await box.write('mixed.yaml', JSON.stringify({ name: 'mixed', threads, checkpoint: '1s', batches }))
  return { path, book, fates: new Map(BATCHES.flatMap(fatesOf)) }
}

const isCommand = (kind: Kind): kind is CommandKind => kind in COMMANDS
const doesFail = (kind: Kind): boolean => kind === 'fail' || kind === 'command that fails'
const hasValue = (kind: Kind): boolean => kind === 'value' || kind === 'command'

function fatesOf({ id, kind, count }: MixedBatch): (readonly [string, Fate])[] {
  return Array.from({ length: count }, (_, place) => {
    const item = `${id}-${place + 1}`
    return [`${id}:${item}`, fateOf(kind, item, place + 1)] as const
  })
}

function fateOf(kind: Kind, item: string, number: number): Fate {
  if (doesFail(kind) && number % 3 === 0) return { type: 'item.failed' }
  return { type: 'item.succeeded', ...(hasValue(kind) ? { value: { of: item, twice: item + item } } : {}) }
}
