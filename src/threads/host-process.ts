/** Starts the host process of a thread and tells when it is gone and what its last words were. */

import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs'
import type { RunId, ThreadNumber } from '../model/ids.ts'
import type { Reason } from '../model/reason.ts'
import type { Bytes } from '../model/units.ts'
import { isFatal, reasonOfDeath } from './death.ts'
import { hostFile } from './files.ts'
import { signalGroup } from './groups.ts'
import type { HostSetup } from './host.ts'
import type { OutputsNote } from './item-outputs.ts'
import { cleanAfter } from './item-outputs.ts'
import { hostLogFile, logFolder } from './logs.ts'
import type { Reaper } from './reaper.ts'
import { runVariables } from './run-variables.ts'
import type { FromHost, ToHost } from './wire.ts'
import { hasPlace } from './wire.ts'

/**
 * Left to itself a worker has 100 MB of it and more: an item that lives in half of a small cap and only litters passed it for seconds
 * (371 MB of 300), which nobody can collect where it never ticks.
 */
const MOST_YOUNG_MB = 48

export interface HostOptions {
  readonly number: ThreadNumber
  readonly run: RunId
  readonly epoch: number
  /** The run's folder. */
  readonly folder: string
  /** The thread's share of memory, asked whenever a process is started. */
  readonly capOf: () => Bytes
  readonly reaper: Reaper
  /** A process was started and has done nothing yet. Until this is done its limits do not hold. */
  readonly born?: (pid: number) => Promise<void>
}

export interface HostEvents {
  readonly heard: (message: FromHost) => void
  /** It is gone and all it said was heard. */
  readonly gone: (reason: Reason) => void
}

export class HostProcess {
  readonly #child: ChildProcess
  readonly #options: HostOptions
  readonly #events: HostEvents
  readonly #setup: HostSetup
  readonly #logStart: number
  /** What the item that runs must make. */
  #prepared: OutputsNote | undefined
  #isGone = false

  constructor(options: HostOptions, events: HostEvents) {
    this.#options = options
    this.#events = events
    this.#setup = setupOf(options)
    mkdirSync(logFolder(options.folder), { recursive: true, mode: 0o700 })
    const log = openSync(hostLogFile(options.folder, options.number), 'a+', 0o600)
    try {
      this.#logStart = fstatSync(log).size
      this.#child = spawn(process.execPath, [hostFile, JSON.stringify(this.#setup)], {
        cwd: options.folder,
        // A group of its own: freezing and killing hits the children of its items too.
        detached: true,
        stdio: ['ignore', log, log, 'ipc'],
        env: environment(options),
      })
    } finally {
      closeSync(log)
    }
    const child = this.#child
    if (child.pid !== undefined) {
      options.reaper.add(child.pid)
      void options.born?.(child.pid)
    }
    child.on('message', (messages: (FromHost | OutputsNote)[]) => messages.forEach((one) => this.#hear(one)))
    child.on('error', (error) => {
      if (child.pid === undefined) this.#end(`it could not be started: ${error.message}`, undefined)
    })
    child.on('exit', () => this.signal('SIGKILL'))
    // Not `exit`: only at `close` everything it said has been read.
    child.on('close', (code, signal) => this.#end(signal ? `signal ${signal}` : `exit ${code}`, signal ?? String(code)))
  }

  /** Also the number of its process group. */
  get pid(): number | undefined {
    return this.#isGone ? undefined : this.#child.pid
  }

  send(message: ToHost): void {
    // A host that has just died is told of by `gone`.
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  /** To the whole group. */
  signal(name: NodeJS.Signals): void {
    if (this.#isGone || this.#child.pid === undefined) return
    signalGroup(this.#child.pid, name)
  }

  #hear(message: FromHost | OutputsNote): void {
    if (message.is === 'prepared') {
      this.#prepared = message
      return
    }
    const isOver = message.is === 'results' && this.#prepared && hasPlace(message.results, this.#prepared.place)
    if (isOver) this.#prepared = undefined
    this.#events.heard(message)
  }

  #end(how: string, code: string | undefined): void {
    if (this.#isGone) return
    this.#isGone = true
    if (this.#child.pid !== undefined) this.#options.reaper.remove(this.#child.pid)
    const words = this.#lastWords()
    const { heap, cap } = this.#setup
    const gone = () => this.#events.gone(reasonOfDeath({ how, code, words, heap, cap }))
    if (this.#prepared) void cleanAfter(this.#prepared).then(gone)
    else gone()
  }

  /** The line of its own output that says most: a fatal error, else the last one. */
  #lastWords(): string | undefined {
    const { folder, number } = this.#options
    try {
      const log = openSync(hostLogFile(folder, number), 'r')
      try {
        const text = Buffer.alloc(64 * 1024)
        const start = Math.max(this.#logStart, fstatSync(log).size - text.length)
        const lines = text.toString('utf8', 0, readSync(log, text, 0, text.length, start)).split('\n')
        const spoken = lines.map((line) => line.trim()).filter((line) => line !== '')
        return (spoken.findLast(isFatal) ?? spoken.at(-1))?.slice(0, 500)
      } finally {
        closeSync(log)
      }
    } catch {
      return undefined
    }
  }
}

function setupOf({ number, run, folder, capOf }: HostOptions): HostSetup {
  const cap = capOf()
  const mb = cap / 2 ** 20
  // The rest of a process takes 25 MB that count; under a small cap the heap has at least half.
  const heap = Math.floor(Math.max(mb - 32, mb / 2))
  return { thread: number, run, folder, cap, heap, young: Math.ceil(Math.min(MOST_YOUNG_MB, mb / 6)) }
}

function environment(options: HostOptions): NodeJS.ProcessEnv {
  // --max-old-space-size there would override the worker's limit; a debugger's --inspect would be inherited by every host.
  const { NODE_OPTIONS: _, NODE_CHANNEL_FD: __, NODE_UNIQUE_ID: ___, ...inherited } = process.env
  return {
    ...inherited,
    // glibc keeps freed memory otherwise: 559 MB of a process that used 108 MB (measured).
    MALLOC_MMAP_THRESHOLD_: '262144',
    MALLOC_TRIM_THRESHOLD_: '131072',
    ...runVariables({ ...options, thread: options.number }),
  }
}
