/** An item that adds its name to a file, which is `with`. */
import { appendFileSync } from 'node:fs'
import type { Item, TaskContext } from 'batchtop/task'

export default function append(item: Item, context: TaskContext): void {
  appendFileSync(context.with as string, `${item.id}\n`)
}
