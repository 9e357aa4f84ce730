/** Whether an item runs the same in two versions of its batch: task or command, what it is given, its columns, folder and variables. */
import type { Json } from '../model/json.ts'
import type { Batch, SpecialItem, Work } from '../model/plan.ts'
import { isSameSource } from './listing.ts'
import { compareFields } from './same-fields.ts'

/** By old and new place. A constant where items are all alike but for their names: there may be millions. */
export type Differs = boolean | ((oldPlace: number, newPlace: number) => boolean)

export function compareWork(old: Batch, next: Batch): Differs {
  if (!isSameSetting(old.work, next.work)) return true
  if (next.late && !isSameSource(old.late, next.late)) return true
  const isPlainSame = isSameJson(effective(old.work), effective(next.work))
  const hasOtherFields = compareFields(old, next)
  const isAnySpecial = Object.keys(old.special).length + Object.keys(next.special).length > 0
  if (!isAnySpecial && (!isPlainSame || !hasOtherFields)) return !isPlainSame
  return (oldPlace, newPlace) => {
    if (hasOtherFields?.(oldPlace, newPlace)) return true
    const [was, is] = [old.special[oldPlace], next.special[newPlace]]
    if (!was && !is) return !isPlainSame
    return !isSameJson(effective(old.work, was), effective(next.work, is))
  }
}

/** Values of variables may be secrets of the day: only which there are counts. */
function isSameSetting(old: Work, next: Work): boolean {
  return old.kind === next.kind && folder(old) === folder(next) && variables(old) === variables(next)
}

function folder(work: Work): string {
  return JSON.stringify([work.cwd, (work.kind === 'command' && work.itemCwd) || []])
}

function variables(work: Work): string {
  const own = work.kind === 'command' ? work.itemEnv : {}
  return Object.keys({ ...work.env, ...own })
    .toSorted()
    .join('=')
}

/** What an item runs, as one value. */
function effective(work: Work, own?: SpecialItem): Json {
  if (work.kind === 'module')
    return { task: own?.task ?? work.task, with: own?.with === undefined ? work.with : own.with }
  const { run = work.run } = own ?? {}
  const shell = run.kind === 'script' ? run.shell : []
  return { run: run.text, shell }
}

function isSameJson(left: Json, right: Json): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (isList(left) || isList(right)) {
    if (!isList(left) || !isList(right) || left.length !== right.length) return false
    return left.every((value, place) => isSameJson(value, right[place] as Json))
  }
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every((key) => Object.hasOwn(right, key) && isSameJson(left[key] as Json, right[key] as Json))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
