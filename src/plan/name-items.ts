/** The names of every chosen batch's items. Only here are folders searched, files read and commands run for them. */
import { resolve } from 'node:path'
import type { ItemNames } from '../model/plan.ts'
import { type Listing, listByFile, listByGlob, listFromCommand } from './list-items.ts'
import { parseRange } from './range.ts'
import type { Report } from './report.ts'
import type { BatchInput } from './schema.ts'
import type { ChosenBatch } from './select.ts'

export interface Named {
  readonly names: ItemNames
  readonly count: number
}

const NONE: Named = { names: { kind: 'list', names: [] }, count: 0 }

/** Commands and searches at a time. */
const AT_ONCE = 4

/** By place in `batches`. What cannot be listed is reported and has no items. */
export async function nameItems(
  batches: readonly ChosenBatch[],
  folder: string,
  report: Report,
): Promise<readonly Named[]> {
  const named: Named[] = batches.map(() => NONE)
  const queue = batches.entries()
  const work = async () => {
    // oxlint-disable-next-line no-await-in-loop -- AT_ONCE of these loops run at a time
    for (const [index, chosen] of queue) named[index] = known(chosen.batch) ?? (await looked(chosen, folder, report))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return named
}

/** Names that the plan file itself says. */
function known({ id, items = [id] }: BatchInput): Named | undefined {
  if (Array.isArray(items)) return listed(items.map((item) => (typeof item === 'string' ? item : item.id)))
  if (typeof items === 'string') {
    const result = parseRange(items)
    if (!result.ok) return NONE
    const { count, ...pattern } = result.range
    return { names: { kind: 'pattern', ...pattern }, count }
  }
  if (!('count' in items)) return undefined
  const [prefix = '', suffix = ''] = (items.name ?? `${id}-{}`).split('{}')
  return { names: { kind: 'pattern', prefix, from: 1, width: 0, suffix }, count: items.count }
}

async function looked({ batch, place }: ChosenBatch, folder: string, report: Report): Promise<Named> {
  const { items } = batch
  if (typeof items !== 'object' || Array.isArray(items) || 'count' in items) return NONE
  const key = Object.keys(items)[0] ?? ''
  const at = { value: ['batches', place, 'items', key] }
  const listing = await list(items, batch, folder)
  if (!listing.ok) {
    report.error({ rule: 'bad-items', at, message: listing.message, hint: listing.hint })
    return NONE
  }
  if (listing.names.length === 0) {
    report.warning({
      rule: 'no-items',
      at,
      message: `This ${key} gives no items: batch \`${batch.id}\` has nothing to do.`,
    })
  }
  return listed(listing.names)
}

type Lookup = Exclude<NonNullable<BatchInput['items']>, string | readonly unknown[] | { count: number }>

function list(items: Lookup, { cwd = '.', env = {} }: BatchInput, folder: string): Promise<Listing> {
  const from = resolve(folder, cwd)
  if ('glob' in items) return listByGlob(items.glob, from)
  return 'file' in items ? listByFile(resolve(folder, items.file)) : listFromCommand(items.command, from, env)
}

function listed(names: readonly string[]): Named {
  return { names: { kind: 'list', names }, count: names.length }
}
