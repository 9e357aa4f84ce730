/** What the memory of a thread is made of, as far as its worker says. */
import type { ThreadView } from '../model/snapshot.ts'
import { type Bytes, bytes } from '../model/units.ts'

export interface MemoryParts {
  readonly heap: Bytes
  readonly buffers: Bytes
  /** Code, native memory, child processes. */
  readonly rest: Bytes
}

/** The worker says what it has now and then only: a part is never shown as more than what is left of the whole. */
export function partsKnown({
  used,
  heap,
  external = bytes(0),
}: Pick<ThreadView, 'used' | 'heap' | 'external'>): MemoryParts | undefined {
  if (heap === undefined) return undefined
  const ofHeap = Math.min(used, heap)
  const ofBuffers = Math.min(used - ofHeap, external)
  return { heap: bytes(ofHeap), buffers: bytes(ofBuffers), rest: bytes(used - ofHeap - ofBuffers) }
}
