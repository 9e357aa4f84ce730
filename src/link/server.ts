/**
 * The supervisor's end of the run's socket. Whoever does not read is skipped, never waited for: a screen gets a fresh picture when it reads
 * again, and is dropped when it does not for ten seconds. May import model and run. Called by the supervisor.
 */
import { chmodSync, rmSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Answer, Command } from '../model/command.ts'
import { assertNever, EXIT } from '../model/errors.ts'
import type { RunId } from '../model/ids.ts'
import type { RunSnapshot, SnapshotDelta, Trouble } from '../model/snapshot.ts'
import { encode, Lines, MAX_LINE, PROTOCOL, SOCKET } from './protocol.ts'
import { withSocketPath } from './socket-path.ts'
import { parseRequest } from './verbs.ts'

/** How long a client may leave what it was sent unread. */
const PATIENCE_MS = 10_000

/** How long clients get to take the last lines. */
const FAREWELL_MS = 1000

export interface LinkServerOptions {
  readonly folder: string
  readonly run: RunId
  readonly version: string
  /** Highest event number that is on disk from the start. */
  readonly durable: number
  readonly onCommand: (command: Command) => Promise<Answer>
  /** The picture as of the last `publish`: the next delta must fit it. */
  readonly snapshot: () => RunSnapshot
  /** How long a client may leave what it was sent unread before it is dropped, in ms; left out: 10 s. */
  readonly patience?: number
}

export interface LinkServer {
  /** To everybody who watches. */
  publish(delta: SnapshotDelta): void
  /** Wakes those who follow the journal. */
  durable(seq: number): void
  /** Tells those who follow that nothing gets durable, or does again. */
  trouble(trouble: Trouble | undefined): void
  /** Says that the run is over; resolves when all have heard it, at most a second later. */
  ended(): Promise<void>
  close(): void
  /** How many watch. */
  readonly watchers: number
}

/** Binds the socket. A file that is left of an earlier supervisor is in nobody's use: the plan's lock proves that. */
export async function startLinkServer(options: LinkServerOptions): Promise<LinkServer> {
  const path = join(options.folder, SOCKET)
  rmSync(path, { force: true })
  const link = new Link(options)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  link.server.once('error', reject)
  withSocketPath(options.folder, (near) => link.server.listen(near, resolve))
  await promise
  chmodSync(path, 0o600)
  return link
}

class Link implements LinkServer {
  readonly server: Server
  readonly #options: LinkServerOptions
  readonly #clients = new Set<Client>()
  #durable: number
  #trouble: Trouble | undefined
  #hasEnded = false

  constructor(options: LinkServerOptions) {
    this.#options = options
    this.#durable = options.durable
    this.server = createServer((socket) => this.#welcome(socket))
  }

  get watchers(): number {
    return [...this.#clients].filter(({ isWatching }) => isWatching).length
  }

  publish(delta: SnapshotDelta): void {
    const line = encode({ type: 'delta', delta })
    for (const client of this.#clients) if (client.isWatching) client.send(line)
  }

  durable(seq: number): void {
    this.#durable = seq
    const line = encode({ type: 'durable', seq })
    for (const client of this.#clients) if (client.isFollowing) client.send(line)
  }

  trouble(trouble: Trouble | undefined): void {
    this.#trouble = trouble
    const line = encode({ type: 'trouble', trouble: trouble ?? null })
    for (const client of this.#clients) if (client.isFollowing) client.send(line)
  }

  async ended(): Promise<void> {
    this.#hasEnded = true
    await Promise.all([...this.#clients].map((client) => client.bye()))
  }

  close(): void {
    for (const client of this.#clients) client.drop()
    this.server.close()
    rmSync(join(this.#options.folder, SOCKET), { force: true })
  }

  #welcome(socket: Socket): void {
    const { run, version, patience = PATIENCE_MS } = this.#options
    const client = new Client(socket, {
      request: (line) => this.#request(client, line),
      fresh: () => this.#fresh(client),
      gone: () => this.#clients.delete(client),
      patience,
    })
    this.#clients.add(client)
    client.send(encode({ type: 'hello', protocol: PROTOCOL, run, version, durable: this.#durable }))
    if (this.#hasEnded) void client.bye()
  }

  /** What a follower begins with. */
  #news(): string[] {
    const trouble = encode({ type: 'trouble', trouble: this.#trouble ?? null })
    return [encode({ type: 'durable', seq: this.#durable }), ...(this.#trouble ? [trouble] : [])]
  }

  /** What brings a client up to date that has missed something. */
  #fresh({ isFollowing, isWatching }: Client): string[] {
    const lines: string[] = []
    if (isFollowing) lines.push(...this.#news())
    if (isWatching) lines.push(encode({ type: 'snapshot', snapshot: this.#options.snapshot() }))
    return lines
  }

  #request(client: Client, line: string): void {
    const request = parseRequest(line)
    if (!request) return client.drop()
    switch (request.type) {
      case 'watch': {
        // The picture first: it brings the others up to date, and the next delta then fits all.
        const snapshot = this.#options.snapshot()
        client.isWatching = true
        return client.send(encode({ type: 'snapshot', snapshot }))
      }
      case 'follow':
        client.isFollowing = true
        for (const news of this.#news()) client.send(news)
        return
      case 'unknown': {
        const message = `This run's supervisor does not know ${request.verb}.`
        const hint = `It is batchtop ${this.#options.version}.`
        return client.answer(request.id, { ok: false, code: 'unknown-command', message, hint, exit: EXIT.usage })
      }
      case 'bad': {
        const message = `${request.verb}: \`${request.field}\` is not what this run's supervisor expects.`
        const hint = `It is batchtop ${this.#options.version}.`
        return client.answer(request.id, { ok: false, code: 'bad-command', message, hint, exit: EXIT.usage })
      }
      case 'command':
        void this.#options.onCommand(request.command).then((answer) => client.answer(request.id, answer, this.#durable))
        return
      default:
        assertNever(request)
    }
  }
}

interface ClientOptions {
  readonly request: (line: string) => void
  readonly fresh: () => readonly string[]
  readonly gone: () => void
  readonly patience: number
}

/** One connection, with at most what the system buffers and one message waiting for it. */
class Client {
  isWatching = false
  isFollowing = false
  readonly #socket: Socket
  readonly #lines = new Lines(MAX_LINE)
  readonly #fresh: () => readonly string[]
  /** Once something was skipped nothing fits any more until a fresh picture was sent. */
  #hasMissed = false
  readonly #patienceMs: number
  #patience: NodeJS.Timeout | undefined

  constructor(socket: Socket, { request, fresh, gone, patience }: ClientOptions) {
    this.#socket = socket
    this.#fresh = fresh
    this.#patienceMs = patience
    socket.setEncoding('utf8')
    socket.on('data', (data: string) => {
      const lines = this.#lines.add(data)
      if (!lines) return this.drop()
      for (const line of lines) if (!socket.destroyed) request(line)
    })
    socket.on('drain', () => {
      clearTimeout(this.#patience)
      this.#patience = undefined
      socket.resume()
      this.#catchUp()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(this.#patience)
      gone()
    })
  }

  /** Pictures and wakes: skipped while the client does not read. */
  send(line: string): void {
    if (this.#hasMissed || this.#socket.writableNeedDrain) this.#hasMissed = true
    else this.#write(line)
  }

  /** Answers are never skipped: there is one for each request, and who does not read them is not heard meanwhile. */
  answer(id: number, answer: Answer, durable?: number): void {
    this.#write(encode({ type: 'answer', id, answer, ...(durable === undefined ? {} : { durable }) }))
    if (this.#socket.writableNeedDrain) this.#socket.pause()
  }

  /** Everything to the last word; resolves when it was heard, or after a second. */
  bye(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, FAREWELL_MS)
    this.#socket.on('close', resolve)
    this.#socket.resume()
    this.#catchUp()
    this.#write(encode({ type: 'ended' }))
    this.#socket.end()
    return promise.finally(() => clearTimeout(timer))
  }

  drop(): void {
    this.#socket.destroy()
  }

  #catchUp(): void {
    if (!this.#hasMissed) return
    // Taking a fresh picture publishes to all who have missed nothing: until it is taken this client is not one of them.
    const lines = this.#fresh()
    this.#hasMissed = false
    for (const line of lines) this.#write(line)
  }

  #write(line: string): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return
    if (!this.#socket.write(line)) this.#patience ??= setTimeout(() => this.drop(), this.#patienceMs)
  }
}
