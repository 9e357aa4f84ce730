/** Keys → what they do. The only place that knows which question is open when a key comes. */
import type { Feed } from '../model/feed.ts'
import { clean } from '../view/fit.ts'
import { actions, type Context, type Host } from './actions.ts'
import { actionOf, isSteering } from './keymap.ts'
import { createLeaving, type Leaving } from './leaving.ts'
import { searched } from './looking.ts'
import type { ItemTarget } from './state.ts'
import { createSteering } from './steering.ts'
import type { ScreenStore } from './store.ts'

export interface Controller {
  readonly press: (keys: readonly string[]) => void
  /** Text that was pasted: never keys. */
  readonly paste: (text: string) => void
  readonly leaving: Leaving
}

export function createController(store: ScreenStore, feed: Feed, host: Host): Controller {
  const steering = createSteering(store, feed)
  const leaving = createLeaving({ store, steering, exit: host.exit })
  const context: Context = { store, host, steering, leaving, player: feed.player }
  return {
    press: (keys) => {
      for (const key of keys) pressed(context, key)
    },
    paste: (text) => {
      const { prompt } = store.get()
      if (prompt?.kind === 'search') store.update({ prompt: { kind: 'search', text: prompt.text + clean(text) } })
      else steering.tell('pasted text is not taken as keys', 'waiting')
    },
    leaving,
  }
}

function pressed(context: Context, key: string): void {
  const { store, leaving, steering, player } = context
  const { leaveAt, prompt } = store.get()
  const action = actionOf(key, player !== undefined)
  const isLeaving = action === 'quit' || action === 'detach' || action === 'interrupt'
  if (leaveAt !== undefined && !isLeaving) {
    store.update({ stays: true })
    return
  }
  if (leaving.answer(key)) return
  if (prompt?.kind === 'end' && key !== 'ctrl-c') answerEnd(context, prompt, key)
  else if (prompt?.kind === 'search' && key !== 'ctrl-c') typeSearch(store, prompt.text, key)
  else if (player !== undefined && action !== undefined && isSteering(action)) {
    steering.tell('this is a replay: nothing can be changed', 'waiting')
  } else if (action !== undefined) actions[action](context)
}

interface EndQuestion {
  readonly item: ItemTarget
  readonly isNow: boolean
}

function answerEnd({ store, steering }: Context, { item, isNow }: EndQuestion, key: string): void {
  if (key !== 'y' && key !== 'n' && key !== 'escape' && key !== 'q') return
  store.update({ prompt: undefined })
  if (key === 'y') steering.endItem(item, isNow)
}

function typeSearch(store: ScreenStore, text: string, key: string): void {
  const letters = Array.from(text)
  if (key === 'escape') store.update({ prompt: undefined })
  else if (key === 'enter') store.update({ prompt: undefined, items: searched(store.get().items, text) })
  else if (key === 'backspace') store.update({ prompt: { kind: 'search', text: letters.slice(0, -1).join('') } })
  else if (Array.from(key).length === 1) store.update({ prompt: { kind: 'search', text: text + key } })
}
