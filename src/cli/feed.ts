/** A live run as a `Feed`: pictures and commands over the socket, items and logs from the run's folder. */
import type { JournalCursor } from '../journal/cursor.ts'
import { applyDelta } from '../link/apply-delta.ts'
import type { Connection } from '../link/client.ts'
import type { Answer } from '../model/command.ts'
import type { LogRef } from '../model/event.ts'
import type { Feed, ItemPage, ItemQuery } from '../model/feed.ts'
import type { ItemIndex, ThreadNumber } from '../model/ids.ts'
import { itemIndex } from '../model/ids.ts'
import type { RunSnapshot, ThreadStateWord, ThreadView } from '../model/snapshot.ts'
import { explainItem } from '../schedule/explain.ts'
import { pageOf } from './item-rows.ts'
import { readTail } from './log-tail.ts'
import type { Replica } from './replica.ts'
import { followReplica } from './replica.ts'
import type { Session } from './session.ts'

interface Located {
  readonly thread: ThreadNumber
  readonly attempt: number
  readonly log: LogRef | null
}

export function createFeed(session: Session & { readonly connection: Connection }): Feed {
  return new SocketFeed(session)
}

class SocketFeed implements Feed {
  readonly #connection: Connection
  readonly #folder: string
  readonly #subscribers = new Set<() => void>()
  #snapshot: RunSnapshot | undefined
  #status: ReturnType<Feed['status']> = 'connecting'
  readonly #session: Session
  #following: { readonly replica: Replica; readonly cursor: JournalCursor } | undefined
  #updating: Promise<Replica> | undefined

  constructor(session: Session & { readonly connection: Connection }) {
    const { connection, folder } = session
    this.#session = session
    this.#connection = connection
    this.#folder = folder
    connection.watch({
      snapshot: (snapshot) => this.#show(snapshot),
      delta: (delta) => {
        if (this.#snapshot) this.#show(applyDelta(this.#snapshot, delta))
      },
    })
    connection.onClose((how) => {
      this.#status = how
      this.#tell()
    })
  }

  readonly snapshot = (): RunSnapshot | undefined => this.#snapshot

  readonly status = (): ReturnType<Feed['status']> => this.#status

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#subscribers.add(changed)
    return () => this.#subscribers.delete(changed)
  }

  readonly send: Feed['send'] = async (command) => {
    if (this.#status === 'live') return await this.#connection.send(command).catch(() => gone(this.#status))
    // People look at what failed when it is over.
    if (this.#status === 'ended' && command.verb === 'explainItem') return await this.#explain(command.item)
    return gone(this.#status)
  }

  readonly items = async (query: ItemQuery): Promise<ItemPage> => {
    const replica = await this.#upToDate()
    return pageOf({ state: replica.state, running: runningItems(this.#snapshot) }, query)
  }

  readonly logTail = async (item: number, lines: number): Promise<readonly string[]> => {
    const found = (await this.#locate(itemIndex(item))) ?? (await this.#upToDate()).log(itemIndex(item))
    return found ? await readTail(this.#folder, found, lines) : []
  }

  readonly close = (): void => {
    this.#subscribers.clear()
    this.#connection.close()
    void Promise.allSettled([this.#updating]).then(() => this.#following?.cursor.close())
  }

  async #explain(item: ItemIndex): Promise<Answer> {
    const { state } = await this.#upToDate()
    return { ok: true, message: explainItem(state, item).join('\n') }
  }

  #show(snapshot: RunSnapshot): void {
    this.#snapshot = snapshot
    if (this.#status === 'connecting') this.#status = 'live'
    this.#tell()
  }

  #tell(): void {
    for (const changed of this.#subscribers) changed()
  }

  /** Output of the attempt that runs now. */
  async #locate(item: ItemIndex): Promise<{ thread: ThreadNumber; log: LogRef } | undefined> {
    if (!this.#snapshot?.threads.some((thread) => isAt(thread) && thread.item?.index === item)) return undefined
    const answer = await this.send({ verb: 'locateLog', item })
    if (!answer.ok) return undefined
    const { thread, log } = answer.data as unknown as Located
    return log ? { thread, log } : undefined
  }

  /** The facts up to what the picture shows. Whoever asks meanwhile waits for the same reading. */
  async #upToDate(): Promise<Replica> {
    this.#updating ??= this.#catchUp().finally(() => {
      this.#updating = undefined
    })
    return await this.#updating
  }

  async #catchUp(): Promise<Replica> {
    this.#following ??= await followReplica(this.#session)
    const { replica, cursor } = this.#following
    while (cursor.seq < (this.#snapshot?.head.seq ?? 0)) {
      const events = await cursor.next()
      if (!events) break
      for (const journaled of events) replica.apply(journaled)
    }
    return replica
  }
}

/** Else the item of a thread is one that waits, or that it was at when it was stopped. */
const isRunning = (state: ThreadStateWord): boolean => state !== 'retry' && state !== 'stopped'

const isAt = ({ item, state }: ThreadView): boolean => item !== undefined && isRunning(state)

/** What threads run according to a picture. What is being undone has ended. */
export function runningItems(snapshot: RunSnapshot | undefined): ReadonlySet<ItemIndex> {
  const threads = (snapshot?.threads ?? []).filter((thread) => isAt(thread) && !thread.isUndo)
  return new Set(threads.flatMap(({ item }) => item?.index ?? []))
}

function gone(status: ReturnType<Feed['status']>) {
  const message = status === 'ended' ? 'The run has ended.' : 'The run cannot be reached.'
  return { ok: false, code: 'not-live', message, exit: 4 } as const
}
