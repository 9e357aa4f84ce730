/** How long it takes to go on with a run whose supervisor was killed near its end. */
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Box } from '../helpers/program.ts'
import { begin, folderOf, keepState, killAll, leaveRealRun, leaveWrittenRun, megabytesOf } from './long-run.ts'
import { median } from './measure.ts'

const SHARE = 0.95
const MILLION = 1_000_000

interface Restored {
  readonly ms: number
  readonly succeeded: number
  readonly events: number
}

interface Scene {
  readonly title: string
  readonly leave: () => Promise<Box>
  readonly rounds: number
  readonly aim?: string
}

export async function recoverBench(): Promise<void> {
  const scenes: readonly Scene[] = [
    {
      title: '1 M items, chunks of 100, run and killed at about 95 %',
      leave: () => leaveRealRun(MILLION, SHARE),
      rounds: 5,
      aim: '500 ms',
    },
    {
      title: '1 M items, chunks of 1, journal written by the real writer without running them',
      leave: () => leaveWrittenRun(MILLION, SHARE),
      rounds: 5,
      aim: '500 ms',
    },
    {
      title: '10 M items, chunks of 1, journal written by the real writer without running them',
      leave: () => leaveWrittenRun(10 * MILLION, SHARE),
      rounds: 1,
    },
  ]
  console.log(
    '\nRecovery at 95 %: restore() alone in a fresh process; `recover -d` from its start until its first event is durable',
  )
  for (const scene of scenes) await measureScene(scene)
}

async function measureScene({ title, leave, rounds, aim = 'none' }: Scene): Promise<void> {
  const box = await leave()
  try {
    const folder = await folderOf(box)
    const journal = await megabytesOf(folder, /^journal-/)
    const checkpoint = await megabytesOf(folder, /^checkpoint\.json$/)
    console.log(`  ${title}: journal ${journal.toFixed(1)} MB, checkpoint ${checkpoint.toFixed(2)} MB`)
    if (checkpoint > 0) {
      await measureWay(box, { name: 'checkpoint and journal', rounds, aim })
      await rm(join(folder, 'checkpoint.json'))
    }
    await measureWay(box, { name: 'journal alone', rounds, aim: checkpoint > 0 ? 'none' : aim })
  } finally {
    await box.close()
  }
}

interface Way {
  readonly name: string
  readonly rounds: number
  readonly aim: string
}

async function measureWay(box: Box, { name, rounds, aim }: Way): Promise<void> {
  const { putBack } = await keepState(box)
  const restored: Restored[] = []
  const walls: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await putBack()
    restored.push(await restoreOnce(await folderOf(box)))
    await putBack()
    const from = performance.now()
    const live = await begin(box, 'recover')
    walls.push(performance.now() - from)
    await killAll(box, live)
  }
  await putBack()
  const [first] = restored
  const done = `${first?.succeeded} items, ${first?.events} events`
  const alone = median(restored.map(({ ms }) => ms)).toFixed(0)
  const wall = median(walls).toFixed(0)
  console.log(
    `    ${name.padEnd(22)}  restore ${alone.padStart(6)} ms   aim: ${aim}   recover -d ${wall.padStart(6)} ms   (${done})`,
  )
}

async function restoreOnce(folder: string): Promise<Restored> {
  const script = fileURLToPath(new URL('./restore-once.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder])
  return JSON.parse(stdout) as Restored
}
