/** Which view, overlay or list is looked at, and what closes it. */
import { itemOfThread, selectedItem, selectedThread } from './selection.ts'
import type { ItemFilter, ItemSort, ItemsState, Overlay, ScreenState, ViewName } from './state.ts'
import type { ScreenStore } from './store.ts'

export const toView = (view: ViewName): Partial<ScreenState> => ({ view, overlay: undefined, isZoomed: false })

const filters: readonly ItemFilter[] = ['all', 'failed', 'running', 'waiting']
const sorts: readonly ItemSort[] = ['plan', 'slowest', 'tries']

const following = <T>(list: readonly T[], value: T): T => list[(list.indexOf(value) + 1) % list.length] ?? value

/** The items view with the next filter or order; from elsewhere the key first goes there. */
export function listed(state: ScreenState, what: 'filter' | 'sort'): Partial<ScreenState> {
  const { items } = state
  if (state.view !== 'items') return toView('items')
  const change =
    what === 'filter' ? { filter: following(filters, items.filter) } : { sort: following(sorts, items.sort) }
  return { overlay: undefined, items: { ...items, ...change, selected: 0, isLoading: true } }
}

/** The list of the items whose names have this text. */
export const searched = (items: ItemsState, text: string): ItemsState => ({
  ...items,
  text,
  selected: 0,
  isLoading: true,
})

/** Closes the topmost thing that is open; false where nothing was. */
export function closeTop(store: ScreenStore): boolean {
  const { prompt, overlay, view, isZoomed, items } = store.get()
  if (prompt !== undefined) store.update({ prompt: undefined })
  else if (overlay !== undefined) store.update({ overlay: undefined })
  else if (view === 'items' && items.text !== '') store.update({ items: searched(items, '') })
  else if (view !== 'threads' || isZoomed) store.update(toView('threads'))
  else return false
  return true
}

/** What Enter opens: the selected batch, item or thread. */
export function detailsOf(state: ScreenState): Exclude<Overlay, { kind: 'help' | 'log' }> | undefined {
  const isBatches = state.view === 'batches' || (state.view === 'threads' && state.focus === 'batches')
  if (isBatches) return { kind: 'batch', batch: state.batch ?? 0 }
  if (state.view === 'items') {
    const item = selectedItem(state)
    return item?.row === undefined ? undefined : { kind: 'item', item, row: item.row }
  }
  const thread = selectedThread(state)
  return thread === undefined ? undefined : { kind: 'thread', thread: thread.thread, item: itemOfThread(thread) }
}
