/**
 * `--output` and `--events`: files that are written as long as the run lives, whoever watches it. A process of its own does it,
 * because the client that started the run may leave, and the supervisor writes nothing but the journal.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { BatchtopError } from '../model/errors.ts'
import type { Millis } from '../model/units.ts'

export interface RecordFiles {
  readonly output: number | undefined
  readonly events: number | undefined
}

const VERB = 'record'

/** How long a command waits, after the run's end, for its files to be whole. */
const PATIENCE_MS = 5000

/** Opens the files before anything starts. @throws BatchtopError (exit 2) where that is not possible */
export function openRecordFiles(files: { readonly output?: string; readonly events?: string }): RecordFiles {
  return { output: openFile(files.output), events: openFile(files.events) }
}

function openFile(path: string | undefined): number | undefined {
  if (path === undefined) return undefined
  try {
    // To be read as well, where that is possible: a run that is continued goes on behind what the file holds.
    return isFile(path) ? openSync(path, 'a+') : openSync(path, 'a')
  } catch {
    return openToWrite(path)
  }
}

/** A pipe that is opened to be read as well would never be told that its reader has gone. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true
}

function openToWrite(path: string): number {
  try {
    return openSync(path, 'a')
  } catch (error) {
    throw new BatchtopError('cannot-write', `Cannot write to ${path}: ${(error as Error).message}`, { cause: error })
  }
}

interface RecordOptions {
  readonly samples: Millis | undefined
  /** The run was recovered: what came up to this event was told before. */
  readonly since: number | undefined
}

/** @returns resolves when the files are whole, or it takes too long */
export function startRecorder(
  folder: string,
  { output, events }: RecordFiles,
  { samples, since }: RecordOptions,
): () => Promise<void> {
  if (output === undefined && events === undefined) return () => Promise.resolve()
  const args = [VERB, folder]
  if (output !== undefined) args.push('--output')
  if (events !== undefined) args.push('--events')
  if (samples !== undefined) args.push('--samples', String(samples))
  if (since !== undefined) args.push('--since', String(since))
  const bin = fileURLToPath(new URL('../../bin/batchtop', import.meta.url))
  const child = spawn(process.execPath, [bin, ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', output ?? 'ignore', events ?? 'ignore'],
  })
  child.unref()
  for (const file of [output, events]) if (file !== undefined) closeSync(file)
  return () => ended(child)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  await Promise.race([
    once(child, 'exit', { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined),
    once(child, 'error'),
  ])
  child.unref()
}

const LOOK_MS = 20

/** Waits until no other process records the run, unless that takes too long: what it writes to may be a pipe that nobody reads. */
export async function olderRecordersEnded(folder: string): Promise<void> {
  const last = performance.now() + PATIENCE_MS
  while (performance.now() < last && (await hasOtherRecorder(folder))) await setTimeout(LOOK_MS)
}

async function hasOtherRecorder(folder: string): Promise<boolean> {
  const pids = (await readdir('/proc').catch(() => [])).filter(
    (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
  )
  const found = await Promise.all(
    pids.map(async (pid) => {
      const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
      return args[2] === VERB && args[3] === folder
    }),
  )
  return found.includes(true)
}
