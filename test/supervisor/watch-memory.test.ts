/** Looks at memory that are kept for replays. */
import { readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { watchMemory } from '../../src/supervisor/watch-memory.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { FakeRun } from '../helpers/fake-run.ts'
import { scratchFolder } from '../helpers/scratch.ts'
import { until } from '../helpers/until.ts'

test('samples are kept again once the disk that was full has room', async () => {
  const file = join(await scratchFolder(), 'samples.log')
  await symlink('/dev/full', file)
  const run = new FakeRun(buildPlan({ batches: [{ id: 'a', count: 1 }] }))
  const watch = watchMemory(run.core, join(file, '..'))
  onTestFinished(() => watch.stop())
  await until(() => run.samples > 0, { instead: () => 'no sample' })
  await rm(file)
  const kept = async () => {
    run.now += 1000
    return await readFile(file, 'utf8').catch(() => '')
  }
  await until(async () => (await kept()).includes('\n'), { instead: () => 'no line' })
  expect(JSON.parse((await kept()).split('\n')[0] ?? '')).toMatchObject({ used: 0 })
})
