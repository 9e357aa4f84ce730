/** An item of 100 ms that leaves the processor alone: what is used meanwhile is batchtop's own. */
import { setTimeout } from 'node:timers/promises'

export default async function wait(): Promise<void> {
  await setTimeout(100)
}
