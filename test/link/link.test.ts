import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test, vi } from 'vitest'
import { applyDelta } from '../../src/link/apply-delta.ts'
import type { Connection } from '../../src/link/client.ts'
import { connect } from '../../src/link/client.ts'
import { diffSnapshots } from '../../src/link/diff-snapshots.ts'
import type { FromServer } from '../../src/link/protocol.ts'
import type { LinkServer, LinkServerOptions } from '../../src/link/server.ts'
import { startLinkServer } from '../../src/link/server.ts'
import type { Answer, Command } from '../../src/model/command.ts'
import { itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { RunSnapshot } from '../../src/model/snapshot.ts'
import { scratchFolder } from '../helpers/scratch.ts'
import { storyRun } from '../helpers/story-run.ts'

/** Where it takes longer something hangs. */
const SOON = { timeout: 30_000 }

/** A supervisor's side with a picture that changes when told to. */
class Run {
  snapshot: RunSnapshot = storyRun()
  readonly commands: Command[] = []
  answer: (command: Command) => Promise<Answer> = async ({ verb }) => ({ ok: true, message: `did ${verb}` })
  readonly folder: string
  server: LinkServer | undefined

  constructor(folder: string) {
    this.folder = folder
  }

  /** Something happened; `note` can be as long as a test needs. */
  publish(note: string): void {
    const [first, ...others] = this.snapshot.threads
    const after: RunSnapshot = {
      ...this.snapshot,
      head: { ...this.snapshot.head, seq: this.snapshot.head.seq + 1 },
      threads: first ? [{ ...first, note }, ...others] : others,
    }
    const delta = diffSnapshots(this.snapshot, after)
    this.snapshot = after
    if (delta) this.server?.publish(delta)
  }
}

async function started(options: Partial<LinkServerOptions> = {}): Promise<Run & { readonly server: LinkServer }> {
  const run = new Run(options.folder ?? (await scratchFolder()))
  const server = await startLinkServer({
    folder: run.folder,
    run: runId('7f3a'),
    version: '0.1.0',
    durable: 0,
    onCommand: async (command) => {
      run.commands.push(command)
      return await run.answer(command)
    },
    snapshot: () => run.snapshot,
    ...options,
  })
  onTestFinished(() => server.close())
  return Object.assign(run, { server })
}

async function client(folder: string): Promise<Connection> {
  const connection = await connect(folder)
  onTestFinished(() => connection.close())
  return connection
}

/** A screen: the picture as this client knows it. */
class Screen {
  snapshot: RunSnapshot | undefined
  fresh = 0
  deltas = 0

  constructor(connection: Connection) {
    connection.watch({
      snapshot: (snapshot) => {
        this.snapshot = snapshot
        this.fresh++
      },
      delta: (delta) => {
        if (!this.snapshot) throw new Error('A delta before the first picture')
        this.snapshot = applyDelta(this.snapshot, delta)
        this.deltas++
      },
    })
  }

  async shows(run: Run): Promise<void> {
    await vi.waitFor(() => expect(this.snapshot?.head.seq).toBe(run.snapshot.head.seq), { ...SOON, interval: 1 })
  }
}

/** A client that speaks for itself, line by line. */
async function raw(folder: string): Promise<{ socket: Socket; heard: FromServer[] }> {
  const socket = createConnection(join(folder, 'socket'))
  onTestFinished(() => void socket.destroy())
  const heard: FromServer[] = []
  const lines = createInterface({ input: socket })
  lines.on('line', (line) => heard.push(JSON.parse(line) as FromServer))
  // Being dropped may look like an error from here; those who are tell it by `close`.
  for (const source of [socket, lines]) source.on('error', () => {})
  await vi.waitFor(() => expect(heard).toHaveLength(1), SOON)
  return { socket, heard }
}

/** Resolves when the other side has dropped it. */
async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
}

test('a client hears who it talks to', async () => {
  const run = await started()
  run.server.durable(41)
  const { hello } = await client(run.folder)
  expect(hello).toEqual({ type: 'hello', protocol: 1, run: '7f3a', version: '0.1.0', durable: 41 })
})

test('two clients see the same run, also when one comes later', async () => {
  const run = await started()
  const first = new Screen(await client(run.folder))
  await first.shows(run)
  run.publish('one')
  const second = new Screen(await client(run.folder))
  await second.shows(run)
  expect(run.server.watchers).toBe(2)
  run.publish('two')
  await Promise.all([first.shows(run), second.shows(run)])
  expect(first.snapshot).toEqual(run.snapshot)
  expect(second.snapshot).toEqual(run.snapshot)
  expect([first.fresh, first.deltas, second.fresh, second.deltas]).toEqual([1, 2, 1, 1])
})

test('commands are carried out and answered, each to the one who asked, in any order', async () => {
  const run = await started()
  const gate = Promise.withResolvers<void>()
  run.answer = async ({ verb }) => {
    if (verb === 'stopRun') await gate.promise
    return { ok: true, message: verb }
  }
  const [one, other] = await Promise.all([client(run.folder), client(run.folder)])
  const slow = one.send({ verb: 'stopRun', isNow: false })
  const quick = one.send({ verb: 'resumeThreads', threads: [threadNumber(2)] })
  expect((await quick).message).toBe('resumeThreads')
  expect((await other.send({ verb: 'setThreads', by: 1 })).message).toBe('setThreads')
  gate.resolve()
  expect((await slow).message).toBe('stopRun')
  expect(run.commands).toContainEqual({ verb: 'resumeThreads', threads: [2] })
})

test('a verb or field from another version is answered, not carried out', async () => {
  const run = await started()
  const connection = await client(run.folder)
  const odd = [{ verb: 'reclaim' }, { verb: 'pauseThreads', drain: 'yes' }] as unknown as Command[]
  const answers = await Promise.all(odd.map((command) => connection.send(command)))
  expect(answers).toMatchObject([
    { ok: false, code: 'unknown-command', exit: 2 },
    { ok: false, code: 'bad-command', exit: 2 },
  ])
  expect(run.commands).toEqual([])
})

test('who sends garbage is dropped, and what came with it is not carried out', async () => {
  const run = await started()
  const [{ socket }, good] = await Promise.all([raw(run.folder), client(run.folder)])
  socket.write('GET / HTTP/1.1\n{"type":"command","id":1,"command":{"verb":"resumeThreads"}}\n')
  await closed(socket)
  expect(run.commands).toEqual([])
  expect((await good.send({ verb: 'resumeThreads' })).ok).toBe(true)
})

test('who sends a line without end is dropped', async () => {
  const run = await started()
  const { socket } = await raw(run.folder)
  const chunk = 'x'.repeat(2 ** 20)
  for (let sent = 0; sent < 6; sent++) socket.write(chunk)
  await closed(socket)
  expect((await client(run.folder)).hello.run).toBe('7f3a')
})

test('a client that stops reading costs no memory, delays nobody, and gets one fresh picture when it reads again', async () => {
  const run = await started({ patience: 60_000 })
  const healthy = new Screen(await client(run.folder))
  await healthy.shows(run)
  const stuck = await raw(run.folder)
  stuck.socket.write('{"type":"watch"}\n')
  await vi.waitFor(() => expect(stuck.heard).toHaveLength(2), SOON)
  stuck.socket.pause()
  const large = 'x'.repeat(50_000)
  for (let count = 1; count <= 200; count++) {
    run.publish(`${count}${large}`)
    await healthy.shows(run)
  }
  expect([healthy.fresh, healthy.deltas]).toEqual([1, 200])
  const before = stuck.socket.bytesRead
  stuck.socket.resume()
  const last = () => stuck.heard.at(-1)
  await vi.waitFor(() => expect(last()).toEqual({ type: 'snapshot', snapshot: run.snapshot }), SOON)
  // 10 MB were published: what the system buffers and one picture were kept of it.
  expect(stuck.socket.bytesRead - before).toBeLessThan(2_000_000)
  run.publish('after')
  await vi.waitFor(() => expect(last()).toMatchObject({ type: 'delta', delta: { threads: [{ note: 'after' }] } }), SOON)
})

test('a client that does not read for long is dropped', async () => {
  const run = await started({ patience: 50 })
  const healthy = new Screen(await client(run.folder))
  const stuck = await raw(run.folder)
  stuck.socket.write('{"type":"watch"}\n')
  await vi.waitFor(() => expect(run.server.watchers).toBe(2), SOON)
  stuck.socket.pause()
  const large = 'x'.repeat(50_000)
  for (let count = 1; run.server.watchers === 2; count++) {
    run.publish(`${count}${large}`)
    await healthy.shows(run)
  }
  expect(run.server.watchers).toBe(1)
})

test('a client that asks without reading the answers is not heard until it does', async () => {
  const run = await started()
  run.answer = async ({ verb }) => ({ ok: true, message: verb === 'explainItem' ? 'x'.repeat(50_000) : '' })
  const { socket, heard } = await raw(run.folder)
  socket.pause()
  const asked = 2000
  for (let id = 1; id <= asked; id++) {
    socket.write(`{"type":"command","id":${id},"command":{"verb":"explainItem","item":${id}}}${' '.repeat(1000)}\n`)
  }
  const other = await client(run.folder)
  const carriedOut = () => run.commands.filter(({ verb }) => verb === 'explainItem').length
  await vi.waitFor(() => expect(carriedOut()).toBeGreaterThan(0), SOON)
  // Until nothing more of it was heard while another client was answered again and again.
  for (let before = -1; before !== carriedOut(); ) {
    before = carriedOut()
    for (let turn = 0; turn < 50; turn++) await other.send({ verb: 'locateLog', item: itemIndex(0) })
  }
  expect(carriedOut()).toBeLessThan(asked)
  socket.resume()
  await vi.waitFor(() => expect(heard).toHaveLength(asked + 1), SOON)
})

test('followers of the journal hear the latest durable number, at once and then as it rises', async () => {
  const run = await started()
  run.server.durable(5)
  const heard: number[] = []
  const connection = await client(run.folder)
  connection.follow((seq) => heard.push(seq))
  await vi.waitFor(() => expect(heard).toEqual([5]), SOON)
  for (let seq = 6; seq <= 20; seq++) run.server.durable(seq)
  await vi.waitFor(() => expect(heard.at(-1)).toBe(20), SOON)
  expect(heard.toSorted((left, right) => left - right)).toEqual(heard)
})

test('a client knows what is durable as long as there is somebody to know it from', async () => {
  const run = await started({ durable: 7 })
  const connection = await client(run.folder)
  expect(connection.durable).toBe(7)
  run.server.durable(9)
  await connection.send({ verb: 'resumeThreads' })
  expect(connection.durable).toBe(9)
  connection.follow(() => undefined)
  run.server.durable(12)
  await vi.waitFor(() => expect(connection.durable).toBe(12), SOON)
  run.server.close()
  await vi.waitFor(() => expect(connection.durable).toBeUndefined(), SOON)
})

test('at the end all hear it, with the last picture and the last durable number before it', async () => {
  const run = await started()
  const connection = await client(run.folder)
  const screen = new Screen(connection)
  const seqs: number[] = []
  connection.follow((seq) => seqs.push(seq))
  await screen.shows(run)
  const over = new Promise<string>((resolve) => connection.onClose(resolve))
  run.publish('x'.repeat(500_000))
  run.publish('the last')
  run.server.durable(99)
  await run.server.ended()
  expect(await over).toBe('ended')
  expect(screen.snapshot).toEqual(run.snapshot)
  expect(seqs.at(-1)).toBe(99)
  const late = await client(run.folder)
  expect(await new Promise((resolve) => late.onClose(resolve))).toBe('ended')
})

test('a client that does not read holds up the end for a second at most', async () => {
  const run = await started()
  const { socket } = await raw(run.folder)
  socket.write('{"type":"watch"}\n')
  await vi.waitFor(() => expect(run.server.watchers).toBe(1), SOON)
  socket.pause()
  for (let count = 0; count < 20; count++) run.publish(`${count}${'x'.repeat(200_000)}`)
  await run.server.ended()
  run.server.close()
  expect(await readdir(run.folder)).toEqual([])
})

test('a supervisor that goes away is lost, and what was asked is refused', async () => {
  const run = await started()
  run.answer = () => new Promise(() => {})
  const connection = await client(run.folder)
  const over = new Promise<string>((resolve) => connection.onClose(resolve))
  const asked = connection.send({ verb: 'resumeThreads' })
  await vi.waitFor(() => expect(run.commands).toHaveLength(1), SOON)
  run.server.close()
  await expect(asked).rejects.toMatchObject({ code: 'not-live', exit: 4 })
  expect(await over).toBe('lost')
  await expect(connection.send({ verb: 'resumeThreads' })).rejects.toMatchObject({ code: 'not-live' })
})

test('where nobody listens a run is not live, whatever is left of it', async () => {
  const folder = await scratchFolder()
  await expect(connect(folder)).rejects.toMatchObject({ code: 'not-live', exit: 4 })
  await writeFile(join(folder, 'socket'), '')
  await expect(connect(folder)).rejects.toMatchObject({ code: 'not-live' })
  await expect(connect(join(folder, 'gone', 'x'.repeat(120)))).rejects.toMatchObject({ code: 'not-live' })
})

test('a supervisor that is suspended is there but does not answer', async () => {
  const folder = await scratchFolder()
  const mute = createServer()
  onTestFinished(() => void mute.close())
  await new Promise<void>((resolve) => mute.listen(join(folder, 'socket'), resolve))
  await expect(connect(folder, 50)).rejects.toMatchObject({ code: 'no-answer' })
})

test('a supervisor of another protocol is told from one that is gone', async () => {
  const folder = await scratchFolder()
  const newer = createServer((socket) =>
    socket.end('{"type":"hello","protocol":2,"run":"7f3a","version":"9.0.0","durable":0}\n'),
  )
  onTestFinished(() => void newer.close())
  await new Promise<void>((resolve) => newer.listen(join(folder, 'socket'), resolve))
  await expect(connect(folder)).rejects.toMatchObject({ code: 'protocol', hint: 'Use batchtop 9.0.0 for this run.' })
})

test('the socket is for its user only, and what an earlier supervisor left is taken over', async () => {
  const folder = await scratchFolder()
  await writeFile(join(folder, 'socket'), '')
  const run = await started({ folder })
  expect((await stat(join(folder, 'socket'))).mode & 0o777).toBe(0o600)
  expect((await client(run.folder)).hello.run).toBe('7f3a')
})

test('a folder deeper than a socket path may be works all the same', async () => {
  const folder = join(await scratchFolder(), 'x'.repeat(100), 'y'.repeat(100), '7f3a')
  await mkdir(folder, { recursive: true })
  const before = process.cwd()
  const run = await started({ folder })
  const screen = new Screen(await client(folder))
  await screen.shows(run)
  expect(process.cwd()).toBe(before)
  run.server.close()
  expect(await readdir(folder)).toEqual([])
})
