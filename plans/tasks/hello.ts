/** The simplest task module: it greets its item. */
import type { Item, TaskContext } from 'batchtop/task'

export default async function hello(item: Item, context: TaskContext) {
  context.log(`Hello, ${item.id}!`)
  return { letters: item.id.length }
}
