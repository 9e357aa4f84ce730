import { cpSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { scratchFolder } from '../helpers/scratch.ts'
import type { Operation } from './power-loss.ts'
import { Leftovers, PowerLossDisk } from './power-loss.ts'
import { differentStates, judge } from './power-loss-judge.ts'
import { live, recover } from './power-loss-life.ts'

// Thousands of states are recovered from, on what a busy machine leaves.
vi.setConfig({ testTimeout: 300_000 })

/** Operations that make the first journal file. */
const BEGIN = 4

test('wherever the power fails, everything that was durable is there, in order, and nothing else', async () => {
  const { states, faults } = await judge(await live({ rounds: 15 }))
  expect(faults).toEqual([])
  expect(states).toBeGreaterThan(400)
})

test.for([
  ['a commit is not synced', (operation) => operation === 'datasync'],
  ['journal files are not synced', (operation, path) => operation === 'datasync' && path.endsWith('.log')],
  ['values are not synced', (operation, path) => operation === 'datasync' && path.endsWith('.ndjson')],
  ['the checkpoint is not synced', (operation, path) => operation === 'sync' && path.includes('checkpoint')],
  ['folders are not synced', (operation) => operation === 'syncFolder'],
] as readonly (readonly [string, (operation: Operation, path: string) => boolean])[])(
  'the model finds what is lost where %s',
  async ([, skips]) => {
    const { faults } = await judge(await live({ rounds: 3, skips }))
    expect(faults.length).toBeGreaterThan(5)
  },
)

test('wherever the disk fails and the power after it, nothing durable is lost', async () => {
  let states = 0
  for (const [times, step] of [
    [1, 1],
    [2, 5],
  ] as const) {
    for (let first = BEGIN + 1; ; first += step) {
      const lived = await live({ rounds: 3, fails: (number) => number >= first && number < first + times })
      if (lived.disk.count < first) break
      const verdict = await judge(lived, first)
      expect(verdict.faults).toEqual([])
      states += verdict.states
    }
  }
  expect(states).toBeGreaterThan(1500)
})

test('wherever the supervisor is killed, and the power fails while the next one recovers, nothing durable is lost', async () => {
  let states = 0
  const { disk } = await live({ rounds: 4 })
  for (let killedAfter = BEGIN; killedAfter < disk.count; killedAfter += 5) {
    const lived = await live({ rounds: 4, killedAfter })
    const verdict = await judge(await recover(lived, 3), killedAfter)
    expect(verdict.faults).toEqual([])
    states += verdict.states
  }
  expect(states).toBeGreaterThan(500)
})

test('wherever the power fails, and again while the run is recovered, nothing durable is lost', async () => {
  const first = await live({ rounds: 4 })
  let states = 0
  const { different } = differentStates(first.disk.crashStates())
  for (const { files, promised } of different.filter((_, place) => place % 7 === 0)) {
    const folder = await scratchFolder()
    cpSync(first.place.folder, folder, { recursive: true })
    new Leftovers(folder).put(files)
    const told = { seq: promised }
    const disk = new PowerLossDisk({ folder, promised: () => told.seq })
    const place = { ...first.place, folder }
    const verdict = await judge(await recover({ ...first, place, disk, told }, 3))
    expect(verdict.faults).toEqual([])
    states += verdict.states
  }
  expect(states).toBeGreaterThan(500)
})
