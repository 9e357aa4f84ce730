/** Items of unknown sizes, the same for everybody from the same seed. */
import type { Filling } from '../../../plans/tasks/lib/fill-memory.ts'

const MB = 2 ** 20

export interface WorkItem extends Filling {
  readonly id: string
  /** False: no thread can ever run it. */
  readonly isFitting: boolean
}

/** Sizes as shares of the cap. Of a heap, the process around it and its young generation take a part. */
const SIZES = {
  light: { heap: [0.07, 0.23], buffer: [0.07, 0.23] },
  mid: { heap: [0.3, 0.5], buffer: [0.3, 0.6] },
  heavy: { heap: [0.55, 0.68], buffer: [0.65, 0.8] },
} as const

/** `count` items that fit; one that aborts its process and one that asks for more than the cap are put among them. */
export function workload(seed: number, count: number, cap: number): readonly WorkItem[] {
  const random = randomOf(seed)
  const items = Array.from({ length: count }, (_, place) => fittingItem(`item-${place + 1}`, random, cap))
  const trouble = { waste: 0, ms: 300, leak: 0, isFitting: false } as const
  const aborting = { ...trouble, id: 'aborts', kind: 'heap', bytes: 0, manner: 'deaf', isAborting: true } as const
  const beyond = { ...trouble, id: 'beyond', kind: 'buffer', manner: 'async', isAborting: false } as const
  return [
    ...items.slice(0, count / 4),
    aborting,
    ...items.slice(count / 4, count / 2),
    { ...beyond, bytes: cap * 1.4 },
    ...items.slice(count / 2),
  ]
}

function fittingItem(id: string, random: () => number, cap: number): WorkItem {
  const between = (low: number, high: number) => low + random() * (high - low)
  const size = pickOne(random, { light: 0.3, mid: 0.25, heavy: 0.45 })
  const kind = pickOne(random, { heap: 0.4, buffer: 0.4, mixed: 0.2 })
  const [low, high] = SIZES[size][kind === 'heap' ? 'heap' : 'buffer']
  return {
    id,
    kind,
    bytes: cap * between(low, high),
    waste: between(0, 0.5),
    ms: random() < 0.06 ? between(2000, 3500) : between(300, 1500),
    manner: pickOne(random, { async: 0.7, sync: 0.24, deaf: 0.06 }),
    leak: random() < 0.15 ? 2 * MB : 0,
    isAborting: false,
    isFitting: true,
  }
}

function pickOne<Name extends string>(random: () => number, shares: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(shares) as Name[]
  let left = random()
  return names.find((name) => (left -= shares[name]) < 0) ?? (names[0] as Name)
}

/** A linear congruence: good enough for sizes, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 2654435761) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
