/** The process that carries a thread's commands: one persistent shell, told what to run line by line. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { encodeName } from '../model/names.ts'
import type { Reason } from '../model/reason.ts'
import { signalAll } from './groups.ts'
import type { LaneKind } from './lane-kind.ts'
import { openingOf } from './lane-script.ts'
import type { Reaper } from './reaper.ts'
import { signalTree } from './tree.ts'

export interface LaneOptions {
  readonly kind: LaneKind
  readonly env: NodeJS.ProcessEnv
  /** Where it starts. */
  readonly folder: string
  /** Descriptor of the log, open for appending. */
  readonly log: number
  /** Prefix of items' files. */
  readonly files: string
  readonly reaper: Reaper
  /** As in HostOptions. */
  readonly born?: ((pid: number) => Promise<void>) | undefined
}

/** How the shell says that an item ended. */
export interface LaneEnd {
  /** Exit code, 128 and more for signals. */
  readonly status: number
  /** It wrote a value or progress. */
  readonly hasSaid: boolean
  /** Its process, which led its group; undefined where it shares the lane's. */
  readonly pid: number | undefined
  /** True: its group is not empty. Undefined: a shared one never is. */
  readonly isLeft: boolean | undefined
}

export interface LaneEvents {
  readonly ready: () => void
  /** It is in the folder of the batch, or could not enter it. */
  readonly entered: (isThere: boolean) => void
  readonly began: (pid: number) => void
  readonly ended: (end: LaneEnd) => void
  /** It is gone and all it said was heard. */
  readonly gone: (reason: Reason) => void
}

/** Whether the kernel says who a process's children are: then the lane need not. */
const knowsChildren = existsSync(`/proc/self/task/${process.pid}/children`)

export class Lane {
  readonly #child: ChildProcess
  readonly #options: LaneOptions
  readonly #events: LaneEvents
  readonly #joined: Promise<void> | undefined
  #rest = ''
  #isGone = false

  constructor(options: LaneOptions, events: LaneEvents) {
    this.#options = options
    this.#events = events
    const { kind, env, folder, log, files, reaper, born } = options
    const flags = kind.isGrouped ? ['-p', '-s'] : ['-s']
    const child = spawn(kind.program, flags, {
      cwd: folder,
      env,
      // A session of its own: whatever its items start is in it, unless it makes one of its own.
      detached: true,
      // Its own words are about jobs that were killed, which is known; some of them are in the item's output (see `CommandLog.end`).
      stdio: ['pipe', 'pipe', 'ignore', log],
    })
    this.#child = child
    if (child.pid !== undefined) {
      reaper.add(child.pid)
      this.#joined = born?.(child.pid)
    }
    child.stdin?.on('error', () => {})
    child.stdout?.setEncoding('latin1').on('data', (text: string) => this.#heard(text))
    child.on('error', (error) => {
      if (child.pid === undefined) this.#end(`it could not be started: ${error.message}`, undefined)
    })
    child.on('close', (code, signal) => this.#end(signal ? `signal ${signal}` : `exit ${code}`, signal ?? String(code)))
    this.write(openingOf({ isGrouped: kind.isGrouped, tellsPid: !knowsChildren, files }))
  }

  get kind(): LaneKind {
    return this.#options.kind
  }

  /** Also the number of its session. */
  get pid(): number | undefined {
    return this.#isGone ? undefined : this.#child.pid
  }

  /** Lines for the shell. */
  write(text: string): void {
    if (!this.#isGone) this.#child.stdin?.write(text.isWellFormed() ? text : encodeName(text))
  }

  /** bash waits for an item that is stopped by asking again and again, with a whole core: while its item stands it stands too. */
  stand(): void {
    if (this.kind.isGrouped && this.pid !== undefined) signalAll([this.pid], 'SIGSTOP')
  }

  goOn(): void {
    if (this.kind.isGrouped && this.pid !== undefined) signalAll([this.pid], 'SIGCONT')
  }

  /** It goes once it has done what it was told. */
  leave(): void {
    this.#child.stdin?.end()
  }

  /** KILL of all its items and of itself. */
  kill(): void {
    const { pid } = this
    if (pid === undefined) return
    signalTree({ session: pid, isGrouped: this.kind.isGrouped }, 'SIGKILL')
    this.#child.kill('SIGKILL')
  }

  #heard(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
  }

  #line(line: string): void {
    const [what, first, said, second, left] = line.split(' ')
    if (what === 'r') {
      const pid = second ? Number(second) : undefined
      const isLeft = left === undefined ? undefined : left === '0'
      this.#events.ended({ status: Number(first), hasSaid: said === '0', pid, isLeft })
    } else if (what === 'p') this.#events.began(Number(first))
    else if (what === 'd') this.#events.entered(first === '0')
    else if (what === 'l') void this.#ready()
  }

  /** What it started before its limits hold would never be held by them. */
  async #ready(): Promise<void> {
    await this.#joined
    if (!this.#isGone) this.#events.ready()
  }

  #end(how: string, code: string | undefined): void {
    if (this.#isGone) return
    const { pid } = this
    this.#isGone = true
    if (pid !== undefined) {
      // What it ran goes on without it.
      signalTree({ session: pid, isGrouped: this.kind.isGrouped }, 'SIGKILL')
      this.#options.reaper.remove(pid)
    }
    this.#events.gone({ kind: 'lost', message: `its shell died: ${how}`, ...(code === undefined ? {} : { code }) })
  }
}
