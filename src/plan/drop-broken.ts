/** Takes the broken parts out of a parsed plan file, so that the sound rest can be checked in the same go. */
import type * as z from 'zod'
import type { Path } from './fields.ts'

/** Stands where a text is needed and none could be read; checks say nothing about it. YAML files can hardly hold it. */
export const UNREADABLE = '\u0000unreadable'

const BATCH = { id: UNREADABLE, task: UNREADABLE }
const PHASE = { id: UNREADABLE }

/** A copy of `value` without what the issues complain about. List positions stay, so that paths still fit the file. */
export function dropBroken(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy = structuredClone(value)
  if (typeof copy !== 'object' || copy === null) return { batches: [BATCH] }
  for (const issue of issues) {
    const path = issue.path as Path
    if (issue.code === 'unrecognized_keys') {
      const holder = lookUp(copy, path)
      for (const key of issue.keys) Reflect.deleteProperty(holder ?? {}, key)
    } else {
      replace(copy, wholePart(path))
    }
  }
  return copy
}

/** A broken need, list of items or estimate makes sense only as a whole. */
function wholePart(path: Path): Path {
  if (path[0] !== 'batches' || path.length < 4) return path
  if (path[2] === 'needs') return path.slice(0, 4)
  const isSource = path[2] === 'items' && typeof path[3] === 'string'
  return isSource || path[2] === 'estimate' ? path.slice(0, 3) : path
}

function replace(root: object, path: Path): void {
  const holder = lookUp(root, path.slice(0, -1))
  const key = path.at(-1)
  if (!holder || key === undefined) return
  const stand = standIn(path)
  if (stand === undefined) Reflect.deleteProperty(holder, key)
  else Reflect.set(holder, key, stand)
}

/** What goes where something must stand; undefined: nothing need. */
function standIn(path: Path): unknown {
  const pattern = path.map((part) => (typeof part === 'number' ? '*' : part)).join('.')
  if (pattern === 'batches') return [{ ...BATCH }]
  if (pattern === 'batches.*') return { ...BATCH }
  if (pattern === 'phases.list') return []
  if (pattern === 'phases.list.*') return { ...PHASE }
  if (/^batches\.\*\.threads\.\*$/.test(pattern)) return 1
  return /(\.\*|\.id|\.task|\.run)$/.test(pattern) ? UNREADABLE : undefined
}

function lookUp(root: object, path: Path): object | undefined {
  let node: unknown = root
  for (const part of path) {
    node = typeof node === 'object' && node !== null ? (node as Record<string | number, unknown>)[part] : undefined
  }
  return typeof node === 'object' && node !== null ? node : undefined
}
