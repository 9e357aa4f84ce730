/**
 * Starts the supervisor as a process of its own (model/start.ts says how the two talk) and waits for its one line. It is a session
 * leader, so neither the terminal's Ctrl-C nor its end reaches it.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { diskProblem } from '../journal/disk-problem.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { StartReply, StartRequest } from '../model/start.ts'
import { supervisorEnvironment } from './supervisor-environment.ts'

/** From spawn to ready: lock, journal, socket. Measured under 0.5 s; a machine that swaps badly may take seconds. */
const PATIENCE_MS = 15_000

/** A recovery also reads what the run was, and waits for what is left of its processes: ten million items take some seconds. */
const RECOVERY_PATIENCE_MS = 120_000

const TAIL_BYTES = 4096

export interface StartedSupervisor {
  readonly reply: StartReply
  /** In the foreground: hold this open as long as the run may live. */
  readonly leash: Writable | undefined
}

/** @throws BatchtopError (exit 70) where the supervisor says nothing or dies first */
export async function startSupervisor(request: Omit<StartRequest, 'logFile'>): Promise<StartedSupervisor> {
  const { log, logFile } = await openLog(request.stateDir).catch((error: unknown) => {
    throw diskProblem(error) ?? error
  })
  try {
    const child = launch(log, request.isForeground)
    const line = await converse(child, { ...request, logFile })
    if (line === undefined) throw died(log, logFile)
    const reply = JSON.parse(line) as StartReply
    if (!reply.ready) rmSync(logFile, { force: true })
    return { reply, leash: release(child) }
  } finally {
    closeSync(log)
  }
}

/** What it says before it has a run. */
async function openLog(stateDir: string): Promise<{ readonly log: number; readonly logFile: string }> {
  const folder = path.join(stateDir, 'plans')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const logFile = path.join(folder, `start-${process.pid}-${randomBytes(4).toString('hex')}.log`)
  return { log: openSync(logFile, 'ax+', 0o600), logFile }
}

/** The supervisor runs from dist or, in tests, from the sources: whatever this file runs from. */
function launch(log: number, isForeground: boolean): ChildProcess {
  const main = new URL(`../supervisor/main${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url)
  return spawn(process.execPath, [fileURLToPath(main), 'batchtop-supervisor'], {
    detached: true,
    env: supervisorEnvironment(),
    stdio: ['pipe', log, log, 'pipe', isForeground ? 'pipe' : 'ignore'],
  })
}

/** Hands the request over and reads the line; undefined at end of file without one. */
async function converse(child: ChildProcess, request: StartRequest): Promise<string | undefined> {
  const failure = new Promise<never>((_, reject) => child.once('error', reject))
  const stdin = child.stdin as Writable
  // Who dies before reading its request is found out by the end of its replies.
  stdin.on('error', () => undefined)
  stdin.end(JSON.stringify(request))
  const patience = request.recover ? RECOVERY_PATIENCE_MS : PATIENCE_MS
  return Promise.race([firstLine(child, patience), failure])
}

async function firstLine(child: ChildProcess, patience: number): Promise<string | undefined> {
  const replies = child.stdio[3] as Readable
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    killGroup(child)
    replies.destroy()
  }, patience)
  try {
    let text = ''
    for await (const piece of replies.setEncoding('utf8')) {
      text += String(piece)
      if (text.includes('\n')) return text.slice(0, text.indexOf('\n'))
    }
    if (isLate) throw silent(patience)
    return undefined
  } catch (error) {
    throw isLate ? silent(patience) : error
  } finally {
    clearTimeout(timer)
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** From now on the supervisor does not keep this process alive. */
function release(child: ChildProcess): Writable | undefined {
  child.unref()
  child.stdin?.destroy()
  child.stdio[3]?.destroy()
  const leash = (child.stdio[4] ?? undefined) as (Writable & { unref?: () => void }) | undefined
  leash?.on('error', () => undefined)
  leash?.unref?.()
  return leash
}

function died(log: number, logFile: string): BatchtopError {
  const tail = readTail(log).trimEnd()
  return new BatchtopError('supervisor-died', 'The supervisor ended before it was ready.', {
    hint: tail === '' ? `It wrote nothing to ${logFile}.` : `The end of ${logFile}:\n${tail}`,
    exit: EXIT.bug,
  })
}

function silent(patience: number): BatchtopError {
  return new BatchtopError('supervisor-silent', `The supervisor did not get ready in ${patience / 1000} s.`, {
    hint: 'It was ended. Is the machine out of memory or its disk very slow?',
    exit: EXIT.bug,
  })
}

function readTail(log: number): string {
  const { size } = fstatSync(log)
  const buffer = Buffer.alloc(Math.min(TAIL_BYTES, size))
  readSync(log, buffer, 0, buffer.length, size - buffer.length)
  return buffer.toString('utf8')
}
