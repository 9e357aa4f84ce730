import type { Path } from '../fields.ts'
import { parseRange } from '../range.ts'
import type { Report } from '../report.ts'
import type { ItemsInput } from '../schema.ts'
import { type CheckContext, isReadable } from './context.ts'
import { checkProduct } from './product.ts'

/** Items of their own kind are kept one by one, so there may not be millions of them. */
const MAX_SPECIAL = 100_000

/** Ranges can be counted; lists name every item once, by names without NUL characters. */
export function checkItems({ plan, report }: CheckContext): void {
  let special = 0
  for (const [place, { items }] of plan.batches.entries()) {
    if (items === undefined) continue
    const path = ['batches', place, 'items']
    special += checkBatchItems(items, path, report)
  }
  if (special <= MAX_SPECIAL) return
  const message = `${special} items have their own \`task\`, \`run\`, \`with\` or \`estimate\`; a plan may have ${MAX_SPECIAL} of them.`
  report.error({ rule: 'too-many-items', at: { key: ['batches'] }, message })
}

function checkBatchItems(items: ItemsInput, path: Path, report: Report): number {
  if (typeof items === 'string') {
    const result = parseRange(items)
    if (result.ok) return 0
    const hint = items.includes('..') ? undefined : `A list of one item is \`[${items}]\`.`
    report.error({ rule: 'bad-range', at: { value: path }, message: `${capital(result.problem)}.`, hint })
  } else if (Array.isArray(items)) {
    return checkList(items, path, report)
  } else if ('product' in items) {
    checkProduct(items.product, [...path, 'product'], report)
  } else if ('count' in items && items.name !== undefined && items.name.split('{}').length !== 2) {
    const message = `The name \`${items.name}\` must hold \`{}\` once, where the number goes.`
    const hint = `Such as \`${items.name.replaceAll('{}', '')}-{}\`.`
    report.error({ rule: 'bad-name', at: { value: [...path, 'name'] }, message, hint })
  } else if ('count' in items && items.name?.includes('\0')) {
    report.error({ rule: 'bad-name', at: { value: [...path, 'name'] }, message: BAD_NAME })
  }
  return 0
}

const BAD_NAME = 'The name of an item holds no NUL character.'

function checkList(items: Extract<ItemsInput, readonly unknown[]>, path: Path, report: Report): number {
  const seen = new Set<string>()
  let special = 0
  for (const [place, item] of items.entries()) {
    const id = typeof item === 'string' ? item : item.id
    const at = { value: typeof item === 'string' ? [...path, place] : [...path, place, 'id'] }
    if (typeof item !== 'string') special += 1
    if (!isReadable(id)) continue
    if (id.includes('\0')) report.error({ rule: 'bad-name', at, message: BAD_NAME })
    if (seen.has(id))
      report.error({ rule: 'duplicate-item', at, message: `\`${id}\` stands twice among the items of this batch.` })
    seen.add(id)
  }
  return special
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
