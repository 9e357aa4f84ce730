import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Checkpoint } from '../../src/journal/checkpoint.ts'
import { loadCheckpoint, readCheckpoint, writeCheckpoint } from '../../src/journal/checkpoint.ts'
import { SealedJson } from '../../src/journal/durable-json.ts'
import { runId } from '../../src/model/ids.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { flip, NOW, pack, replay } from '../helpers/left-run.ts'
import type { Fates } from '../helpers/random-run.ts'
import { anyFates, RandomRun } from '../helpers/random-run.ts'
import { factsOf } from '../helpers/run-facts.ts'
import { scratchFolder } from '../helpers/scratch.ts'

// Hundreds of times it waits for a disk, each time for as long as that takes.
vi.setConfig({ testTimeout: 300_000 })

const run = runId('7f3a')
const plan = buildPlan({
  threads: 3,
  batches: [
    { id: 'a', count: 7, attempts: 3 },
    { id: '3.1 ü', count: 5, needs: [{ kind: 'batch', index: 0, when: 'ended' }] },
    { id: 'late', count: 0, late: { isListed: false, kind: 'file', path: '/plans/list' } },
  ],
})
const someFates: Fates = { items: ['succeed', 'fail', 'retry', 'hold', 'lost'], acts: ['pause', 'skip', 'none'] }

function checkpointOf(fates: Fates): Checkpoint {
  const { journal } = new RandomRun(plan, fates).live()
  const facts = pack(replay(plan, journal))
  return { run, generation: 3, seq: journal.length, planVersion: 1, at: NOW, values: { '3.1 ü': 70 }, facts }
}

async function written(): Promise<{ folder: string; path: string; bytes: Buffer }> {
  const folder = await scratchFolder()
  await writeCheckpoint(folder, checkpointOf(someFates))
  const path = join(folder, 'checkpoint.json')
  return { folder, path, bytes: await readFile(path) }
}

test('a checkpoint of any run comes back as it was written, and so do the facts in it', async () => {
  const folder = await scratchFolder()
  expect(await readCheckpoint(folder)).toBeUndefined()
  await fc.assert(
    fc.asyncProperty(anyFates, async (fates) => {
      const checkpoint = checkpointOf(fates)
      const size = await writeCheckpoint(folder, checkpoint)
      expect(await readCheckpoint(folder)).toEqual(JSON.parse(JSON.stringify(checkpoint)))
      const loaded = await loadCheckpoint(folder, { run, plans: [plan] })
      const { journal } = new RandomRun(plan, fates).live()
      expect(loaded && factsOf(loaded.state, { ms: false })).toEqual(factsOf(replay(plan, journal), { ms: false }))
      const { size: found, mode } = await stat(join(folder, 'checkpoint.json'))
      expect([found, mode & 0o777]).toEqual([size, 0o600])
    }),
    { numRuns: 50 },
  )
  expect(await readdir(folder)).toEqual(['checkpoint.json'])
})

test('a checkpoint cut at any byte is refused', async () => {
  const { folder, path, bytes } = await written()
  expect(await readCheckpoint(folder)).toBeDefined()
  for (let size = bytes.length - 1; size >= 0; size--) {
    await truncate(path, size)
    await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'checkpoint-damaged', exit: 2 })
  }
})

test('a checkpoint with any flipped bit is refused', async () => {
  const { folder, path, bytes } = await written()
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (place, bit) => {
      await writeFile(path, flip(bytes, place, bit))
      await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'checkpoint-damaged' })
    }),
    { numRuns: 400 },
  )
})

test('a checkpoint of a newer batchtop says so, with what to do', async () => {
  const folder = await scratchFolder()
  await new SealedJson(join(folder, 'checkpoint.json')).write({ format: 2, whatever: 'it holds' })
  const error = await readCheckpoint(folder).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'checkpoint-format', exit: 2, hint: expect.stringContaining('newer') })
  expect(String(error)).toContain('has format 2, this batchtop reads 1')
})

test('what is no checkpoint, or none of this run, is not taken for one', async () => {
  const folder = await scratchFolder()
  const adapter = new SealedJson<object>(join(folder, 'checkpoint.json'))
  const { facts, ...rest } = checkpointOf(someFates)
  for (const other of [{ format: 1, ...rest }, { format: 1 }, { ...rest, facts }]) {
    await adapter.write(other)
    await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'checkpoint-damaged' })
  }
  for (const other of [{ run: runId('0000') }, { planVersion: 2 }, { facts: { ...facts, batches: [] } }]) {
    await writeCheckpoint(folder, { ...rest, facts, ...other })
    const loading = loadCheckpoint(folder, { run, plans: [plan] })
    await expect(loading).rejects.toMatchObject({ code: 'checkpoint-damaged' })
  }
})
