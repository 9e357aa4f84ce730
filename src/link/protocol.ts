/**
 * What goes over a run's socket: one JSON object a line. The server begins with `hello`; a client sends requests with an id of its
 * own. May import model and run. Used by server and client beside it.
 */
import type { Answer, Command } from '../model/command.ts'
import type { RunId } from '../model/ids.ts'
import type { RunSnapshot, SnapshotDelta, Trouble } from '../model/snapshot.ts'

export const PROTOCOL = 1

/** Name of the socket in a run's folder. */
export const SOCKET = 'socket'

/** Longest line a client may send: a command with many items. */
export const MAX_LINE = 4 * 2 ** 20

export interface Hello {
  readonly type: 'hello'
  readonly protocol: number
  readonly run: RunId
  readonly version: string
  /** Highest event number on disk. */
  readonly durable: number
}

export type FromServer =
  | Hello
  /** `durable`: what the answer goes by is on disk, up to that event. */
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer; readonly durable?: number }
  | { readonly type: 'snapshot'; readonly snapshot: RunSnapshot }
  | { readonly type: 'delta'; readonly delta: SnapshotDelta }
  | { readonly type: 'durable'; readonly seq: number }
  /** To those who follow: the disk does not take the journal; null: it does again. */
  | { readonly type: 'trouble'; readonly trouble: Trouble | null }
  /** The run is over; the connection closes. */
  | { readonly type: 'ended' }

export type FromClient =
  | { readonly type: 'command'; readonly id: number; readonly command: Command }
  /** Pictures from now on. */
  | { readonly type: 'watch' }
  /** `durable` from now on. */
  | { readonly type: 'follow' }

export function encode(message: FromServer | FromClient): string {
  return `${JSON.stringify(message)}\n`
}

/** Cuts a stream of text into lines, however it comes in. */
export class Lines {
  readonly #most: number
  #rest = ''

  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most
  }

  /** @returns the lines that are complete now; undefined where one is too long */
  add(text: string): string[] | undefined {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    return this.#rest.length > this.#most || lines.some((line) => line.length > this.#most) ? undefined : lines
  }
}
