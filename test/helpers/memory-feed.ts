/** A run that only exists in memory: a `Feed` over one snapshot that tests replace, which keeps the commands it was sent. */
import type { Answer, Command } from '../../src/model/command.ts'
import type { Feed, ItemPage, ItemQuery, ItemRow, Player } from '../../src/model/feed.ts'
import type { RunSnapshot } from '../../src/model/snapshot.ts'
import type { WallTime } from '../../src/model/units.ts'

export interface MemoryFeed extends Feed {
  readonly sent: readonly Command[]
  /** Shows another picture, and tells whoever listens. */
  readonly show: (snapshot: RunSnapshot) => void
  readonly become: (status: ReturnType<Feed['status']>) => void
}

export interface MemoryFeedOptions {
  readonly items?: readonly ItemRow[]
  readonly log?: readonly string[]
  readonly answer?: (command: Command) => Answer | Promise<Answer>
  /** The run is replayed. */
  readonly player?: Player
}

export function memoryFeed(first: RunSnapshot | undefined, options: MemoryFeedOptions = {}): MemoryFeed {
  const { items = [], log = [], answer = () => ({ ok: true, message: 'done' }) as const, player } = options
  const listeners = new Set<() => void>()
  const sent: Command[] = []
  let snapshot = first
  let status: ReturnType<Feed['status']> = first === undefined ? 'connecting' : 'live'
  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  return {
    sent,
    show: (next) => {
      snapshot = next
      status = status === 'connecting' ? 'live' : status
      changed()
    },
    become: (next) => {
      status = next
      changed()
    },
    snapshot: () => snapshot,
    status: () => status,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    send: async (command) => {
      sent.push(command)
      return answer(command)
    },
    logTail: async (_item, lines) => log.slice(-lines),
    items: async (query) => pageOf(items, query),
    close: () => listeners.clear(),
    ...(player === undefined ? {} : { player }),
  }
}

function pageOf(items: readonly ItemRow[], { states, batch, text, from, count }: ItemQuery): ItemPage {
  const found = items.filter(
    (row) =>
      (states === undefined || states.includes(row.state)) &&
      (batch === undefined || row.batch === batch) &&
      (text === undefined || row.name.includes(text)),
  )
  return { rows: found.slice(from, from + count), total: found.length }
}

export interface StillPlayer extends Player {
  /** What was done to it, in order. */
  readonly told: readonly string[]
}

/** A replay that stands at one moment and notes what it is told. */
export function stillPlayer(now: WallTime, { speed = 10, isPaused = false, note = '' } = {}): StillPlayer {
  const told: string[] = []
  return {
    told,
    now: () => now,
    speed: () => speed,
    isPaused: () => isPaused,
    togglePause: () => told.push('pause'),
    faster: () => told.push('faster'),
    slower: () => told.push('slower'),
    note: () => (note === '' ? undefined : note),
  }
}

/** As many items as asked for, in all states. */
export function manyItems(count: number): readonly ItemRow[] {
  const states = ['succeeded', 'succeeded', 'succeeded', 'running', 'failed', 'waiting', 'queued'] as const
  return Array.from({ length: count }, (_, index): ItemRow => {
    const state = states[index % states.length] ?? 'queued'
    return {
      index,
      name: `US-${String(index + 1).padStart(3, '0')}`,
      batch: index % 2 === 0 ? '3.1' : '3.4',
      state,
      attempts: state === 'queued' ? 0 : 1 + (index % 3),
      ...(state === 'succeeded' || state === 'failed' ? { ms: 1000 + ((index * 7919) % 60_000) } : {}),
      ...(state === 'failed'
        ? { reason: 'exit 1' }
        : state === 'waiting'
          ? { reason: 'timeout: no end after 10 min' }
          : {}),
    }
  })
}
