/** Moving in lists: what an arrow, a page or an end key changes. Pure. */

import { gathered } from '../view/events.ts'
import type { PanelName } from '../view/layout.ts'
import type { Move } from './keymap.ts'
import { activePanel, layoutOf, pageSize, panelsOf } from './selection.ts'
import type { Overlay, ScreenState } from './state.ts'

const FAR = Number.MAX_SAFE_INTEGER

/** The change that a move makes. */
export function moved(state: ScreenState, move: Move): Partial<ScreenState> {
  const step = stepOf(move, pageSize(state))
  if (state.overlay !== undefined) return movedOverlay(state.overlay, step, state)
  const { snapshot, items } = state
  switch (activePanel(state)) {
    case 'threads':
    case 'timeline':
    case 'memory':
    case 'log':
      return movedThread(state, step)
    case 'batches': {
      const last = (snapshot?.batches.length ?? 1) - 1
      // Without a selection the list follows the work: the first move begins where it stands.
      const first = Math.max(0, snapshot?.batches.findIndex((batch) => batch.state !== 'ended') ?? 0)
      return {
        batch: state.batch === undefined && Math.abs(step) === 1 ? first : clamp((state.batch ?? 0) + step, last),
      }
    }
    case 'events':
      return {
        eventsFrom: clamp(state.eventsFrom + step, gathered(snapshot?.events ?? []).length - pageSize(state) - 1),
      }
    case 'items':
      return { items: { ...items, selected: clamp(items.selected + step, items.total - 1) } }
    default:
      return {}
  }
}

const clamp = (value: number, last: number): number => Math.max(0, Math.min(last, value))

function stepOf(move: Move, page: number): number {
  switch (move) {
    case 'up':
      return -1
    case 'down':
      return 1
    case 'pageUp':
      return -page
    case 'pageDown':
      return page
    case 'first':
      return -FAR
    case 'last':
      return FAR
    default:
      return move satisfies never
  }
}

function movedThread({ snapshot, thread }: ScreenState, step: number): Partial<ScreenState> {
  const numbers = snapshot?.threads.map((view): number => view.thread) ?? []
  const next = numbers[clamp(Math.max(0, numbers.indexOf(thread)) + step, numbers.length - 1)]
  return next === undefined ? {} : { thread: next }
}

/** Logs have their newest line at the bottom: up is further into the past. */
function movedOverlay(overlay: Overlay, step: number, state: ScreenState): Partial<ScreenState> {
  if (overlay.kind === 'help') return { overlay: { ...overlay, from: clamp(overlay.from + step, 40) } }
  if (overlay.kind !== 'log') return {}
  const last = Math.max(0, (state.log?.lines.length ?? 0) - pageSize(state) - 1)
  return { overlay: { ...overlay, from: clamp(overlay.from - step, last) } }
}

/** The panel after (or before) the one the keys act on. */
export function refocused(state: ScreenState, step: 1 | -1): Partial<ScreenState> {
  const panels = panelsOf(layoutOf({ ...state, isZoomed: false })).filter((panel) => panel !== 'log')
  if (state.view !== 'threads' || panels.length === 0) return {}
  const active: PanelName = activePanel(state)
  const place = panels.findIndex((panel) => panel === active)
  const focus = panels[(place + step + panels.length) % panels.length] ?? 'threads'
  return { focus }
}
