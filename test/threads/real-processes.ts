/** Real processes for tests, in groups and sessions of their own. All of them are gone when the test is over. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { until } from '../helpers/until.ts'

export interface Lane {
  /** Of the shell, which leads a group and a session. */
  readonly pid: number
  /** Numbers that commands wrote as `pid NUMBER`, in order. */
  readonly numbers: readonly number[]
  /** Runs a line and waits until it is through. */
  readonly say: (line: string) => Promise<void>
}

/** A shell that runs one line after another. */
export async function openLane(
  shell: readonly string[] = ['/bin/sh'],
  env: Readonly<Record<string, string>> = {},
): Promise<Lane> {
  const [program = '/bin/sh', ...options] = shell
  const child = spawn(program, options, {
    detached: true,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const pid = child.pid as number
  const numbers: number[] = []
  onTestFinished(() => [pid, -pid, ...numbers].forEach(kill))
  let text = ''
  let rounds = 0
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString()
    numbers.splice(0, numbers.length, ...[...text.matchAll(/^pid (\d+)\n/gm)].map(([, number]) => Number(number)))
  })
  const say = async (line: string): Promise<void> => {
    rounds += 1
    child.stdin.write(`${line}\necho done ${rounds}\n`)
    while (!text.includes(`done ${rounds}\n`)) await once(child.stdout, 'data')
  }
  await say(':')
  return { pid, numbers, say }
}

/** Dead, collected or not. */
export function isGone(pid: number): boolean {
  return /^[ZX]?$/.test(stateOf(pid))
}

/** As the kernel tells it: `T` stopped, `Z` dead and not collected; empty where there is none. */
export function stateOf(pid: number): string {
  try {
    return /^.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? ''
  } catch {
    return ''
  }
}

export async function allGone(pids: readonly number[]): Promise<void> {
  const living = () => pids.filter((pid) => !isGone(pid))
  await until(() => living().length === 0, { instead: () => `${living().join(', ')} live` })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone.
  }
}
