/**
 * Smaller items go first where a large one does not fit, but not for ever: a batch whose item found no room for 30 s has its turn. Until it
 * has started, others start only in what it leaves.
 */
import type { BatchIndex } from '../model/ids.ts'
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import type { Room } from './admission.ts'
import type { Governor } from './governor.ts'

const TURN_MS = 30_000

/** A batch that nobody asked for in this time waits for something else than memory. */
const LAPSE_MS = 2000

interface Asked {
  readonly batch: BatchIndex
  readonly expected: Bytes
  readonly now: number
}

/** The first item of a batch does not fit. To be told whenever a free thread could have taken it. */
export function noteRefused({ waiting }: Governor, { batch, expected, now }: Asked): void {
  const before = waiting.get(batch)
  const isSame = before !== undefined && now - before.seen < LAPSE_MS
  waiting.set(batch, { since: isSame ? before.since : now, seen: now, expected })
}

/** An item of a batch starts. A smaller one than the one that waits is not its turn. */
export function noteStarted({ waiting }: Governor, { batch, expected }: Asked): void {
  if (expected >= (waiting.get(batch)?.expected ?? 0)) waiting.delete(batch)
}

/** Whether an item waits for room right now. */
export function isAnyWaiting({ waiting }: Governor, now: number): boolean {
  return [...waiting.values()].some(({ seen }) => now - seen < LAPSE_MS)
}

/** The room there is for items of a batch. */
export function roomFor(governor: Governor, room: Room, { batch, expected, now }: Asked): Room {
  const turn = turnOf(governor, room, now)
  if (!turn || (turn.batch === batch && expected >= turn.expected)) return room
  return { ...room, free: bytes(Math.max(0, room.free - turn.expected)), isAnyoneWelcome: false }
}

/** Who waits longest has the turn. Who would not fit if everything else ended has none: others would wait for nothing. */
function turnOf({ waiting }: Governor, { reachable }: Room, now: number) {
  const due = [...waiting].filter(([, { since, seen, expected }]) => {
    return now - since >= TURN_MS && now - seen < LAPSE_MS && expected <= reachable
  })
  const [first] = due.toSorted(([, a], [, b]) => a.since - b.since)
  return first && { batch: first[0], expected: first[1].expected }
}
