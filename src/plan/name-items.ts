/** The names of every chosen batch's items. Only here are folders searched, files read and commands run for them. */
import { resolve } from 'node:path'
import type { ItemNames, LateItems } from '../model/plan.ts'
import { columnsOf } from './columns.ts'
import { listItems, type Source } from './list-items.ts'
import { combine } from './product.ts'
import { parseRange } from './range.ts'
import type { Report } from './report.ts'
import type { BatchInput } from './schema.ts'
import type { ChosenBatch } from './select.ts'
import { settingOf } from './setting.ts'

export interface Named {
  readonly names: ItemNames
  readonly count: number
  /** They are looked for when the batch may start. */
  readonly late?: LateItems
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
  if ('product' in items) return combine(items.product)
  if (!('count' in items)) return undefined
  const [prefix = '', suffix = ''] = (items.name ?? `${id}-{}`).split('{}')
  return { names: { kind: 'pattern', prefix, from: 1, width: 0, suffix }, count: items.count }
}

async function looked({ batch, place }: ChosenBatch, folder: string, report: Report): Promise<Named> {
  const source = sourceOf(batch, folder)
  if (!source) return NONE
  if (isLate(batch)) return { ...NONE, late: { isListed: false, ...source } }
  const at = { value: ['batches', place, 'items', source.kind] }
  const listing = await listItems(source)
  if (!listing.ok) {
    report.error({ rule: 'bad-items', at, message: listing.message, hint: listing.hint })
    return NONE
  }
  const { names, table } = listing
  if (names.length === 0) {
    report.warning({
      rule: 'no-items',
      at,
      message: `This ${source.kind} gives no items: batch \`${batch.id}\` has nothing to do.`,
    })
  }
  return { names: { kind: 'list', names, ...(table && { table }) }, count: names.length }
}

/** Where a batch's names are looked up; undefined where the plan file says them. */
function sourceOf(batch: BatchInput, folder: string): Source | undefined {
  const { items } = batch
  if (typeof items !== 'object' || Array.isArray(items) || 'count' in items || 'product' in items) return undefined
  const { cwd, env } = settingOf(batch, folder, columnsOf(items))
  if ('glob' in items) return { kind: 'glob', pattern: items.glob, cwd }
  if ('command' in items) return { kind: 'command', command: items.command, cwd, env }
  if ('file' in items) return { kind: 'file', path: resolve(folder, items.file) }
  return { kind: 'csv', path: resolve(folder, items.csv), ...(items.id === undefined ? {} : { id: items.id }) }
}

function isLate({ items }: BatchInput): boolean {
  return typeof items === 'object' && 'late' in items && items.late === true
}

function listed(names: readonly string[]): Named {
  return { names: { kind: 'list', names }, count: names.length }
}
