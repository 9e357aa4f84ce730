import { expect, test } from 'vitest'
import { bytes } from '../../src/model/units.ts'
import { diagnosticsOf, GB, planOf, type Setting } from './rig.ts'

const batches = 'batches:\n  - { id: a, task: tasks/a.ts }\n'
const sizeOf = async (top: string, setting: Setting = {}) => {
  const { threads, memory } = await planOf(`${top}\n${batches}`, setting)
  const { total, reserve, budget, perThread } = memory
  return { threads, total: total / GB, reserve: reserve / GB, budget: budget / GB, perThread: perThread / GB }
}

test('a plan that says nothing uses every core and shares out three quarters of the memory', async () => {
  expect(await sizeOf('', { cores: 4, memory: 8 })).toEqual({
    threads: 4,
    total: 8,
    reserve: 2,
    budget: 6,
    perThread: 1.5,
  })
})

test('the system never gets more than 4 GB by default', async () => {
  expect(await sizeOf('threads: 4', { memory: 64 })).toEqual({
    threads: 4,
    total: 64,
    reserve: 4,
    budget: 60,
    perThread: 15,
  })
})

test('auto is as many threads as fit, at least one', async () => {
  const top = 'threads: auto\nmemory: { perThread: 2GB }'
  expect(await sizeOf(top, { cores: 16, memory: 16 })).toMatchObject({ threads: 6, perThread: 2 })
  expect(await sizeOf(top, { cores: 4, memory: 16 })).toMatchObject({ threads: 4 })
  expect(await sizeOf(top, { cores: 4, memory: 3 })).toMatchObject({ threads: 1 })
})

test('what the plan gives is taken', async () => {
  expect(await sizeOf('threads: 6\nmemory: { perThread: 2GB, reserve: 4GB, total: 16GB }', { memory: 32 })).toEqual({
    threads: 6,
    total: 16,
    reserve: 4,
    budget: 12,
    perThread: 2,
  })
})

test('a cap is known as asked for or as a share', async () => {
  expect((await planOf(batches)).memory.isCapGiven).toBe(false)
  expect((await planOf(`memory: { perThread: 1GB }\n${batches}`)).memory.isCapGiven).toBe(true)
})

test.each([
  ['6', 6],
  ['50%', 4],
  ['150%', 12],
  ['1%', 1],
  ['+2', 10],
  ['-2', 6],
  ['-20', 1],
  ['auto', 8],
])('--threads %s on 8 cores are %i', async (threads, count) => {
  expect(await sizeOf('threads: 3', { cores: 8, overrides: { threads } })).toMatchObject({ threads: count })
})

test('--memory-per-thread and --reserve go before the file', async () => {
  const overrides = { memoryPerThread: bytes(GB), reserve: bytes(2 * GB) }
  expect(await sizeOf('threads: 3\nmemory: { perThread: 9GB, reserve: 9GB }', { overrides })).toEqual({
    threads: 3,
    total: 16,
    reserve: 2,
    budget: 14,
    perThread: 1,
  })
})

const refusal = async (top: string, setting: Setting) => diagnosticsOf(`${top}\n${batches}`, setting)

test('more than the machine has is refused with the sum spelled out', async () => {
  const top = 'threads: 6\nmemory: { perThread: 2GB, reserve: 4GB }'
  expect(await refusal(top, { memory: 7.7 })).toMatchObject([
    {
      severity: 'error',
      rule: 'memory',
      line: 2,
      column: 22,
      message: '6 threads x 2 GB = 12 GB, and 4 GB reserve = 16 GB; this machine has 7.7 GB.',
      hint: '1 of these threads fit, or 6 threads with 631.4 MB each.',
    },
  ])
})

test('a total that the machine has not is refused with both', async () => {
  expect(await refusal('memory: { total: 32GB }', { memory: 16 })).toMatchObject([
    { rule: 'memory', line: 1, column: 18, message: 'The plan counts on 32 GB in all; this machine has 16 GB.' },
  ])
})

test('threads that do not fit the total are refused though the machine had room', async () => {
  const top = 'threads: 6\nmemory: { perThread: 2GB, reserve: 4GB, total: 12GB }'
  expect(await refusal(top, { memory: 64 })).toMatchObject([
    { message: "6 threads x 2 GB = 12 GB, and 4 GB reserve = 16 GB; the plan's total is 12 GB." },
  ])
})

test('a reserve that leaves nothing is refused', async () => {
  expect(await refusal('memory: { reserve: 20GB }', { memory: 16 })).toMatchObject([
    { column: 20, message: 'A reserve of 20 GB leaves nothing for threads; this machine has 16 GB.' },
  ])
})

test('numbers of the command line are named as such', async () => {
  const [found] = await refusal('name: x', { overrides: { threads: '6', memoryPerThread: bytes(4 * GB) } })
  expect(found).toMatchObject({ rule: 'memory', line: 1, column: 1, text: 'name: x' })
  expect(found?.hint).toMatch(/ Counted with --threads, --memory-per-thread of the command line\.$/)
})

test('a 16 GB machine that shows 15.5 runs a plan for 16, and its reserve pays', async () => {
  for (const total of ['', ', total: 16GB']) {
    const top = `threads: 6\nmemory: { perThread: 2GB, reserve: 4GB${total} }`
    // oxlint-disable-next-line no-await-in-loop -- one plan after another
    expect(await sizeOf(top, { memory: 15.5 })).toEqual({
      threads: 6,
      total: 15.5,
      reserve: 3.5,
      budget: 12,
      perThread: 2,
    })
    // oxlint-disable-next-line no-await-in-loop
    expect(await refusal(top, { memory: 15.5 })).toMatchObject([{ severity: 'warning', rule: 'memory-tight' }])
    // oxlint-disable-next-line no-await-in-loop
    expect(await refusal(top, { memory: 15 })).toMatchObject([{ severity: 'error', rule: 'memory' }])
  }
})
