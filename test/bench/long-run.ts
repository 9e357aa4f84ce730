/** Runs of so many items that do nothing, killed on their way; what `recover`, `memory` and others look at. */
import { cp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from '../../src/link/client.ts'
import { findLiveRuns } from '../../src/link/liveness.ts'
import { Box } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'
import { WrittenRun } from './written-run.ts'

const NO_OP = fileURLToPath(new URL('./tasks/no-op.ts', import.meta.url))

const THREADS = 6
const CHUNK = 100

export interface Live {
  readonly folder: string
  readonly pid: number
}

/** A box with a plan of items that do nothing. */
export async function noOpBox(items: number): Promise<Box> {
  const box = await Box.open()
  const batches = [{ id: 'a', items: { count: items, name: 'item-{}' }, task: NO_OP }]
  await box.write('long.yaml', JSON.stringify({ name: 'long', threads: THREADS, batchSize: CHUNK, batches }))
  return box
}

/** Starts the plan of a box, or goes on with its run. */
export async function begin(box: Box, ...command: readonly string[]): Promise<Live> {
  const { code, err } = await box.run(...command, '-d')
  if (code !== 0) throw new Error(`batchtop ${command.join(' ')} ended with ${code}: ${err}`)
  return await liveIn(box)
}

export async function liveIn(box: Box): Promise<Live> {
  const live = (await findLiveRuns()).find(({ folder }) => folder.startsWith(box.stateDir))
  if (!live) throw new Error('No live run')
  return live
}

/** Waits until this share of the items has durably ended, by the number of events: two a chunk. */
export async function reach({ folder }: Live, items: number, share: number): Promise<void> {
  const wanted = (share * 2 * items) / CHUNK
  const connection = await connect(folder)
  await new Promise<void>((resolve, reject) => {
    connection.onClose(() => reject(new Error('The run is over already')))
    connection.follow((seq) => {
      if (seq >= wanted) resolve()
    })
  })
  connection.close()
}

/** Kills a supervisor and waits until nothing of its run is left. */
export async function killAll(box: Box, { pid }: Live): Promise<void> {
  process.kill(pid, 'SIGKILL')
  let left: readonly number[] = []
  const isEmpty = async () => (left = await box.processes()).length === 0
  await until(isEmpty, { instead: () => `processes ${left.join()}` })
}

/** Leaves a run that was really run and killed on its way. */
export async function leaveRealRun(items: number, share: number): Promise<Box> {
  const box = await noOpBox(items)
  const live = await begin(box, 'run', 'long.yaml')
  await reach(live, items, share)
  await killAll(box, live)
  return box
}

/** Leaves what a run with chunks of one item would, written without running any. */
export async function leaveWrittenRun(items: number, share: number): Promise<Box> {
  const box = await noOpBox(items)
  const run = await WrittenRun.begin(join(box.folder, 'long.yaml'), box.stateDir)
  await run.succeed({ items: Math.round(items * share), chunk: 1 })
  await run.close()
  return box
}

/** The one run's folder. */
export async function folderOf(box: Box): Promise<string> {
  const [run = ''] = await readdir(join(box.stateDir, 'runs'))
  return join(box.stateDir, 'runs', run)
}

/** Keeps a copy of the state folder, to begin from again and again. */
export async function keepState(box: Box): Promise<{ readonly putBack: () => Promise<void> }> {
  const kept = join(box.folder, 'kept')
  await rm(kept, { recursive: true, force: true })
  await cp(box.stateDir, kept, { recursive: true, filter: isPlainFile })
  return {
    putBack: async () => {
      await rm(box.stateDir, { recursive: true })
      await cp(kept, box.stateDir, { recursive: true })
    },
  }
}

/** Sockets cannot be copied. */
async function isPlainFile(path: string): Promise<boolean> {
  const found = await stat(path)
  return found.isFile() || found.isDirectory()
}

export async function megabytesOf(folder: string, name: RegExp): Promise<number> {
  const names = (await readdir(folder)).filter((one) => name.test(one))
  const sizes = await Promise.all(names.map(async (one) => (await stat(join(folder, one))).size))
  return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20
}
