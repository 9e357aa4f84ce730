/** Which item a person means: `name`, `batch:name` where two batches share it, or `@17`, its number. */
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { ItemIndex } from '../model/ids.ts'
import { itemIndex } from '../model/ids.ts'
import { encodeName, nameText } from '../model/names.ts'
import type { Batch, Plan } from '../model/plan.ts'
import { batchOf, isUnlisted, itemName, numberCount } from '../model/plan.ts'
import { closest } from '../plan/suggest.ts'
import { placeOf } from '../run/match-items.ts'

/** Names that are compared for a "did you mean": enough for any list that a person wrote. */
const MOST_COMPARED = 20_000
const MOST_CANDIDATES = 8

/** @throws BatchtopError (exit 4) where no item or several are meant */
export function findItem(plan: Plan, text: string): ItemIndex {
  const number = /^@(\d+)$/.exec(text)
  if (number) return byNumber(plan, Number(number[1]))
  const found = [...byName(plan, text)]
  const [item] = found
  if (item === undefined) throw unknown(plan, text)
  if (found.length > 1) throw ambiguous(plan, text, found)
  return item
}

function byNumber(plan: Plan, number: number): ItemIndex {
  const item = itemIndex(number - 1)
  if (number >= 1 && number <= numberCount(plan) && isItem(plan, item)) return item
  throw new BatchtopError('no-item', `There is no item @${number}.`, {
    hint: `Items are numbered @1 to @${numberCount(plan)}.`,
    exit: EXIT.notFound,
  })
}

/** What stood for a listing that failed is none any more once that has worked. */
function isItem(plan: Plan, item: ItemIndex): boolean {
  const { first, count } = batchOf(plan, item)
  return item < first + count
}

/** Items of that name, and `batch:name`: batch ids hold no colon, names may. */
function byName(plan: Plan, text: string): Set<ItemIndex> {
  const found = new Set<ItemIndex>()
  const colon = text.indexOf(':')
  for (const batch of plan.batches) {
    add(found, batch, text)
    if (colon > 0 && batch.id === text.slice(0, colon)) add(found, batch, text.slice(colon + 1))
  }
  return found
}

function add(found: Set<ItemIndex>, batch: Batch, name: string): void {
  const place = placeOf(batch, name)
  if (place !== undefined) found.add(itemIndex(batch.first + place))
}

function unknown(plan: Plan, text: string): BatchtopError {
  const message = `There is no item ${nameText(text)} in this run.`
  const alike = text.includes(UNKNOWN) ? [...lookingLike(plan, text)].slice(0, MOST_CANDIDATES) : []
  if (alike.length > 0) {
    const hint = `A name that is no UTF-8 cannot be typed: say ${alike.map((item) => `@${item + 1}`).join(' or ')}.`
    return new BatchtopError('no-item', message, { hint, exit: EXIT.notFound })
  }
  const near = closest(text, someNames(plan))
  const late = plan.batches.find(isUnlisted)
  const more = late ? ` Those of ${late.id} are listed when it may start.` : ''
  const hint = (near === undefined ? '`batchtop items` lists them.' : `Did you mean ${near}?`) + more
  return new BatchtopError('no-item', message, { hint, exit: EXIT.notFound })
}

/** What the command line has for bytes that are no UTF-8. */
const UNKNOWN = '\ufffd'

/** Items whose name, read as UTF-8, is this text. */
function* lookingLike(plan: Plan, text: string): Generator<ItemIndex> {
  const decoder = new TextDecoder()
  for (const { id, first, names } of plan.batches) {
    if (names.kind !== 'list') continue
    for (const [place, name] of names.names.entries()) {
      if (name.isWellFormed()) continue
      const read = decoder.decode(encodeName(name))
      if (read === text || `${id}:${read}` === text) yield itemIndex(first + place)
    }
  }
}

function* someNames(plan: Plan): Generator<string> {
  let compared = 0
  for (const batch of plan.batches) {
    for (let place = 0; place < batch.count && compared < MOST_COMPARED; place += 1, compared += 1) {
      const name = itemName(batch, place)
      if (nameText(name) === name) yield name
    }
  }
}

function ambiguous(plan: Plan, text: string, found: readonly ItemIndex[]): BatchtopError {
  const named = found.slice(0, MOST_CANDIDATES).map((item) => {
    const batch = batchOf(plan, item)
    return `${batch.id}:${nameText(itemName(batch, item - batch.first))} (@${item + 1})`
  })
  const more = found.length - named.length
  return new BatchtopError('several-items', `${found.length} items are called ${nameText(text)}.`, {
    hint: `Say ${named.join(', ')}${more > 0 ? ` or one of ${more} more` : ''}.`,
    exit: EXIT.notFound,
  })
}
