/** What each action of the keymap does, as a table: a key without an entry does not compile. */
import type { Player } from '../model/feed.ts'
import type { Action } from './keymap.ts'
import type { Leaving, ScreenExit } from './leaving.ts'
import { closeTop, detailsOf, listed, toView } from './looking.ts'
import { moved, refocused } from './moving.ts'
import { selectedItem } from './selection.ts'
import type { ItemTarget, Overlay } from './state.ts'
import type { Steering } from './steering.ts'
import type { ScreenStore } from './store.ts'

/** What the screen needs of the terminal it runs on. */
export interface Host {
  readonly exit: (exit: ScreenExit) => void
  /** Draws everything anew. */
  readonly repaint: () => void
  /** Stops this process as Ctrl-Z does elsewhere. */
  readonly suspend: () => void
  /** Gives the terminal to a pager; undefined where there is none. */
  readonly openPager: ((item: number) => void) | undefined
}

export interface Context {
  readonly store: ScreenStore
  readonly host: Host
  readonly steering: Steering
  readonly leaving: Leaving
  /** Only in a replay. */
  readonly player: Player | undefined
}

type Do = (context: Context) => void

/** Drawn at once, however the film goes on. */
const play =
  (act: (player: Player) => void): Do =>
  ({ store, steering, player }) => {
    if (player === undefined) return
    if (store.get().status === 'ended') {
      steering.tell('the replay is at its end', 'waiting')
      return
    }
    act(player)
    store.refresh()
  }

const move =
  (step: Parameters<typeof moved>[1]): Do =>
  ({ store }) => {
    store.update(moved(store.get(), step))
  }

const view =
  (name: Parameters<typeof toView>[0]): Do =>
  ({ store }) => {
    store.update(toView(name))
  }

export const actions: Readonly<Record<Action, Do>> = {
  up: move('up'),
  down: move('down'),
  pageUp: move('pageUp'),
  pageDown: move('pageDown'),
  first: move('first'),
  last: move('last'),
  nextFound: move('down'),
  previousFound: move('up'),
  focus: ({ store }) => store.update(refocused(store.get(), 1)),
  focusBack: ({ store }) => store.update(refocused(store.get(), -1)),
  zoom: ({ store }) => {
    const { view: current, isZoomed } = store.get()
    store.update(current === 'threads' ? { isZoomed: !isZoomed, overlay: undefined } : toView('threads'))
  },
  'view:threads': view('threads'),
  'view:batches': view('batches'),
  'view:items': view('items'),
  'view:timeline': view('timeline'),
  'view:memory': view('memory'),
  'view:events': view('events'),
  search: ({ store }) => store.update({ ...toView('items'), prompt: { kind: 'search', text: '' } }),
  filter: ({ store }) => store.update(listed(store.get(), 'filter')),
  sort: ({ store }) => store.update(listed(store.get(), 'sort')),
  details: openDetails,
  log: (context) => withItem(context, (item) => context.store.update({ overlay: { kind: 'log', item, from: 0 } })),
  pager: (context) =>
    withItem(context, (item) => {
      if (context.host.openPager === undefined) context.steering.tell('there is no pager here', 'waiting')
      else context.host.openPager(item.index)
    }),
  help: ({ store }) => {
    const isOpen = store.get().overlay?.kind === 'help'
    store.update({ overlay: isOpen ? undefined : { kind: 'help', from: 0 } })
  },
  pauseThread: ({ steering }) => steering.pauseThread(),
  pauseAll: ({ steering }) => steering.pauseAll(),
  moreThreads: ({ steering }) => steering.changeThreads(1),
  fewerThreads: ({ steering }) => steering.changeThreads(-1),
  retryItem: ({ steering }) => steering.retryItem(),
  retryFailed: ({ steering }) => steering.retryFailed(),
  endItem: ({ steering }) => steering.askToEnd(false),
  endItemNow: ({ steering }) => steering.askToEnd(true),
  checkpoint: ({ steering }) => steering.checkpoint(),
  reclaim: ({ steering }) => steering.reclaim(),
  togglePlay: play((player) => player.togglePause()),
  faster: play((player) => player.faster()),
  slower: play((player) => player.slower()),
  gates: ({ steering }) => steering.tell('gates come in a later version', 'waiting'),
  repaint: ({ host }) => host.repaint(),
  suspend: ({ host }) => host.suspend(),
  detach: ({ leaving }) => leaving.detach(),
  interrupt: ({ leaving }) => leaving.interrupt(),
  close: ({ store }) => {
    closeTop(store)
  },
  quit: ({ store, leaving }) => {
    if (!closeTop(store)) leaving.quit()
  },
}

function withItem({ store, steering }: Context, use: (item: ItemTarget) => void): void {
  const item = selectedItem(store.get())
  if (item === undefined) steering.tell('no item is selected', 'waiting')
  else use(item)
}

function openDetails({ store, steering }: Context): void {
  const overlay = detailsOf(store.get())
  if (overlay === undefined) {
    steering.tell('nothing is selected', 'waiting')
    return
  }
  store.update({ overlay })
  if (overlay.kind === 'batch' || overlay.item === undefined) return
  void explain(store, overlay, steering.explain(overlay.item.index))
}

type Explained = Extract<Overlay, { readonly why?: string }>

/** Adds the answer to the details, if they are still open when it comes. */
async function explain(store: ScreenStore, overlay: Explained, answer: Promise<string | undefined>): Promise<void> {
  const why = await answer
  if (why !== undefined && store.get().overlay === overlay) store.update({ overlay: { ...overlay, why } })
}
