/** Whether an item runs the same in two versions of its batch: task, what it is given, folder and which variables it finds set. */
import type { Json } from '../model/json.ts'
import type { Batch, SpecialItem, Work } from '../model/plan.ts'

/** By old and new place. A constant where no item of either batch is special: there may be millions. */
export type Differs = boolean | ((oldPlace: number, newPlace: number) => boolean)

export function compareWork(old: Batch, next: Batch): Differs {
  if (!isSameSetting(old.work, next.work)) return true
  const isPlainSame = isSame(effective(old.work), effective(next.work))
  if (Object.keys(old.special).length + Object.keys(next.special).length === 0) return !isPlainSame
  return (oldPlace, newPlace) => {
    const [was, is] = [old.special[oldPlace], next.special[newPlace]]
    if (!was && !is) return !isPlainSame
    return !isSame(effective(old.work, was), effective(next.work, is))
  }
}

/** Values of variables may be secrets of the day: only which there are counts. */
function isSameSetting(old: Work, next: Work): boolean {
  return old.kind === next.kind && old.cwd === next.cwd && variables(old) === variables(next)
}

function variables({ env }: Work): string {
  return Object.keys(env).toSorted().join('=')
}

interface Effective {
  readonly task: string
  readonly with: Json
}

function effective(work: Work, own?: SpecialItem): Effective {
  return { task: own?.task ?? work.task, with: own?.with === undefined ? work.with : own.with }
}

function isSame(old: Effective, next: Effective): boolean {
  return old.task === next.task && isSameJson(old.with, next.with)
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
