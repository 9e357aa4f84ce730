/** The same item in batchtop. */
import type { Item, TaskContext } from 'batchtop/task'
import { fillMemory } from '../../../../plans/tasks/lib/fill-memory.ts'
import type { PoolItem } from './pool-item.ts'
import { trace } from './trace.ts'

export default async function governedItem({ id }: Item, context: TaskContext): Promise<number> {
  const { item, trace: path } = context.with as unknown as PoolItem
  trace(path, 'start', id)
  const kept = await fillMemory(item, context)
  trace(path, 'end', id)
  return kept
}
