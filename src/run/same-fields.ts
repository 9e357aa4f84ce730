/** Whether what is known of an item besides its name is the same in two versions of its batch. */
import type { Batch } from '../model/plan.ts'
import { itemFields } from '../model/plan.ts'
import type { Fields } from '../model/template.ts'

/** By old and new place; undefined where no two items of one name can differ: those of a product have their columns in their names. */
export function compareFields(old: Batch, next: Batch): ((oldPlace: number, newPlace: number) => boolean) | undefined {
  const [was, is] = [columnsOf(old), columnsOf(next)]
  const areNamesEnough = old.names.kind === next.names.kind && old.names.kind !== 'list' && was.join() === is.join()
  if (areNamesEnough || was.length + is.length === 0) return undefined
  return (oldPlace, newPlace) => !isSame(itemFields(old, oldPlace), itemFields(next, newPlace))
}

function columnsOf({ names }: Batch): readonly string[] {
  if (names.kind === 'product') return names.columns.map(({ name }) => name)
  return names.kind === 'list' ? (names.table?.columns ?? []) : []
}

function isSame(was: Fields = {}, is: Fields = {}): boolean {
  const names = Object.keys(was)
  if (names.length !== Object.keys(is).length) return false
  return names.every((name) => Object.hasOwn(is, name) && was[name] === is[name])
}
