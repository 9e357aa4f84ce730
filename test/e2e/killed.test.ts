import { readdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Gates } from '../helpers/gates.ts'
import type { Program } from '../helpers/program.ts'
import { Box } from '../helpers/program.ts'

const SOON = { timeout: 15_000 }

let box: Box
let gates: Gates

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
})
afterEach(() => box.close())

const pidOf = async (item: string) => Number(await readFile(`${box.folder}/began/${item}`, 'utf8'))

/** Who prints what happens hears signals: the first items may run before that. */
const listens = async (run: Program): Promise<void> => {
  await expect.poll(() => run.out(), SOON).toContain('run.started')
}

async function supervisor(): Promise<number> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    const environ = text.includes('batchtop-supervisor')
      ? await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      : ''
    if (environ.includes(box.stateDir)) return Number(pid)
  }
  throw new Error('no supervisor')
}

test('a killed host costs its running item one more run and nobody else anything', async () => {
  const plan = await gates.plan('host', { threads: 2, batches: gates.batch('a', '[x, y]') })
  const run = box.start(['run', plan, '--json'])
  await gates.began('x', 'y')
  process.kill(await pidOf('x'), 'SIGKILL')
  await expect.poll(() => run.out(), SOON).toContain('thread.replaced')
  await expect.poll(async () => readFile(`${box.folder}/runs.log`, 'utf8'), SOON).toMatch(/x 2/)
  await gates.go('all')
  const { code, out } = await run.ended
  expect(code).toBe(0)
  expect(out).toContain('"attempt":2')
  const runs = (await readFile(`${box.folder}/runs.log`, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').slice(0, 2).join(' '))
  expect(runs.toSorted()).toEqual(['x 1', 'x 2', 'y 1'])
})

test('an item that kills its host three times fails with reason lost', async () => {
  await box.write('killer.ts', "export default function () { process.kill(process.pid, 'SIGKILL'); for (;;); }\n")
  const plan = await box.write(
    'killer.yaml',
    'name: killer\nthreads: 1\nbatches:\n  - { id: a, items: [x], task: ./killer.ts }\n',
  )
  const { code, out } = await box.run('run', plan, '--json')
  expect(code).toBe(1)
  const failed = out
    .split('\n')
    .filter((line) => line.includes('item.failed'))
    .map((line) => JSON.parse(line) as object)
  expect(failed).toMatchObject([{ item: 'x', attempt: 3, reason: { kind: 'lost' } }])
})

test('when the supervisor is killed nothing is left, not even a frozen thread, and its client says so', async () => {
  const plan = await gates.plan('supervisor', { threads: 2, batches: gates.spinning('a', '[x, y]') })
  const run = box.start(['run', plan, '--json'])
  await gates.began('x', 'y')
  await box.run('pause', '--thread', '1')
  const { pid } = await box.json<{ pid?: number }>('status')
  expect(pid).toBe(await supervisor())
  process.kill(Number(pid), 'SIGKILL')
  const { code, out } = await run.ended
  expect(code).toBe(3)
  expect(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ type: 'run.interrupted' })
  await expect.poll(() => box.processes(), SOON).toEqual([])
  const status = await box.json('status')
  expect(status).toMatchObject({ state: 'interrupted' })
  expect(status).not.toHaveProperty('pid')
})

test('a killed client changes nothing for a detached run', async () => {
  const plan = await gates.plan('client', { threads: 1, batches: gates.batch('a', '[x]') })
  await box.run('run', plan, '-d')
  await gates.began('x')
  const watcher = box.start(['events', '--follow', '--json'])
  await expect.poll(() => watcher.out(), SOON).toContain('run.started')
  watcher.child.kill('SIGKILL')
  await watcher.ended
  const waiting = box.start(['wait'])
  await gates.go('all')
  expect((await waiting.ended).code).toBe(0)
})

test('in the foreground the death of the command ends the run, whatever killed it', async () => {
  const plan = await gates.plan('leash', { threads: 1, batches: gates.spinning('a', '[x]') })
  const run = box.start(['run', plan, '--foreground', '--json'])
  await gates.began('x')
  run.child.kill('SIGKILL')
  await run.ended
  await expect.poll(() => box.processes(), SOON).toEqual([])
  expect(await box.json('status')).toMatchObject({ state: 'ended', outcome: 'stopped', exit: 3 })
})

test('TERM to the command in the foreground stops the run and waits for it', async () => {
  const plan = await gates.plan('term', { threads: 1, batches: gates.batch('a', '[x, y]') })
  const run = box.start(['run', plan, '--foreground', '--json'])
  await gates.began('x')
  await listens(run)
  run.child.kill('SIGTERM')
  await expect.poll(() => run.out(), SOON).toContain('run.draining')
  await gates.go('x')
  const { code, out } = await run.ended
  expect(code).toBe(3)
  expect(out).toContain('"succeeded":1')
})

test('TERM to the supervisor drains, a second one ends what runs', async () => {
  const plan = await gates.plan('term-supervisor', { threads: 1, batches: gates.spinning('a', '[x, y]') })
  const run = box.start(['run', plan, '--json'])
  await gates.began('x')
  const pid = await supervisor()
  process.kill(pid, 'SIGTERM')
  await expect.poll(() => run.out(), SOON).toContain('run.draining')
  process.kill(pid, 'SIGTERM')
  const { code, out } = await run.ended
  expect(code).toBe(3)
  expect(out).toContain('"left":2')
})

test('Ctrl-C once drains, twice ends now with 130', async () => {
  const plan = await gates.plan('ctrl-c', { threads: 1, batches: gates.spinning('a', '[x]') })
  const run = box.start(['run', plan, '--json'])
  await gates.began('x')
  await listens(run)
  run.child.kill('SIGINT')
  await expect.poll(() => run.out(), SOON).toContain('run.draining')
  run.child.kill('SIGINT')
  expect((await run.ended).code).toBe(130)
  await expect.poll(() => box.processes(), SOON).toEqual([])
})
