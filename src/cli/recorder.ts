/**
 * `--output` and `--events`: files that are written as long as the run lives, whoever watches it. A process of its own does it,
 * because the client that started the run may leave, and the supervisor writes nothing but the journal.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { BatchtopError } from '../model/errors.ts'
import type { Millis } from '../model/units.ts'

export interface RecordFiles {
  readonly output: number | undefined
  readonly events: number | undefined
}

/** How long a command waits, after the run's end, for its files to be whole. */
const PATIENCE_MS = 5000

/** Opens the files before anything starts. @throws BatchtopError (exit 2) where that is not possible */
export function openRecordFiles(files: { readonly output?: string; readonly events?: string }): RecordFiles {
  return { output: openFile(files.output), events: openFile(files.events) }
}

function openFile(path: string | undefined): number | undefined {
  if (path === undefined) return undefined
  try {
    return openSync(path, 'a')
  } catch (error) {
    throw new BatchtopError('cannot-write', `Cannot write to ${path}: ${(error as Error).message}`, { cause: error })
  }
}

/** @returns resolves when the files are whole, or it takes too long */
export function startRecorder(
  folder: string,
  { output, events }: RecordFiles,
  samples: Millis | undefined,
): () => Promise<void> {
  if (output === undefined && events === undefined) return () => Promise.resolve()
  const args = ['record', folder]
  if (output !== undefined) args.push('--output')
  if (events !== undefined) args.push('--events')
  if (samples !== undefined) args.push('--samples', String(samples))
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
