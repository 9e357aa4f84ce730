import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Gates } from '../helpers/gates.ts'
import { Box } from '../helpers/program.ts'

const SOON = { timeout: 15_000 }

let box: Box
let gates: Gates

interface Status {
  readonly threads: readonly { readonly thread: number; readonly state: string; readonly item?: string }[]
}

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
})
afterEach(() => box.close())

const pidOf = async (item: string) => Number(await readFile(`${box.folder}/began/${item}`, 'utf8'))
const stateOf = async (pid: number) => /\) (\w)/.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))?.[1]
const countOf = async (item: string) => readFile(`${box.folder}/count-${item}`, 'utf8')

test('a thread in an endless synchronous loop stands still when pause returns, keeps its item, and goes on where it was', async () => {
  const plan = await gates.plan('spinning', { threads: 1, batches: gates.spinning('a', '[x]') })
  const run = box.start(['run', plan, '--json'])
  await gates.began('x')
  expect((await box.run('pause', '--thread', '1')).code).toBe(0)
  expect(await stateOf(await pidOf('x'))).toBe('T')
  const before = await countOf('x')
  expect(await box.json<Status>('status')).toMatchObject({
    state: 'paused',
    threads: [{ thread: 1, state: 'paused', item: 'x' }],
  })
  expect(await countOf('x')).toBe(before)
  expect((await box.run('resume')).code).toBe(0)
  await expect.poll(() => countOf('x'), SOON).not.toBe(before)
  await gates.go('x')
  const { code, out } = await run.ended
  expect(code).toBe(0)
  expect(
    out
      .split('\n')
      .filter((line) => line.includes('"type":"thread.'))
      .map((line) => (JSON.parse(line) as { type: string }).type),
  ).toEqual(['thread.started', 'thread.paused', 'thread.resumed'])
})

test('items of a paused thread that had not begun go to the others', async () => {
  const plan = await gates.plan('shared', { threads: 2, batches: gates.batch('a', '[x, y, z]') })
  const run = box.start(['run', plan, '--json'])
  await gates.began('x', 'y')
  const { threads } = await box.json<Status>('status')
  const holder = threads.find(({ item }) => item === 'x')?.thread ?? 0
  await box.run('pause', '--thread', String(holder))
  await gates.go('y')
  await gates.began('z')
  await gates.go('all')
  await expect.poll(() => run.out(), SOON).toContain('"item":"z"')
  expect(run.out()).not.toContain('"item":"x"')
  await box.run('resume', '--thread', String(holder))
  expect((await run.ended).code).toBe(0)
})

test('pause --drain lets the running item finish and starts nothing after it', async () => {
  const plan = await gates.plan('drained', { threads: 1, batches: gates.batch('a', '[x, y]') })
  const run = box.start(['run', plan, '--json'])
  await gates.began('x')
  await box.run('pause', '--drain')
  await gates.go('x')
  await expect.poll(() => run.out(), SOON).toContain('thread.paused')
  expect(await gates.running()).toEqual(['x'])
  await gates.go('all')
  await box.run('resume')
  expect((await run.ended).code).toBe(0)
})

test('a batch that is paused by name starts nothing while others go on', async () => {
  const plan = await gates.plan('batches', {
    threads: 1,
    batches: gates.batch('a', '[x, y]', ', level: critical') + gates.batch('b', '[z]'),
  })
  const run = box.start(['run', plan, '--json'])
  await gates.began('x')
  await box.run('pause', '--batch', 'a', '--drain')
  await gates.go('all')
  await expect.poll(() => run.out(), SOON).toContain('"item":"x"')
  await box.run('resume', '--thread', '1')
  await expect.poll(() => run.out(), SOON).toContain('"item":"z"')
  expect(await gates.running()).not.toContain('y')
  await box.run('resume', '--batch', 'a')
  expect((await run.ended).code).toBe(0)
})

test('stop ends the item of a paused thread and gives it back', async () => {
  const plan = await gates.plan('paused-stop', { threads: 1, batches: gates.spinning('a', '[x]') })
  const run = box.start(['run', plan, '--json'])
  await gates.began('x')
  await box.run('pause')
  await box.run('stop')
  const { code, out } = await run.ended
  expect(code).toBe(3)
  expect(out).toContain('"left":1')
  await expect.poll(() => box.processes(), SOON).toEqual([])
})
