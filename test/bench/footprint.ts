/** What it takes to run a command to its end: time, CPU of everything it starts, and what the process at its head takes itself. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { cpuOf, openCpuMeter, readText } from './cpu-meter.ts'

export interface Footprint {
  /** From its start to its end, in ms. */
  readonly ms: number
  /** Of the whole tree, in ms. */
  readonly cpuMs: number
  /** Of processes that were watched: most memory in MB, CPU in ms without that of their children. By place in `watched`. */
  readonly watched: readonly { readonly megabytes: number; readonly cpuMs: number }[]
}

export interface Measured {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Pids to watch, found from that of the command. Left out: the command itself. */
  readonly find?: (pid: number) => Promise<readonly (number | undefined)[]>
}

/** The last look at a process that has ended is at most so old. */
const LOOK_MS = 50

/** What a command that fails has said, at most. */
const TAIL = 2000

/** @throws where the command does not succeed: what it took then says nothing */
export async function footprintOf(measured: Measured): Promise<Footprint> {
  const meter = openCpuMeter()
  try {
    const before = meter.read()
    const { ms, watched } = await runWatched(measured, meter.group)
    await meter.settle()
    return { ms, cpuMs: meter.read() - before, watched }
  } finally {
    meter.close()
  }
}

type Run = Omit<Footprint, 'cpuMs'>

async function runWatched({ command, cwd, env, find }: Measured, group: string): Promise<Run> {
  const begun = performance.now()
  const enter = 'test -z "$0" || echo $$ > "$0/cgroup.procs"; exec "$@"'
  const child = spawn('/bin/sh', ['-c', enter, group, ...command], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data) => (said = (said + String(data)).slice(-TAIL)))
  const over = new AbortController()
  const ended = once(child, 'close').finally(() => over.abort())
  const watched: Run['watched'][number][] = []
  const pid = child.pid ?? 0
  while (!over.signal.aborted) {
    for (const [place, found] of (await (find?.(pid) ?? [pid])).entries()) {
      const look = found === undefined ? undefined : lookAt(found)
      if (look) watched[place] = look
    }
    await Promise.race([setTimeout(LOOK_MS), ended])
  }
  const ms = performance.now() - begun
  const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null]
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code ?? signal}: ${said.trim()}`)
  return { ms, watched }
}

function lookAt(pid: number): Run['watched'][number] | undefined {
  const peak = /^VmHWM:\s+(\d+)/m.exec(readText(`/proc/${pid}/status`))?.[1]
  const cpu = cpuOf(pid)
  return peak === undefined || !cpu ? undefined : { megabytes: Number(peak) / 1024, cpuMs: cpu.own }
}
