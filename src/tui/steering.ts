/** Keys that ask the supervisor for something. Every answer is shown as a notice for some seconds. */
import type { Answer, Command } from '../model/command.ts'
import type { Feed } from '../model/feed.ts'
import { type ItemIndex, itemIndex } from '../model/ids.ts'
import { millis, type WallTime } from '../model/units.ts'
import type { Tone } from '../view/row.ts'
import { selectedItem, selectedThread } from './selection.ts'
import type { ItemTarget } from './state.ts'
import type { ScreenStore } from './store.ts'

/** Milliseconds for which a notice is read. */
const NOTICE = 4000

/** Grace for running items when a run in the foreground loses its terminal. */
const LAST_GRACE = millis(30_000)

export interface Steering {
  readonly tell: (text: string, tone?: Tone) => void
  readonly pauseThread: () => void
  readonly pauseAll: () => void
  readonly changeThreads: (by: 1 | -1) => void
  readonly retryItem: () => void
  readonly retryFailed: () => void
  /** Asks first; `endItem` does it. */
  readonly askToEnd: (isNow: boolean) => void
  readonly endItem: (item: ItemTarget, isNow: boolean) => void
  readonly checkpoint: () => void
  readonly reclaim: () => void
  readonly stop: (isNow: boolean) => void
  /** The terminal is gone and the run belongs to it. */
  readonly stopWithGrace: () => Promise<void>
  /** One or more sentences; undefined where there was no answer. */
  readonly explain: (item: number) => Promise<string | undefined>
}

export function createSteering(store: ScreenStore, feed: Feed): Steering {
  const tell = (text: string, tone?: Tone): void => {
    const until = (store.get().wall + NOTICE) as WallTime
    store.update({ notice: { text, until, ...(tone === undefined ? {} : { tone }) } })
  }
  const tellAnswer = (answer: Answer): void => {
    if (answer.ok) tell(answer.message)
    else tell(answer.hint === undefined ? answer.message : `${answer.message} (${answer.hint})`, 'failed')
  }
  const ask = (command: Command): void => {
    if (store.get().readOnly) {
      tell('this screen is read-only', 'waiting')
      return
    }
    feed.send(command).then(tellAnswer, (error: unknown) => {
      tell(error instanceof Error ? error.message : String(error), 'failed')
    })
  }
  const itemOf = (): ItemIndex | undefined => {
    const item = selectedItem(store.get())
    return item === undefined ? undefined : itemIndex(item.index)
  }
  return {
    tell,
    pauseThread: () => {
      const thread = selectedThread(store.get())
      if (thread === undefined) return
      const threads = [thread.thread]
      const isPaused = thread.paused !== undefined || thread.state === 'paused' || thread.state === 'pausing'
      ask(isPaused ? { verb: 'resumeThreads', threads } : { verb: 'pauseThreads', threads, drain: false })
    },
    pauseAll: () => {
      const isPaused = store.get().snapshot?.head.state === 'paused'
      ask(isPaused ? { verb: 'resumeThreads' } : { verb: 'pauseThreads', drain: false })
    },
    changeThreads: (by) => {
      ask({ verb: 'setThreads', by })
    },
    retryItem: () => {
      const item = itemOf()
      if (item === undefined) tell('no item is selected', 'waiting')
      else ask({ verb: 'retryItems', items: [item] })
    },
    retryFailed: () => {
      ask({ verb: 'retryItems', items: 'failed' })
    },
    askToEnd: (isNow) => {
      const item = selectedItem(store.get())
      if (item?.isRunning === true) store.update({ prompt: { kind: 'end', item, isNow } })
      else tell(item === undefined ? 'no item is selected' : `${item.name} is not running`, 'waiting')
    },
    endItem: ({ index, attempt }, isNow) => {
      ask({ verb: 'endItem', item: itemIndex(index), attempt, isNow })
    },
    checkpoint: () => {
      ask({ verb: 'takeCheckpoint' })
    },
    reclaim: () => {
      // Collecting gigabytes takes a while: the key is felt at once.
      tell('threads give memory back …', 'waiting')
      ask({ verb: 'reclaimMemory' })
    },
    stop: (isNow) => {
      ask({ verb: 'stopRun', isNow })
    },
    stopWithGrace: async () => {
      await feed.send({ verb: 'stopRun', isNow: false, grace: LAST_GRACE }).catch(() => undefined)
    },
    explain: async (item) => {
      const answer = await feed.send({ verb: 'explainItem', item: itemIndex(item) }).catch(() => undefined)
      return answer?.message
    },
  }
}
