/** An item of batchtop that computes: `with` is how much. */
import type { Item, TaskContext } from 'batchtop/task'
import { spin } from './spin.ts'

export default function busy(_item: Item, context: TaskContext): void {
  if (spin(Number(context.with)) === 0.5) throw new Error('the result must be looked at, or it is never computed')
}
