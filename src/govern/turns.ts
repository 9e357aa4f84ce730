/**
 * Smaller items go first where a large one does not fit, but not for ever: who found no room for 30 s has its turn. Until it has started,
 * others start only in what it leaves. Who waits is a batch with any of its items, or an item that is known by itself.
 */
import type { BatchIndex, ItemIndex } from '../model/ids.ts'
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import type { Room } from './admission.ts'
import type { Governor } from './governor.ts'

const TURN_MS = 30_000

/** Who was not asked for in this time waits for something else than memory. */
const LAPSE_MS = 2000

interface Asked {
  readonly batch: BatchIndex
  /** One that is known by itself; left out: any of the batch. */
  readonly own?: ItemIndex | undefined
  readonly expected: Bytes
  readonly now: number
}

/** It does not fit. To be told whenever a free thread could have taken it. */
export function noteRefused({ waiting }: Governor, asked: Asked): void {
  const { expected, now } = asked
  for (const [key, { seen }] of waiting) if (now - seen >= LAPSE_MS) waiting.delete(key)
  const since = waiting.get(keyOf(asked))?.since ?? now
  waiting.set(keyOf(asked), { since, seen: now, expected })
}

/** It starts. A smaller one than the one that waits is not its turn. */
export function noteStarted({ waiting }: Governor, asked: Asked): void {
  if (waiting.size === 0) return
  if (asked.expected >= (waiting.get(keyOf(asked))?.expected ?? 0)) waiting.delete(keyOf(asked))
}

function keyOf({ batch, own }: Asked): string {
  return own === undefined ? `batch ${batch}` : `item ${own}`
}

/** Whether an item waits for room right now. */
export function isAnyWaiting({ waiting }: Governor, now: number): boolean {
  return waiting.size > 0 && [...waiting.values()].some(({ seen }) => now - seen < LAPSE_MS)
}

/** The room there is for it. */
export function roomFor(governor: Governor, room: Room, asked: Asked): Room {
  if (governor.waiting.size === 0) return room
  const turn = turnOf(governor, room, asked.now)
  if (!turn || (turn.key === keyOf(asked) && asked.expected >= turn.expected)) return room
  return { ...room, free: bytes(Math.max(0, room.free - turn.expected)), isAnyoneWelcome: false }
}

/** Who waits longest has the turn. Who would not fit if everything else ended has none: others would wait for nothing. */
function turnOf({ waiting }: Governor, { reachable }: Room, now: number) {
  const due = [...waiting].filter(([, { since, seen, expected }]) => {
    return now - since >= TURN_MS && now - seen < LAPSE_MS && expected <= reachable
  })
  const [first] = due.toSorted(([, a], [, b]) => a.since - b.since)
  return first && { key: first[0], expected: first[1].expected }
}
