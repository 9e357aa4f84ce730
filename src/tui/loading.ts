/** What the picture needs besides the snapshot: pages of items, the end of a log. Asked for when seen, at most once a second. */
import type { Feed, ItemPage, ItemQuery, ItemRow } from '../model/feed.ts'
import { itemsWindow, shownLog } from './selection.ts'
import type { ItemsState, ScreenState } from './state.ts'
import type { ScreenStore } from './store.ts'

/** Milliseconds after which something that is seen is asked for again. */
const STALE = 1000
/** Lines of a log that can be scrolled through here; `v` opens the whole. */
const LOG_LINES = 500
/** The feed lists items in the order of the plan: any other order is made here, of so many at most. */
const MOST_SORTED = 1000

interface Source<Wanted> {
  readonly wanted: (state: ScreenState) => Wanted | undefined
  /** Equal texts ask for the same thing. */
  readonly keyOf: (wanted: Wanted) => string
  readonly load: (wanted: Wanted) => Promise<(state: ScreenState) => Partial<ScreenState>>
}

/** Watches the store and loads what is seen; returns the way to stop. */
export function startLoading(store: ScreenStore, feed: Feed): () => void {
  const stops = [follow(store, logSource(feed)), follow(store, itemsSource(feed))]
  return () => {
    for (const stop of stops) stop()
  }
}

/** One question at a time; what came too late for what is seen now is dropped. */
function follow<Wanted>(store: ScreenStore, { wanted, keyOf, load }: Source<Wanted>): () => void {
  let isAsking = false
  let lastKey = ''
  let lastAt = 0
  const look = (): void => {
    const state = store.get()
    const want = wanted(state)
    if (want === undefined || isAsking) return
    const key = keyOf(want)
    if (key === lastKey && state.wall - lastAt < STALE) return
    isAsking = true
    lastKey = key
    lastAt = state.wall
    void answer(want)
  }
  const answer = async (want: Wanted): Promise<void> => {
    // Whoever does not answer is asked again when this is stale.
    const change = await load(want).catch(() => () => ({}))
    isAsking = false
    store.update(change(store.get()))
  }
  look()
  return store.subscribe(look)
}

function logSource(feed: Feed): Source<number> {
  return {
    wanted: (state) => shownLog(state)?.index,
    keyOf: String,
    load: async (item) => {
      const lines = await feed.logTail(item, LOG_LINES)
      return () => ({ log: { item, lines } })
    },
  }
}

interface ItemsWanted {
  readonly query: ItemQuery
  readonly items: ItemsState
}

function itemsSource(feed: Feed): Source<ItemsWanted> {
  return {
    wanted: (state) => (state.view === 'items' ? wantedItems(state) : undefined),
    keyOf: ({ query, items }) => JSON.stringify([query, items.sort]),
    load: async ({ query, items }) => {
      const page = await feed.items(query)
      return (state) => (isSame(state.items, items) ? loaded(state, page, query.from) : {})
    },
  }
}

const isSame = (a: ItemsState, b: ItemsState): boolean =>
  a.text === b.text && a.filter === b.filter && a.sort === b.sort

function wantedItems(state: ScreenState): ItemsWanted {
  const { items } = state
  const seen = itemsWindow(state)
  const room = Math.max(1, state.rows)
  // A margin above and below, in whole pages, so that single steps ask for nothing.
  const from = items.sort === 'plan' ? Math.max(0, (Math.floor(seen.from / room) - 1) * room) : 0
  const count = items.sort === 'plan' ? 3 * room : MOST_SORTED
  const query = {
    ...(items.filter === 'all' ? {} : { states: [items.filter] }),
    ...(items.text === '' ? {} : { text: items.text }),
    from,
    count,
  }
  return { query, items }
}

function loaded(state: ScreenState, page: ItemPage, from: number): Partial<ScreenState> {
  const { items } = state
  if (items.sort !== 'plan' && page.total > page.rows.length) return tooMany(state, page)
  const rows = items.sort === 'plan' ? page.rows : sorted(page.rows, items.sort)
  const total = page.total
  const old = items.rows[items.selected - items.from]
  // The selection follows the item, wherever the list has it now.
  const place = old === undefined ? -1 : rows.findIndex((row) => row.index === old.index)
  const selected = place === -1 ? Math.max(0, Math.min(items.selected, total - 1)) : from + place
  return { items: { ...items, rows, from, total, selected, isLoading: false } }
}

function sorted(rows: readonly ItemRow[], sort: 'slowest' | 'tries'): readonly ItemRow[] {
  const of = (row: ItemRow): number => (sort === 'slowest' ? (row.ms ?? -1) : row.attempts)
  return rows.toSorted((a, b) => of(b) - of(a) || a.index - b.index)
}

function tooMany(state: ScreenState, page: ItemPage): Partial<ScreenState> {
  const until = (state.wall + 4000) as ScreenState['wall']
  return {
    items: { ...state.items, sort: 'plan', rows: page.rows, from: 0, total: page.total, isLoading: false },
    notice: { text: `more than ${MOST_SORTED} items: search or filter before sorting`, tone: 'waiting', until },
  }
}
