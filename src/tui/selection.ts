/** What the keys mean at this moment: which panel they move in, which thread and item are selected. Pure. */
import type { ThreadView } from '../model/snapshot.ts'
import { itemRoom } from '../view/items.ts'
import { type Counts, type Layout, layout, type PanelName, zoomed } from '../view/layout.ts'
import { type Window, windowAround } from '../view/panel.ts'
import type { ItemTarget, ScreenState } from './state.ts'

/** The layout of the picture as it stands. */
export function layoutOf(state: ScreenState): Layout {
  const { snapshot, columns, rows } = state
  const counts: Counts = {
    threads: snapshot?.threads.length ?? 1,
    batches: snapshot?.batches.length ?? 1,
    phases: snapshot?.phases.length ?? 0,
    troubles: snapshot?.head.trouble === undefined ? 0 : 1,
  }
  const whole = layout(columns, rows, counts)
  if (state.view !== 'threads') return zoomed(whole, state.view, columns)
  return state.isZoomed ? zoomed(whole, state.focus, columns) : whole
}

export const panelsOf = (shape: Layout): readonly PanelName[] =>
  shape.kind === 'small' ? [] : shape.bands.flatMap((band) => band.map(({ panel }) => panel))

/** The panel that arrows move in. */
export function activePanel(state: ScreenState): PanelName {
  if (state.view !== 'threads') return state.view
  return panelsOf(layoutOf(state)).includes(state.focus) ? state.focus : 'threads'
}

/** How many rows of a list the active panel shows, at least one. */
export function pageSize(state: ScreenState): number {
  const shape = layoutOf(state)
  if (shape.kind === 'small') return 1
  if (state.overlay !== undefined) return Math.max(1, shape.bodyRows - 2)
  const box = shape.bands.flat().find(({ panel }) => panel === activePanel(state))
  return Math.max(1, (box?.rows ?? 3) - 2)
}

export const selectedThread = ({ snapshot, thread }: ScreenState): ThreadView | undefined =>
  snapshot?.threads.find((view) => view.thread === thread)

/** The item a key means: the open one, the chosen one of the list, or that of the selected thread. */
export function selectedItem(state: ScreenState): ItemTarget | undefined {
  const { overlay, items } = state
  if (overlay?.kind === 'log' || overlay?.kind === 'item') return overlay.item
  if (overlay?.kind === 'thread') return runningOn(state, overlay.thread)
  if (state.view === 'items') {
    const row = items.rows[items.selected - items.from]
    if (row === undefined) return undefined
    return { index: row.index, name: row.name, attempt: row.attempts, isRunning: row.state === 'running', row }
  }
  const thread = selectedThread(state)
  return thread === undefined ? undefined : itemOfThread(thread)
}

/** What a thread has now: its details stay open while items come and go. */
function runningOn({ snapshot }: ScreenState, number: number): ItemTarget | undefined {
  const thread = snapshot?.threads.find((view) => view.thread === number)
  return thread === undefined ? undefined : itemOfThread(thread)
}

export function itemOfThread(thread: ThreadView): ItemTarget | undefined {
  if (thread.item === undefined) return undefined
  const { index, name, attempt } = thread.item
  return { index, name, attempt, isRunning: thread.clock !== undefined }
}

/** Which places of the items list are seen. */
export function itemsWindow(state: ScreenState): Window {
  const shape = layoutOf(state)
  const room = shape.kind === 'small' ? 1 : itemRoom(shape.bodyRows)
  return windowAround(state.items.selected, state.items.total, room)
}

/** The item whose output is on the screen, if any. */
export function shownLog(state: ScreenState): ItemTarget | undefined {
  const { overlay } = state
  if (overlay?.kind === 'log' || overlay?.kind === 'item') return overlay.item
  if (overlay?.kind === 'thread') return runningOn(state, overlay.thread)
  if (overlay !== undefined || !panelsOf(layoutOf(state)).includes('log')) return undefined
  const thread = selectedThread(state)
  return thread === undefined ? undefined : itemOfThread(thread)
}
