/**
 * Which keys may stand where in a plan file, and which of them come with a later version of batchtop: those are refused by name
 * instead of being called unknown.
 */
import {
  batchShape,
  breakerShape,
  estimateShape,
  itemShape,
  memoryShape,
  needShapes,
  phaseShape,
  phasesShape,
  planShape,
  retryShape,
  sourceShapes,
} from './schema.ts'

export interface Fields {
  readonly known: readonly string[]
  readonly later: readonly string[]
}

/** A place in a plan file: keys and list positions from the top. */
export type Path = readonly (string | number)[]

const retry = fields(retryShape, [])

/** By path, with `*` for every list position. */
const FIELDS: Readonly<Record<string, Fields>> = {
  '': fields(planShape, ['halt', 'resources', 'gates']),
  memory: fields(memoryShape, []),
  retry,
  phases: fields(phasesShape, []),
  'phases.list.*': fields(phaseShape, []),
  'batches.*': fields(batchShape, ['uses', 'writes', 'prefers', 'until']),
  'batches.*.retry': retry,
  'batches.*.items': fields(sourceShapes, []),
  'batches.*.items.*': fields(itemShape, ['needs', 'writes']),
  'batches.*.needs.*': fields(needShapes, ['progress', 'item', 'gate']),
  'batches.*.breaker': fields(breakerShape, []),
  'batches.*.estimate': fields(estimateShape, []),
}

/** The keys of the map at `path`; undefined where there is no map of fields. */
export function fieldsAt(path: Path): Fields | undefined {
  return FIELDS[path.map((part) => (typeof part === 'number' ? '*' : part)).join('.')]
}

function fields(shape: object, later: readonly string[]): Fields {
  return { known: Object.keys(shape), later }
}
