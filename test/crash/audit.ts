/** Holds what a run reported against its journal and against what its items wrote down themselves. */
import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Fate } from './mixed-plan.ts'
import { TRIES } from './mixed-plan.ts'

/** A JSON line of a run. */
export interface Line {
  readonly type: string
  readonly run?: string
  readonly seq?: number
  readonly batch?: string
  readonly item?: string
  readonly attempt?: number
  readonly epoch?: number
  readonly requeued?: number
  readonly value?: unknown
  readonly exit?: number
  readonly reason?: { readonly kind: string }
}

export interface Books {
  readonly fates: ReadonlyMap<string, Fate>
  /** Every line that a client printed, in order. */
  readonly reported: readonly Line[]
  /** Every line of the journal, read at the end. */
  readonly events: readonly Line[]
  /** File that the items wrote. */
  readonly book: string
}

/** When an attempt of an item began or ended. */
interface Entry {
  readonly key: string
  readonly epoch: number
  readonly attempt: number
}

interface Ending extends Entry {
  readonly line: Line
}

/** @returns a sentence for everything that was lost, came twice or came in the wrong order: none is how it should be */
export async function faultsOf({ fates, reported, events, book }: Books): Promise<readonly string[]> {
  const { starts, ends } = await readBook(book)
  const endings = endingsOf(events)
  return [
    ...wrongFates(fates, endings),
    ...wrongTries(fates, events),
    ...lostReports(reported, events),
    ...wrongOrder(starts),
    ...wrongRuns(endings, { starts, ends }),
  ]
}

export function linesOf(out: string): readonly Line[] {
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
}

function keyOf({ batch, item }: Line): string {
  return `${batch}:${item}`
}

export function isEnding({ type }: Line): boolean {
  return type === 'item.succeeded' || type === 'item.failed' || type === 'item.skipped'
}

/** Everything final, with the epoch it was said in. */
function endingsOf(events: readonly Line[]): readonly Ending[] {
  let epoch = 1
  return events.flatMap((line) => {
    if (line.type === 'run.recovered') epoch = line.epoch ?? 0
    return isEnding(line) ? [{ key: keyOf(line), epoch, attempt: line.attempt ?? 0, line }] : []
  })
}

/** Each item once, as designed, with the value it returned. */
function wrongFates(fates: Books['fates'], endings: readonly Ending[]): string[] {
  const byKey = Map.groupBy(endings, ({ key }) => key)
  const missing = [...fates.keys()].filter((key) => !byKey.has(key)).map((key) => `${key} never ended`)
  const wrong = [...byKey].flatMap(([key, [first, ...more]]) => {
    const fate = fates.get(key)
    if (more.length > 0) return [`${key} ended ${more.length + 1} times`]
    if (fate?.type !== first?.line.type) return [`${key} ended as ${JSON.stringify(first?.line)}`]
    return isDeepStrictEqual(fate?.value, first?.line.value) ? [] : [`${key} has ${JSON.stringify(first?.line.value)}`]
  })
  return [...missing, ...wrong]
}

/** Deaths of supervisors use no tries and give none back. */
function wrongTries(fates: Books['fates'], events: readonly Line[]): string[] {
  const retries = Map.groupBy(
    events.filter(({ type }) => type === 'item.retrying'),
    keyOf,
  )
  return [...fates].flatMap(([key, { type }]) => {
    const count = retries.get(key)?.length ?? 0
    return type === 'item.failed' && count !== TRIES - 1 ? [`${key} failed for good after ${count} retries`] : []
  })
}

/** What was printed once stands in the journal for ever, and is printed once. */
function lostReports(reported: readonly Line[], events: readonly Line[]): string[] {
  const kept = new Set(events.map((line) => JSON.stringify(line)))
  const ended = Map.groupBy(reported.filter(isEnding), keyOf)
  const twice = [...ended].filter(([, lines]) => lines.length > 1)
  const lost = reported.filter((line) => line.seq !== undefined && !kept.has(JSON.stringify(line)))
  return [
    ...lost.map((line) => `reported and lost: ${JSON.stringify(line)}`),
    ...twice.map(([key, lines]) => `${key} was reported ${lines.length} times`),
  ]
}

/** The pair of epoch and attempt rises for every item, and nothing of a dead supervisor starts after the next one has begun. */
function wrongOrder(starts: readonly Entry[]): string[] {
  const last = new Map<string, Entry>()
  const faults: string[] = []
  let newest = 0
  for (const entry of starts) {
    const before = last.get(entry.key)
    if (before && compare(entry, before) <= 0) faults.push(`${say(entry)} came after ${say(before)}`)
    if (entry.epoch < newest) faults.push(`${say(entry)} came when epoch ${newest} had begun`)
    newest = Math.max(newest, entry.epoch)
    last.set(entry.key, entry)
  }
  return faults
}

/** What ended is what ran, ran to its end, and never ran again. */
function wrongRuns(
  endings: readonly Ending[],
  { starts, ends }: { readonly starts: readonly Entry[]; readonly ends: readonly Entry[] },
): string[] {
  const last = new Map(starts.map((entry) => [entry.key, entry]))
  const complete = new Set(ends.map(say))
  return endings.flatMap((ending) => {
    const run = last.get(ending.key)
    if (!run || !complete.has(say(ending))) return [`${say(ending)} was said to have ended and did not`]
    return compare(run, ending) === 0 ? [] : [`${say(ending)} had ended and ran again as ${say(run)}`]
  })
}

async function readBook(path: string): Promise<{ starts: Entry[]; ends: Entry[] }> {
  const entries = (await readFile(path, 'utf8')).trimEnd().split('\n')
  const parse = (word: string) =>
    entries.flatMap((entry): Entry[] => {
      const [what, key = '', epoch, attempt] = entry.split(' ')
      return what === word ? [{ key, epoch: Number(epoch), attempt: Number(attempt) }] : []
    })
  return { starts: parse('S'), ends: parse('E') }
}

function compare(left: Entry, right: Entry): number {
  return left.epoch - right.epoch || left.attempt - right.attempt
}

function say({ key, epoch, attempt }: Entry): string {
  return `${key} (epoch ${epoch}, attempt ${attempt})`
}
