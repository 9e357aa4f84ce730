/** A client's end of a run's socket. Called by the command line. */
import type { Socket } from 'node:net'
import { createConnection } from 'node:net'
import type { Answer, Command } from '../model/command.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { RunSnapshot, SnapshotDelta, Trouble } from '../model/snapshot.ts'
import type { FromServer, Hello } from './protocol.ts'
import { encode, Lines, MAX_LINE, PROTOCOL } from './protocol.ts'
import { withSocketPath } from './socket-path.ts'

interface WatchHandler {
  readonly snapshot: (snapshot: RunSnapshot) => void
  readonly delta: (delta: SnapshotDelta) => void
}

export interface Connection {
  readonly hello: Hello
  /** Highest event number that is known to be on disk; undefined once the connection is over: then whatever is there counts. */
  readonly durable: number | undefined
  /** Rejects with BatchtopError `not-live` where the supervisor goes away before it answers. */
  send(command: Command): Promise<Answer>
  /** Pictures from now on, beginning with a whole one. */
  watch(handler: WatchHandler): void
  /**
   * Highest durable event numbers from now on, beginning with the present one; and when the disk does not take the journal
   * (undefined: it does again).
   */
  follow(handler: (seq: number) => void, troubled?: (trouble: Trouble | undefined) => void): void
  /** `ended`: the run is over. `lost`: its supervisor is gone. Called once, also where it is over already. */
  onClose(handler: (how: 'ended' | 'lost') => void): void
  close(): void
}

/** A supervisor says hello at once, unless it is suspended. */
const HELLO_MS = 5000

/**
 * @throws BatchtopError `not-live` (exit 4) where nobody listens, `no-answer` where a suspended supervisor does, `protocol` where it
 * speaks another one
 */
export async function connect(folder: string, helloMs = HELLO_MS): Promise<Connection> {
  const connection = new SocketConnection(reach(folder))
  const timer = setTimeout(() => connection.giveUp(), helloMs)
  try {
    await connection.ready
    return connection
  } catch (error) {
    connection.close()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function reach(folder: string): Socket {
  try {
    return withSocketPath(folder, (path) => createConnection(path))
  } catch (error) {
    // A folder that is gone cannot be entered.
    throw notLive(error)
  }
}

class SocketConnection implements Connection {
  readonly ready: Promise<void>
  readonly #reject: (error: Error) => void
  #hello: Hello | undefined
  readonly #socket: Socket
  readonly #lines = new Lines()
  readonly #pending = new Map<number, (answer: Answer | undefined) => void>()
  readonly #closers: ((how: 'ended' | 'lost') => void)[] = []
  #watcher: WatchHandler | undefined
  #follower: ((seq: number) => void) | undefined
  #troubled: ((trouble: Trouble | undefined) => void) | undefined
  #durable = 0
  #ids = 0
  #closed: 'ended' | 'lost' | undefined
  #hasEnded = false

  constructor(socket: Socket) {
    this.#socket = socket
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.ready = promise
    this.#reject = reject
    socket.setEncoding('utf8')
    socket.on('error', (error) => reject(notLive(error)))
    socket.on('close', () => {
      reject(notLive(undefined))
      this.#over()
    })
    socket.on('data', (data: string) => {
      for (const line of this.#lines.add(data) ?? []) this.#heard(JSON.parse(line) as FromServer, { resolve, reject })
    })
  }

  giveUp(): void {
    this.#reject(noAnswer())
  }

  get hello(): Hello {
    if (!this.#hello) throw new Error('Not connected yet')
    return this.#hello
  }

  get durable(): number | undefined {
    return this.#closed ? undefined : this.#durable
  }

  async send(command: Command): Promise<Answer> {
    if (this.#closed) throw notLive(undefined)
    this.#ids += 1
    const line = encode({ type: 'command', id: this.#ids, command })
    if (line.length > MAX_LINE) throw tooLong(command)
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
    this.#pending.set(this.#ids, resolve)
    this.#socket.write(line)
    const answer = await promise
    if (!answer) throw notLive(undefined)
    return answer
  }

  watch(handler: WatchHandler): void {
    this.#watcher = handler
    this.#socket.write(encode({ type: 'watch' }))
  }

  follow(handler: (seq: number) => void, troubled?: (trouble: Trouble | undefined) => void): void {
    this.#follower = handler
    this.#troubled = troubled
    this.#socket.write(encode({ type: 'follow' }))
  }

  onClose(handler: (how: 'ended' | 'lost') => void): void {
    if (this.#closed) handler(this.#closed)
    else this.#closers.push(handler)
  }

  close(): void {
    this.#closers.length = 0
    this.#socket.destroy()
  }

  #heard(message: FromServer, { resolve, reject }: { resolve: () => void; reject: (error: Error) => void }): void {
    switch (message.type) {
      case 'hello':
        this.#hello = message
        this.#durable = message.durable
        return message.protocol === PROTOCOL ? resolve() : reject(otherProtocol(message))
      case 'answer':
        this.#durable = Math.max(this.#durable, message.durable ?? 0)
        this.#pending.get(message.id)?.(message.answer)
        this.#pending.delete(message.id)
        return
      case 'snapshot':
        this.#durable = Math.max(this.#durable, message.snapshot.head.seq)
        return this.#watcher?.snapshot(message.snapshot)
      case 'delta':
        this.#durable = Math.max(this.#durable, message.delta.head?.seq ?? 0)
        return this.#watcher?.delta(message.delta)
      case 'durable':
        this.#durable = message.seq
        return this.#follower?.(message.seq)
      case 'trouble':
        return this.#troubled?.(message.trouble ?? undefined)
      case 'ended':
        this.#hasEnded = true
        return
      default:
        // A newer supervisor may say more than this client knows.
        message satisfies never
    }
  }

  #over(): void {
    this.#closed = this.#hasEnded ? 'ended' : 'lost'
    for (const resolve of this.#pending.values()) resolve(undefined)
    for (const closer of this.#closers) closer(this.#closed)
  }
}

function notLive(cause: unknown): BatchtopError {
  return new BatchtopError('not-live', 'The run is not live: its supervisor is gone.', { exit: EXIT.notFound, cause })
}

function noAnswer(): BatchtopError {
  return new BatchtopError('no-answer', "The run's supervisor is there but does not answer.", {
    hint: "Was it suspended? Its log is supervisor.log in the run's folder.",
    exit: EXIT.bug,
  })
}

function tooLong({ verb }: Command): BatchtopError {
  return new BatchtopError('too-long', `Too many items for one ${verb}.`, { hint: 'Name fewer at once.' })
}

function otherProtocol({ version, protocol }: Hello): BatchtopError {
  return new BatchtopError(
    'protocol',
    `The run's supervisor is batchtop ${version} and speaks protocol ${protocol}, this one ${PROTOCOL}.`,
    {
      hint: `Use batchtop ${version} for this run.`,
    },
  )
}
