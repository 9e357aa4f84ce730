/** Every key as data: footer and help are drawn from these lists, and the controller looks keys up in them. */
import type { Hint } from '../view/footer.ts'
import type { HelpLine } from '../view/help.ts'
import type { ScreenState, ViewName } from './state.ts'

export type Move = 'up' | 'down' | 'pageUp' | 'pageDown' | 'first' | 'last'

export type Action =
  | Move
  | 'focus'
  | 'focusBack'
  | 'zoom'
  | 'pauseThread'
  | 'pauseAll'
  | 'moreThreads'
  | 'fewerThreads'
  | 'details'
  | 'log'
  | 'pager'
  | 'retryItem'
  | 'retryFailed'
  | 'endItem'
  | 'endItemNow'
  | 'checkpoint'
  | 'reclaim'
  | 'togglePlay'
  | 'faster'
  | 'slower'
  | 'search'
  | 'nextFound'
  | 'previousFound'
  | 'filter'
  | 'sort'
  | 'gates'
  | 'help'
  | 'repaint'
  | 'suspend'
  | 'detach'
  | 'quit'
  | 'close'
  | 'interrupt'
  | `view:${ViewName}`

interface Binding {
  readonly keys: readonly string[]
  readonly action: Action
}

interface KeyLine {
  /** As people read it. */
  readonly shown: string
  readonly help: string
  /** The same in a replay, where it is said otherwise; false: not said there. */
  readonly inReplay?: string | false
  /** Word in the footer; left out: help only. */
  readonly label?: string
  /** Views whose footer names it; left out: all. */
  readonly views?: readonly ViewName[]
  /** Changes the run: a footer that is read-only leaves it out, and there is nothing to change in a replay. */
  readonly isSteering?: true
  readonly bindings: readonly Binding[]
}

const key = (action: Action, ...keys: readonly string[]): Binding => ({ keys, action })

const VIEWS: readonly ViewName[] = ['threads', 'batches', 'items', 'timeline', 'memory', 'events']
const withThreads: readonly ViewName[] = ['threads', 'timeline', 'memory']

const keyLines: readonly KeyLine[] = [
  {
    shown: 'p',
    label: 'pause',
    help: 'pause or resume the selected thread',
    views: withThreads,
    isSteering: true,
    bindings: [key('pauseThread', 'p')],
  },
  {
    shown: 'P',
    label: 'all',
    help: 'pause or resume all threads',
    views: withThreads,
    isSteering: true,
    bindings: [key('pauseAll', 'P')],
  },
  {
    shown: '/',
    label: 'search',
    help: 'search items by name',
    views: ['items'],
    bindings: [key('search', '/')],
  },
  {
    shown: 'f',
    label: 'filter',
    help: 'items: all, failed, running, waiting',
    views: ['items'],
    bindings: [key('filter', 'f')],
  },
  {
    shown: 's',
    label: 'sort',
    help: 'items: order of the plan, slowest, most tries',
    views: ['items'],
    bindings: [key('sort', 's')],
  },
  { shown: 'l', label: 'log', help: 'log of the item', views: [...withThreads, 'items'], bindings: [key('log', 'l')] },
  { shown: 'Enter', label: 'details', help: 'details', bindings: [key('details', 'enter')] },
  {
    shown: '1-7',
    label: 'views',
    help: 'threads, batches, items, timeline, memory, events, gates',
    bindings: viewBindings(),
  },
  {
    shown: 'C',
    label: 'reclaim',
    help: 'threads give memory back now',
    views: ['memory'],
    isSteering: true,
    bindings: [key('reclaim', 'C')],
  },
  {
    shown: 'r',
    label: 'retry',
    help: 'retry the item',
    views: [...withThreads, 'items'],
    isSteering: true,
    bindings: [key('retryItem', 'r')],
  },
  { shown: 'R', help: 'retry all failed items', isSteering: true, bindings: [key('retryFailed', 'R')] },
  {
    shown: 'x',
    label: 'end',
    help: 'end the running item (asks)',
    views: [...withThreads, 'items'],
    isSteering: true,
    bindings: [key('endItem', 'x')],
  },
  { shown: 'X', help: 'end it now, by force (asks)', isSteering: true, bindings: [key('endItemNow', 'X')] },
  {
    shown: '+ -',
    label: 'threads',
    help: 'more, fewer threads',
    views: withThreads,
    isSteering: true,
    bindings: [key('moreThreads', '+', '='), key('fewerThreads', '-')],
  },
  { shown: 'z', label: 'zoom', help: 'give the panel all the room', views: ['threads'], bindings: [key('zoom', 'z')] },
  {
    shown: 'Tab',
    label: 'panel',
    help: 'next panel',
    views: ['threads'],
    bindings: [key('focus', 'tab'), key('focusBack', 'backtab')],
  },
  {
    shown: 'c',
    label: 'checkpoint',
    help: 'write a checkpoint now',
    views: withThreads,
    isSteering: true,
    bindings: [key('checkpoint', 'c')],
  },
  {
    shown: '↑ ↓ j k',
    help: 'move',
    bindings: [key('up', 'up', 'k'), key('down', 'down', 'j')],
  },
  { shown: 'g G', help: 'first, last', bindings: [key('first', 'g', 'home'), key('last', 'G', 'end')] },
  { shown: 'PgUp PgDn', help: 'a page up, down', bindings: [key('pageUp', 'pageup'), key('pageDown', 'pagedown')] },
  { shown: 'v', help: 'log of the item in $PAGER', bindings: [key('pager', 'v')] },
  { shown: 'n N', help: 'next, previous item found', bindings: [key('nextFound', 'n'), key('previousFound', 'N')] },
  { shown: 'a', help: 'waiting gates (later)', bindings: [key('gates', 'a', '7')] },
  { shown: 'Ctrl-L', help: 'repaint', bindings: [key('repaint', 'ctrl-l')] },
  {
    shown: 'Ctrl-Z',
    help: 'suspend this screen; the run goes on',
    inReplay: 'suspend this screen',
    bindings: [key('suspend', 'ctrl-z')],
  },
  { shown: 'Esc', help: 'close', bindings: [key('close', 'escape')] },
]

/** At the end of every footer. */
const lastLines: readonly KeyLine[] = [
  { shown: '?', label: 'help', help: 'this help (F1 too)', bindings: [key('help', '?', 'f1')] },
  { shown: 'd', label: 'detach', help: 'leave; the run goes on', inReplay: false, bindings: [key('detach', 'd')] },
  {
    shown: 'q',
    label: 'quit',
    help: 'close, or ask: detach, stop, stop now',
    inReplay: 'close, or leave (d, Ctrl-C: leave)',
    bindings: [key('quit', 'q')],
  },
  {
    shown: 'Ctrl-C',
    help: 'as q; twice: leave, the run goes on',
    inReplay: false,
    bindings: [key('interrupt', 'ctrl-c')],
  },
]

/** What is steered in a replay is the replay: these keys come before all others there. */
const replayLines: readonly KeyLine[] = [
  {
    shown: 'p',
    label: 'pause',
    help: 'pause the replay, or let it go on (Space too)',
    bindings: [key('togglePlay', 'p', ' ')],
  },
  {
    shown: '+ -',
    label: 'speed',
    help: 'faster, slower (> < too)',
    bindings: [key('faster', '+', '=', '>'), key('slower', '-', '<')],
  },
]

function viewBindings(): readonly Binding[] {
  return VIEWS.map((view, place) => key(`view:${view}`, String(place + 1)))
}

type Keys = ReadonlyMap<string, Action>

const keysOf = (lines: readonly KeyLine[]): Keys =>
  new Map(
    lines.flatMap(({ bindings }) =>
      bindings.flatMap(({ keys, action }) => keys.map((name) => [name, action] as const)),
    ),
  )

const liveLines: readonly KeyLine[] = [...keyLines, ...lastLines]
const liveKeys = keysOf(liveLines)
const playKeys = keysOf(replayLines)

const steering: ReadonlySet<Action> = new Set(keysOf(keyLines.filter(({ isSteering }) => isSteering)).values())

export const actionOf = (name: string, isReplay: boolean): Action | undefined =>
  (isReplay ? playKeys.get(name) : undefined) ?? liveKeys.get(name)

/** Whether it would change the run. */
export const isSteering = (action: Action): boolean => steering.has(action)

const isForReplays = (line: KeyLine): boolean => line.isSteering !== true && line.inReplay !== false

const liveHelp: readonly HelpLine[] = liveLines.map(({ shown, help }) => ({ keys: shown, help }))
const replayHelp: readonly HelpLine[] = [...replayLines, ...liveLines.filter(isForReplays)].map(
  ({ shown, help, inReplay }) => ({ keys: shown, help: inReplay || help }),
)

export const helpLines = (isReplay: boolean): readonly HelpLine[] => (isReplay ? replayHelp : liveHelp)

const hintsOf = (lines: readonly KeyLine[], view: ViewName): readonly Hint[] =>
  lines.flatMap(({ shown, label, views }) =>
    label === undefined || views?.includes(view) === false ? [] : [{ keys: shown, label }],
  )

interface Hints {
  readonly hints: readonly Hint[]
  readonly last: readonly Hint[]
}

/** Keys for the footer of a view: those that give way first stand last. */
export function footerHints(state: Pick<ScreenState, 'view' | 'readOnly' | 'replay' | 'status'>): Hints {
  const { view, readOnly, replay, status } = state
  if (replay) {
    const lines = [...(status === 'ended' ? [] : replayLines), ...keyLines.filter(isForReplays)]
    return { hints: hintsOf(lines, view), last: hintsOf(lastLines.filter(isForReplays), view) }
  }
  const lines = readOnly ? keyLines.filter((line) => line.isSteering !== true) : keyLines
  return { hints: hintsOf(lines, view), last: hintsOf(lastLines, view) }
}
