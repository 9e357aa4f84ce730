import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Gates } from '../helpers/gates.ts'
import { Box } from '../helpers/program.ts'

const SOON = { timeout: 15_000 }

let box: Box
let gates: Gates

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
})
afterEach(() => box.close())

const fileOf = (name: string) => readFile(join(box.folder, name), 'utf8').catch(() => '')

test('files of a run are written although whoever started it has left', async () => {
  const plan = await gates.plan('files', { batches: gates.batch('a', '[x, y]') })
  const { out } = await box.run('run', plan, '-d', '--output', 'out.log', '--events', 'events.jsonl')
  await gates.go('x', 'fail')
  await gates.go('all')
  expect((await box.run('wait', out.trim())).code).toBe(1)
  await expect.poll(() => fileOf('out.log'), SOON).toContain(`run ${out.trim()} of files failed`)
  expect(await fileOf('out.log')).toContain('| Error: told to fail')
  const { out: events } = await box.run('events')
  expect(events).toContain('"type":"run.finished"')
  await expect.poll(() => fileOf('events.jsonl'), SOON).toBe(events)
})

test('they are whole when the command that started the run returns, and are only ever appended to', async () => {
  await gates.go('all')
  const plan = await gates.plan('twice', { batches: gates.batch('a', '[x, y]') })
  for (const runs of [1, 2]) {
    expect((await box.run('run', plan, '--plain', '--output', 'out.log')).code).toBe(0)
    expect((await fileOf('out.log')).match(/of twice succeeded/g)).toHaveLength(runs)
  }
})

test('a file that cannot be written is told before anything starts', async () => {
  const plan = await gates.plan('unwritable', { batches: gates.batch('a', '[x]') })
  const { code, err } = await box.run('run', plan, '--output', 'no/such/folder/out.log')
  expect(code).toBe(2)
  expect(err).toContain('Cannot write to no/such/folder/out.log')
  expect((await box.run('ls')).err).toContain('There are no runs here')
})

test('the output of an item, of its last attempt or any, and while it is written', async () => {
  await box.write(
    'talks.ts',
    `export default async function (item, context) {
  context.log('attempt ' + context.attempt)
  if (context.attempt === 1) throw new Error('not yet')
}\n`,
  )
  const plan = await box.write(
    'talks.yaml',
    'name: talks\nthreads: 1\nretry: { attempts: 2, min: 10ms, max: 10ms }\nbatches:\n  - { id: a, items: [x], task: ./talks.ts }\n',
  )
  expect((await box.run('run', plan, '--plain')).code).toBe(0)
  expect((await box.run('log', 'x')).out).toBe('attempt 2\n')
  expect((await box.run('log', 'x', '--attempt', '1')).out).toMatch(/^attempt 1\n[^]*not yet/)
  expect((await box.run('log', 'x', '--attempt', '3')).code).toBe(4)
  expect((await box.run('log', 'z')).code).toBe(4)
})
