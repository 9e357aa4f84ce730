/** An item that waits 5 ms and adds its name to a file, which is `with`. */
import { appendFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { Item, TaskContext } from 'batchtop/task'

export default async function append(item: Item, context: TaskContext): Promise<void> {
  await setTimeout(5)
  appendFileSync(context.with as string, `${item.id}\n`)
}
