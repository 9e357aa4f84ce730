/** An item in a plain pool: nobody holds it, nobody looks at its progress. */
import { fillMemory } from '../../../../plans/tasks/lib/fill-memory.ts'
import type { WorkItem } from '../workload.ts'
import { trace } from './trace.ts'

export interface PoolItem {
  readonly item: WorkItem
  readonly trace: string
}

const alone = { tick: () => {}, pausePoint: async () => {}, progress: () => {} }

export default async function poolItem({ item, trace: path }: PoolItem): Promise<number> {
  trace(path, 'start', item.id)
  const kept = await fillMemory(item, alone)
  trace(path, 'end', item.id)
  return kept
}
