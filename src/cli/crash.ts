/** Bugs: whatever was not expected ends in a file with the stack, a message that names it, and exit code 70. */
import { writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { EXIT } from '../model/errors.ts'

let folders: readonly string[] = [tmpdir()]

/** Where a crash file belongs from now on: the run's folder, once one is known. */
export function setCrashFolder(folder: string): void {
  folders = [folder, tmpdir()]
}

/** How long a screen gets to take itself down. */
const PATIENCE_MS = 2000

let screen: AbortController | undefined

/** Until `release`, a bug takes the screen down first; what it rejects with then ends in `crash`. */
export function guardScreen(): { readonly failure: AbortSignal; readonly release: () => void } {
  const controller = new AbortController()
  screen = controller
  return {
    failure: controller.signal,
    release: () => {
      screen = undefined
    },
  }
}

function unexpected(error: unknown): void {
  const controller = screen
  screen = undefined
  if (!controller) crash(error)
  controller.abort(error)
  setTimeout(() => crash(error), PATIENCE_MS).unref()
}

/** Writes the file and ends the process. The message comes last of all: whatever cleans up at the end has done so. */
export function crash(error: unknown): never {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error)
  const file = writeCrashFile(stack)
  const reason = error instanceof Error ? error.message : String(error)
  const where = file === undefined ? stack : `Details: ${file}`
  process.on('exit', () => {
    try {
      writeSync(2, `batchtop: a bug in batchtop: ${reason}\n  ${where}\n`)
    } catch {
      // Nobody is left to be told.
    }
  })
  process.exit(EXIT.bug)
}

function writeCrashFile(stack: string): string | undefined {
  const name = `crash-${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.txt`
  const about = `batchtop ${process.argv.slice(2).join(' ')}\nNode ${process.version}, ${process.platform}\n`
  for (const folder of folders) {
    try {
      const file = path.join(folder, name)
      writeFileSync(file, `${about}\n${stack}\n`, { mode: 0o600, flag: 'wx' })
      return file
    } catch {
      // The next folder may do.
    }
  }
  return undefined
}

/** From now on nothing unexpected ends the process in another way, and a reader that has gone away is not unexpected. */
export function installCrashHandlers(): void {
  process.on('uncaughtException', unexpected)
  process.on('unhandledRejection', unexpected)
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') crash(error)
    })
  }
}
