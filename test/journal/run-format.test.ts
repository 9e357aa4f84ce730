/** Folders of runs that earlier versions wrote, one of every format: they must be read for ever. */
import { execFile } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readEvents } from '../../src/journal/reader.ts'
import { restore } from '../../src/journal/restore.ts'
import type { RunInfo } from '../../src/journal/run-info.ts'
import { readRunInfo } from '../../src/journal/run-info.ts'
import { readValue } from '../../src/journal/value-reader.ts'
import { itemIndex } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import { batchOf, itemName } from '../../src/model/plan.ts'
import { STATUS } from '../../src/run/state.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const keptRun = fileURLToPath(new URL('fixtures/run-format-1', import.meta.url))
const makeRun = fileURLToPath(new URL('fixtures/make-run-format-1.ts', import.meta.url))

/** A copy of the folder that is kept, or one that today's code makes of the same. */
async function runOfFormat1(how: 'kept' | 'made'): Promise<string> {
  const folder = join(await scratchFolder(), '7f3a')
  if (how === 'kept') await cp(keptRun, folder, { recursive: true })
  else await promisify(execFile)(process.execPath, [makeRun, folder])
  return folder
}

test.each(['kept', 'made'] as const)('a run of format 1 says what it always said (%s)', async (how) => {
  const folder = await runOfFormat1(how)
  const info = await readRunInfo(folder)
  expect(info).toMatchObject({ run: '7f3a', epoch: 2, planVersion: 2, plan: 'test', options: { threads: 2 } })
  const { state, plans, ...rest } = await restore(folder, info as RunInfo)
  expect(rest).toEqual({ generation: 4, seq: 14, valuesEnds: { '3.1': 92, Façade: 66 }, notes: [] })
  expect(plans.map(({ batches }) => batches.map(({ id, count }) => [id, count]))).toEqual([
    [
      ['3.1', 100],
      ['Façade', 3],
    ],
    [
      ['Façade', 3],
      ['3.1', 100],
    ],
  ])
  const named = (wanted: number) =>
    [...state.items.status.keys()]
      .filter((item) => state.items.status[item] === wanted)
      .map((item) => nameOf(state.plan, item))
  expect(named(STATUS.succeeded)).toEqual(['south', 'page 001.html', 'page 002.html', 'page 003.html'])
  expect(named(STATUS.handed)).toEqual(['west'])
  expect(named(STATUS.waiting)).toEqual(['page 004.html'])
  expect(named(STATUS.failed)).toEqual(['page 005.html'])
  expect(named(STATUS.skipped)).toEqual(['page 010.html'])
  expect(state.backoff.at(itemIndex(6))).toBe(1_700_000_060_000)
  expect(state.reasons.get(itemIndex(7))).toEqual({ kind: 'threw', message: 'broken' })
  expect([state.epoch, state.planVersion, state.startedAt]).toEqual([2, 2, 1_700_000_001_000])
  expect(state.threads.map(({ paused }) => paused?.by)).toEqual([undefined, 'user'])
  expect(await readValue(folder, '3.1', { offset: 78, length: 12 })).toBe('{"words":41}')
  expect(await readValue(folder, 'Façade', { offset: 57, length: 7 })).toBe('"stone"')
  const types: string[] = []
  for await (const { event } of readEvents(folder)) types.push(event.type)
  expect(types.filter((type) => type !== 'chunk.started')).toEqual([
    'run.started',
    'thread.started',
    'batch.started',
    'items.succeeded',
    'item.retrying',
    'item.failed',
    'thread.paused',
    'items.succeeded',
    'items.skipped',
    'run.recovered',
    'items.succeeded',
  ])
})

function nameOf(of: Plan, item: number): string {
  const batch = batchOf(of, itemIndex(item))
  return itemName(batch, item - batch.first)
}
