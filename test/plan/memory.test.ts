import { expect, test } from 'vitest'
import { bytes } from '../../src/model/units.ts'
import { compareWork } from '../../src/run/same-work.ts'
import { batchOf, diagnosticsOf, GB, planOf } from './rig.ts'

const plan = (memory: string, batch = '') =>
  `threads: 4\nmemory: { ${memory} }\nbatches:\n  - { id: a, task: tasks/a.ts${batch} }\n`

test.each([
  ['95%', 0.95],
  ['0.9', 0.9],
  ['"0.5"', 0.5],
  ['99 %', 0.99],
])('act: %s is a share of the budget', async (written, share) => {
  expect((await planOf(plan(`act: ${written}`))).memory.act).toBe(share)
})

test('a plan that does not say when to act leaves that to the governor', async () => {
  expect((await planOf(plan('perThread: 2GB'))).memory).not.toHaveProperty('act')
})

test('a line to act at is told its limits', async () => {
  const [found] = await diagnosticsOf(plan('act: soon'))
  expect(found?.message).toBe('`memory.act` must be a share of the budget from 50% to 99%, such as `95%`.')
})

test('what an item is expected to need is in bytes, and left out where nobody said', async () => {
  expect((await batchOf('id: a, memory: 300MB')).memory).toBe(300 * 2 ** 20)
  expect(await batchOf('id: a')).not.toHaveProperty('memory')
})

test('an item that needs as much as a thread may have is fine', async () => {
  expect(await diagnosticsOf(plan('perThread: 2GB', ', memory: 2GB'))).toEqual([])
})

const hintsOf = async (text: string, memoryPerThread?: number) =>
  (await diagnosticsOf(text, memoryPerThread ? { overrides: { memoryPerThread: bytes(memoryPerThread) } } : {})).map(
    ({ rule, message, hint }) => `${rule}: ${message} ${hint}`,
  )

test('an item that needs more than a thread may have is refused with what would do', async () => {
  expect(await hintsOf(plan('perThread: 2GB', ', memory: 3GB'))).toEqual([
    'over-cap: An item that needs 3 GB never fits: the cap of a thread is 2 GB. ' +
      'Say at most 2 GB, or make the cap larger (`memory.perThread`).',
  ])
  expect(await hintsOf(plan('perThread: 3GB', ', memory: 3GB'), GB)).toEqual([
    expect.stringContaining('Say at most 1 GB, or make the cap larger (--memory-per-thread).'),
  ])
  expect(await hintsOf(plan('reserve: 4GB', ', memory: 4GB'))).toEqual([
    expect.stringContaining('Say at most 3 GB, or use fewer than 4 threads: they share 12 GB.'),
  ])
})

test('another expectation is no other work: a recovered run keeps what ended', async () => {
  const old = await batchOf('id: a, items: [x, y], memory: 300MB')
  const next = await batchOf('id: a, items: [x, y], memory: 1GB')
  expect(compareWork(old, { ...next, work: old.work })).toBe(false)
})
