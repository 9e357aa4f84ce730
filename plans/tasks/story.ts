/**
 * A rehearsal stand-in: it works on no story. It keeps a core busy for a time that depends on the story's name alone, by hashing,
 * and reports its progress, so that a plan of stories can be tried on the screen before its real work exists. Put a module of your own
 * in its place. `with: { seconds: 2, failing: 5% }`: about how long one takes, and how many fail in their first attempt.
 */
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Item, TaskContext } from 'batchtop/task'

const STEPS = 40
const PHASES = ['read', 'write', 'check', 'review'] as const

export default async function story(item: Item, context: TaskContext) {
  const { seconds, failing } = rehearsal(context.with)
  const seed = createHash('sha256').update(`${item.batch}:${item.id}`).digest()
  // From half to one and a half of `seconds`, the same whenever this story is rehearsed.
  const ms = seconds * 1000 * (0.5 + seed.readUInt32BE(0) / 2 ** 32)
  const isFailing = context.attempt === 1 && seed.readUInt32BE(4) / 2 ** 32 < failing
  const lastStep = isFailing ? STEPS / 2 : STEPS
  let digest = seed
  let hashes = 0
  for (let step = 0; step < lastStep; step++) {
    context.progress(step / STEPS, PHASES[Math.floor((step / STEPS) * PHASES.length)] ?? 'review')
    for (const end = performance.now() + ms / STEPS; performance.now() < end; hashes++) {
      digest = createHash('sha256').update(digest).digest()
      context.tick()
    }
    await setImmediate()
    await context.pausePoint()
  }
  if (isFailing) throw new Error(`${item.id} is one of those that fail in their first attempt`)
  context.log(`${item.id}: ${hashes} hashes`)
  return { hashes }
}

function rehearsal(options: TaskContext['with']): { seconds: number; failing: number } {
  const given = (options ?? {}) as { readonly seconds?: unknown; readonly failing?: unknown }
  const { seconds = 2, failing = 0 } = given
  const share = typeof failing === 'string' ? Number.parseFloat(failing) / 100 : failing
  if (typeof seconds !== 'number' || typeof share !== 'number' || !(seconds > 0) || !(share >= 0)) {
    throw new TypeError('story.ts takes `with: { seconds: 2, failing: 5% }`')
  }
  return { seconds, failing: share }
}
