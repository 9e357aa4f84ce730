/**
 * `--real`: six threads of 2 GB beside a reserve of 4 GB, of 16 GB in all, with items that really fill them (plans/fill-16gb.yaml), once and
 * without a limit of the kernel but what batchtop sets itself.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BIN } from '../../helpers/program.ts'
import { readStory, tell } from './story.ts'
import { ThreadProcesses } from './thread-processes.ts'
import { tellPeak, Watch } from './watch.ts'

const PLAN = fileURLToPath(new URL('../../../plans/fill-16gb.yaml', import.meta.url))
const MB = 2 ** 20
const BUDGET_MB = 12 * 1024

export async function realBench(isKept: boolean): Promise<void> {
  const folder = mkdtempSync(join(os.tmpdir(), 'batchtop-fill-'))
  const out = openSync(join(folder, 'lines.ndjson'), 'w')
  const { NODE_ENV: _, ...env } = process.env
  const client = spawn(process.execPath, [BIN, 'run', PLAN, '--json', '--samples', '1s'], {
    env: { ...env, BATCHTOP_STATE_DIR: join(folder, 'state') },
    stdio: ['ignore', out, 'inherit'],
  })
  const processes = new ThreadProcesses(client.pid ?? 0)
  const watch = new Watch(() => processes.look())
  await once(client, 'close')
  const watched = watch.stop()
  const { peakHeld, meanHeld, leastAvailable } = watched
  const story = readStory(join(folder, 'lines.ndjson'))
  const share = (bytes: number) => `${Math.round(bytes / MB)} MB, ${((bytes / MB / BUDGET_MB) * 100).toFixed(1)} %`
  console.log(`six threads of 2 GB, a budget of 12 GB, a reserve of 4 GB: ${PLAN}`)
  console.log(`  ${story.succeeded} succeeded, ${story.failed.size} failed, ${story.thrownAway} attempts thrown away`)
  console.log(`  held at most ${share(peakHeld)} of the budget; in the mean ${share(meanHeld)}`)
  console.log(`  least MemAvailable: ${Math.round(leastAvailable / MB)} MB`)
  console.log(
    `  ${story.ms === undefined ? 'it did not come to its end' : `${(story.ms / 1000).toFixed(1)} s`}; ${tell(story)}; ${tellPeak(watched)}`,
  )
  if (isKept) console.log(`\nFolder of the run: ${folder}`)
  else rmSync(folder, { recursive: true })
}
