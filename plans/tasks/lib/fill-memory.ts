/** Work that takes memory as work does: piece by piece, with waste that somebody has to collect, kept until it is done. */
import { setTimeout } from 'node:timers/promises'

const MB = 2 ** 20
const PIECE_BYTES = 4 * MB

/** Of an item's time, what it takes to fill up; the rest it holds all of it. */
const FILLING_SHARE = 0.6

/** How long it goes on at a time while it holds its memory. */
const HOLDING_MS = 10

export interface Filling {
  /** `heap`: arrays. `buffer`: memory that no heap limit counts. `mixed`: both in turn. */
  readonly kind: 'heap' | 'buffer' | 'mixed'
  /** What it keeps at its most. */
  readonly bytes: number
  /** For every byte kept, so many more are dropped right away. */
  readonly waste: number
  readonly ms: number
  /** How it can be held: while it waits, at its ticks only, or not at all. */
  readonly manner: 'async' | 'sync' | 'deaf'
  /** Never given back as long as its worker lives. */
  readonly leak: number
  /** True: instead of all that it fills its heap until V8 aborts the process, which no limit of a worker turns into an error. */
  readonly isAborting: boolean
}

/** What it does between two pieces, as far as there is somebody to hold it. */
export interface Pace {
  readonly tick: () => void
  readonly pausePoint: () => Promise<void>
  readonly progress: (fraction: number) => void
}

type Piece = Buffer | number[]

const leaked: Piece[] = []
const never = new Int32Array(new SharedArrayBuffer(4))

/** @returns how many MB it kept */
export async function fillMemory(filling: Filling, pace: Pace): Promise<number> {
  if (filling.isAborting) return fillUntilAborted()
  const { kind, bytes, ms } = filling
  const kept: Piece[] = []
  const count = Math.max(1, Math.round(bytes / PIECE_BYTES))
  let wasted = 0
  for (let place = 0; place < count; place += 1) {
    kept.push(piece(kind, place))
    for (; wasted < (place + 1) * filling.waste; wasted += 1) piece(kind, wasted)
    await step(filling, pace, (ms * FILLING_SHARE) / count)
    pace.progress((FILLING_SHARE * (place + 1)) / count)
  }
  const slices = Math.ceil((ms * (1 - FILLING_SHARE)) / HOLDING_MS)
  for (let slice = 0; slice < slices; slice += 1) await step(filling, pace, HOLDING_MS)
  if (filling.leak > 0) leaked.push(Buffer.alloc(filling.leak, 1))
  return (kept.length * PIECE_BYTES) / MB
}

function piece(kind: Filling['kind'], place: number): Piece {
  const isBuffer = kind === 'buffer' || (kind === 'mixed' && place % 2 === 0)
  // Doubles, so that every one of them takes its 8 bytes.
  return isBuffer ? Buffer.alloc(PIECE_BYTES, 1) : Array<number>(PIECE_BYTES / 8).fill(place + 0.5)
}

async function step({ manner }: Filling, pace: Pace, ms: number): Promise<void> {
  if (manner === 'async') {
    await setTimeout(ms)
    await pace.pausePoint()
    return
  }
  Atomics.wait(never, 0, 0, ms)
  if (manner === 'sync') pace.tick()
}

/** A worker that runs into its heap limit with an allocation this large takes its whole process with it; small ones end the worker only. */
function fillUntilAborted(): never {
  for (const kept: number[][] = []; ; ) kept.push(Array<number>((100 * MB) / 8).fill(0.5))
}
