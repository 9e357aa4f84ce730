import { spawn } from 'node:child_process'
import process from 'node:process'

export type CommandResult =
  | { readonly ok: true; readonly output: Buffer }
  | { readonly ok: false; readonly message: string; readonly hint?: string }

const TOLD_LINES = 3
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Sees to it that a process group does not outlive this process. @returns what says that it has ended */
export type KeepGroup = (group: number) => () => void

/** What a command prints, run by /bin/sh. It has no terminal to ask on, and it ends when we are told to. */
export async function listByCommand(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
  keep: KeepGroup = endWithUs,
): Promise<CommandResult> {
  const child = spawn('/bin/sh', ['-c', command], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own has no terminal, so nothing in it can draw on ours or wait for an answer there.
    detached: true,
  })
  const ended = child.pid === undefined ? undefined : keep(child.pid)
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (data: Buffer) => output.push(data))
  child.stderr.on('data', (data: Buffer) => errors.push(data))
  try {
    const [code, signal] = await new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (...how) => resolve(how))
    })
    if (code === 0) return { ok: true, output: Buffer.concat(output) }
    const ending = signal === null ? `failed: exit ${code}` : `was ended by ${signal}`
    return failed(`The command that lists the items ${ending}.`, errors)
  } catch (error) {
    return failed(`The command that lists the items did not start: ${(error as Error).message}.`, errors)
  } finally {
    ended?.()
  }
}

function failed(message: string, errors: readonly Buffer[]): CommandResult {
  const lines = Buffer.concat(errors).toString('utf8').trimEnd().split('\n').slice(-TOLD_LINES)
  const said = lines.map((line) => line.trimEnd()).join('\n')
  return said === '' ? { ok: false, message } : { ok: false, message, hint: `It said: ${said}` }
}

/** A signal that ends this process ends the command's group first. */
function endWithUs(group: number): () => void {
  const end = (signal: NodeJS.Signals) => {
    stop()
    killGroup(group)
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, end)
  }
  for (const signal of SIGNALS) process.on(signal, end)
  return stop
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGTERM')
  } catch {
    // It has just ended by itself.
  }
}
