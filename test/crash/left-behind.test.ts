/** What the death of a supervisor leaves behind: processes, pauses, and items that seem to be its cause. */
import { readFile } from 'node:fs/promises'
import { test as base, expect, vi } from 'vitest'
import { Gates } from '../helpers/gates.ts'
import { Box } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'
import type { Line } from './audit.ts'
import { linesOf } from './audit.ts'
import { hostsOf, isFrozen, kill, reaperOf, supervisorsIn } from './processes.ts'

vi.setConfig({ maxConcurrency: 2, testTimeout: 300_000 })

interface Fixtures {
  readonly gates: Gates
  readonly look: Look
}

const test = base.extend<Fixtures>({
  // Vitest reads what a fixture needs from its text.
  // oxlint-disable-next-line no-empty-pattern
  gates: async ({}, use) => {
    const box = await Box.open()
    await use(await Gates.in(box))
    await box.close()
  },
  look: async ({ gates }, use) => use(new Look(gates.box)),
})

/**
 * Leaves a child in a session of its own that beats in a file for ever, which no reaper finds. Tells which processes of earlier epochs it
 * saw alive when it began.
 */
const BEATING = `
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
const isAlive = (pid) => /\\) [^ZX]/.test(read('/proc/' + pid + '/stat'))

export default async function (item, context) {
  const { folder } = context.with
  const epoch = process.env.BATCHTOP_EPOCH
  const pids = read(folder + '/pids').split('\\n').map((line) => line.split(' '))
  const seen = pids.filter(([of, pid]) => of !== '' && of !== epoch && isAlive(pid))
  appendFileSync(folder + '/beats', 'begin ' + epoch + ' ' + item.id + ' saw ' + JSON.stringify(seen) + '\\n')
  const command = 'while :; do echo "beat $BATCHTOP_EPOCH"; sleep 0.005; done >> ' + folder + '/beats'
  const beater = spawn('/bin/sh', ['-c', command], { detached: true, stdio: 'ignore' })
  appendFileSync(folder + '/pids', epoch + ' ' + process.pid + '\\n' + epoch + ' ' + beater.pid + '\\n')
  while (!existsSync(folder + '/go/all')) await setTimeout(5)
  beater.kill('SIGKILL')
}
`

/** Ends its supervisor, once the journal knows that it runs: it says which items were handed out, such as `S 3-102,105`. */
const DEADLY = `
import { readdirSync, readFileSync } from 'node:fs'
const folder = process.env.BATCHTOP_FOLDER

function journal() {
  const names = readdirSync(folder).filter((name) => name.startsWith('journal-'))
  return names.map((name) => readFileSync(folder + '/' + name, 'latin1')).join('')
}

function timesBegun(index) {
  const holds = ([from, to = from]) => from <= index && index <= to
  const chunks = [...journal().matchAll(/^S (\\S+)\\n/gm)].map(([, items]) => items.split(','))
  return chunks.filter((ranges) => ranges.some((range) => holds(range.split('-').map(Number)))).length
}

export default function (item, context) {
  if (item.id !== 'deadly') return
  while (timesBegun(item.number - 1) < context.attempt) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  process.kill(process.ppid, 'SIGKILL')
  for (;;);
}
`

class Look {
  readonly #box: Box

  constructor(box: Box) {
    this.#box = box
  }

  read(name: string): Promise<string> {
    return readFile(`${this.#box.folder}/${name}`, 'utf8').catch(() => '')
  }

  /** Waits until a file of the box says so. */
  async says(name: string, text: string): Promise<void> {
    let there = ''
    const isThere = async () => (there = await this.read(name)).includes(text)
    await until(isThere, { instead: () => there.slice(-500) })
  }

  async supervisor(): Promise<number> {
    const [pid] = await supervisorsIn(this.#box.stateDir)
    if (pid === undefined) throw new Error('No supervisor')
    return pid
  }
}

/** The reaper first: nobody is left who would end the hosts. */
async function killAtOnce(pids: readonly number[]): Promise<void> {
  for (const pid of pids) await kill(pid)
}

test.concurrent('what survived the death of everything is gone before its items run again', async ({ gates, look }) => {
  const { box } = gates
  await box.write('beating.ts', BEATING)
  const more = `task: ./beating.ts, with: { folder: ${JSON.stringify(box.folder)} }`
  const plan = await gates.plan('beating', { threads: 2, batches: `  - { id: a, items: [x, y], ${more} }\n` })
  expect((await box.run('run', plan, '-d')).code).toBe(0)
  for (let epoch = 1; epoch <= 3; epoch += 1) {
    await look.says('beats', `begin ${epoch} x`)
    await look.says('beats', `begin ${epoch} y`)
    await until(async () => (await look.read('pids')).split(`${epoch} `).length > 4, { instead: () => 'too few pids' })
    const client = box.start(['events', '--follow', '-R', 'last'])
    expect((await box.run('pause', '--thread', '1')).code).toBe(0)
    const pid = await look.supervisor()
    const hosts = await hostsOf(pid)
    let frozen = -1
    const isOneFrozen = async () => (frozen = (await Promise.all(hosts.map(isFrozen))).indexOf(true)) >= 0
    await until(isOneFrozen, { instead: () => 'none is frozen' })
    await killAtOnce([await reaperOf(pid), pid, client.child.pid ?? 0, ...hosts.toSpliced(frozen, 1)])
    const before = (await look.read('beats')).length
    await until(async () => (await look.read('beats')).length > before + 100, {
      instead: () => 'no beat after the kill',
    })
    expect(await isFrozen(hosts[frozen] ?? 0)).toBe(true)
    expect(await box.run('recover', '-d')).toMatchObject({ code: 0 })
    expect((await box.run('resume')).code).toBe(0)
  }
  await look.says('beats', 'begin 4 x')
  await look.says('beats', 'begin 4 y')
  const waiting = box.start(['wait'])
  await gates.go('all')
  expect((await waiting.ended).code).toBe(0)
  const lines = (await look.read('beats')).trimEnd().split('\n')
  const epochs = lines.map((line) => Number(line.split(' ')[1]))
  expect(epochs).toEqual(epochs.toSorted((left, right) => left - right))
  expect(lines.filter((line) => line.startsWith('begin') && !line.endsWith('saw []'))).toEqual([])
})

test.concurrent('a run that was paused when its supervisor died stays paused until somebody resumes it', async ({
  gates,
  look,
}) => {
  const { box } = gates
  const plan = await gates.plan('paused', { threads: 2, batches: gates.batch('a', '[x, y, z]') })
  await box.run('run', plan, '-d')
  await gates.began('x', 'y')
  expect((await box.run('pause')).code).toBe(0)
  await kill(await look.supervisor())
  const recovered = box.start(['recover', '--json'])
  await gates.go('all')
  await until(() => recovered.out().includes('run.recovered'), { instead: () => recovered.out() + recovered.err() })
  expect(linesOf(recovered.out())[0]).toMatchObject({ type: 'run.recovered', epoch: 2, requeued: 2, paused: 2 })
  const threads = [{ state: 'paused' }, { state: 'paused' }]
  expect(await box.json('status')).toMatchObject({ state: 'paused', queued: 3, running: 0, threads })
  expect((await look.read('runs.log')).trimEnd().split('\n')).toHaveLength(2)
  expect((await box.run('resume')).code).toBe(0)
  expect((await recovered.ended).code).toBe(0)
  const runs = (await look.read('runs.log')).trimEnd().split('\n')
  expect(runs.map((line) => line.slice(0, 3)).toSorted()).toEqual(['x 1', 'x 2', 'y 1', 'y 2', 'z 1'])
})

test.concurrent('a thread that was paused when its supervisor died is the only one that stays so', async ({
  gates,
  look,
}) => {
  const { box } = gates
  const plan = await gates.plan('half', { threads: 2, batches: gates.batch('a', '[x, y, z]') })
  await box.run('run', plan, '-d')
  await gates.began('x', 'y')
  await box.run('pause', '--thread', '1')
  await kill(await look.supervisor())
  await gates.go('all')
  const { code, out } = await box.run('recover', '--json')
  expect(code).toBe(0)
  expect(linesOf(out)[0]).toMatchObject({ type: 'run.recovered', paused: 1 })
  const after = (await look.read('runs.log')).trimEnd().split('\n').slice(2)
  expect(after.map((line) => line.split(' ')[2])).toEqual(['2', '2', '2'])
})

test.concurrent('an item in flight at five deaths of the supervisor fails as lost; those beside it do not', async ({
  gates,
  look,
}) => {
  const { box } = gates
  const neighbours = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6']
  const batches = gates.batch('a', '[x]') + gates.batch('b', `[${neighbours.join()}]`)
  const plan = await gates.plan('deaths', { threads: 2, batches })
  for (let death = 1; death <= 5; death += 1) {
    expect((await box.run('run', plan, '--recover', '-d')).code).toBe(0)
    await look.says('runs.log', `x ${death} `)
    // One beside it ends, the next is in flight with it.
    await gates.go(`n${death}`)
    await gates.began(`n${death + 1}`)
    await until(async () => (await box.json<{ succeeded: number }>('status')).succeeded === death, {
      instead: () => `less than ${death} succeeded`,
    })
    await kill(await look.supervisor())
  }
  await gates.go('all')
  const { code, out } = await box.run('recover', '--json')
  expect(code).toBe(1)
  expect(linesOf(out).filter(({ type }) => type === 'item.failed')).toMatchObject([
    { item: 'x', attempt: 5, reason: { kind: 'lost' } },
  ])
  const events = await box.lines<Line>('events', '-R', 'last')
  const succeeded = events.filter(({ type }) => type === 'item.succeeded').map(({ item }) => item ?? '')
  expect(succeeded.toSorted()).toEqual(neighbours)
})

test.concurrent('an item that kills its supervisor takes none of its chunk with it', async ({ gates }) => {
  const { box } = gates
  await box.write('deadly.ts', DEADLY)
  const others = Array.from({ length: 1200 }, (_, place) => `other-${place}`)
  // Far enough down that chunks have grown by then.
  const items = JSON.stringify(others.toSpliced(800, 0, 'deadly'))
  const plan = await gates.plan('deadly', {
    threads: 1,
    batches: `  - { id: a, items: ${items}, task: ./deadly.ts }\n`,
  })
  const sessions = [await box.run('run', plan, '--json')]
  while (sessions.at(-1)?.code === 3 && sessions.length < 10) sessions.push(await box.run('recover', '--json'))
  expect(sessions.map(({ code }) => code)).toEqual([3, 3, 3, 3, 3, 1])
  const lines = sessions.flatMap(({ out }) => linesOf(out))
  expect(lines.at(-1)).toMatchObject({ type: 'run.finished', succeeded: 1200, failed: 1, exit: 1 })
  expect(lines.filter(({ type }) => type === 'item.failed')).toMatchObject([
    { item: 'deadly', reason: { kind: 'lost' } },
  ])
  // It did have company: several were on its thread when it killed for the first time.
  expect(lines.find(({ type }) => type === 'run.recovered')?.requeued).toBeGreaterThan(1)
})
