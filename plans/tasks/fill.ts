/**
 * Takes memory and gives it back, to see what batchtop does about it; it works on nothing. How much and for how long depends on the item's name
 * alone, between what `with` says:
 *
 *     with: { kind: buffer, from: 1.6, to: 1.9, seconds: 6 }
 *
 * `kind`: heap, buffer, mixed or aborts. `from`, `to`: GB it keeps at its most. `manner`: async (left out), sync (held at its ticks only) or
 * deaf (cannot be held). `waste`: GB that it drops for every GB it keeps.
 */
import { createHash } from 'node:crypto'
import type { Item, TaskContext } from 'batchtop/task'
import type { Filling } from './lib/fill-memory.ts'
import { fillMemory } from './lib/fill-memory.ts'

const GB = 2 ** 30

interface Options {
  readonly kind: Filling['kind'] | 'aborts'
  readonly from: number
  readonly to: number
  readonly seconds: number
  readonly manner: Filling['manner']
  readonly waste: number
}

export default async function fill(item: Item, context: TaskContext) {
  const { kind, from, to, seconds, manner, waste } = optionsOf(context.with)
  const seed = createHash('sha256').update(`${item.batch}:${item.id}`).digest()
  const share = (place: number) => seed.readUInt32BE(place) / 2 ** 32
  const kept = await fillMemory(
    {
      kind: kind === 'aborts' ? 'heap' : kind,
      bytes: (from + (to - from) * share(0)) * GB,
      ms: seconds * 1000 * (0.5 + share(4)),
      manner,
      waste,
      leak: 0,
      isAborting: kind === 'aborts',
    },
    context,
  )
  context.log(`${item.id}: kept ${kept} MB`)
}

function optionsOf(given: TaskContext['with']): Options {
  const options = { from: 1, to: 1, seconds: 5, manner: 'async', waste: 0.2, ...(given as object) } as Options
  const isKnown = ['heap', 'buffer', 'mixed', 'aborts'].includes(options.kind)
  const isCounted = [options.from, options.to, options.seconds, options.waste].every(Number.isFinite)
  if (isKnown && isCounted && ['async', 'sync', 'deaf'].includes(options.manner)) return options
  throw new TypeError('fill.ts takes `with: { kind: heap | buffer | mixed | aborts, from: 1, to: 1.9, seconds: 5 }`')
}
