/**
 * Entry of a thread's host process: a Piscina pool of exactly one worker and a loop that stays free to relay, to take items back and to
 * end the worker in the middle of a synchronous item. Owns no deadline: its timers would all fire at once after a freeze.
 * Imports model and piscina. Started by host-process.ts.
 */

import type { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { ModuleBatch } from '../model/chunk.ts'
import { bytes } from '../model/units.ts'
import type { WorkerSetup } from './bench.ts'
import { killChildren } from './children.ts'
import { messageOf } from './failure.ts'
import { workerFile } from './files.ts'
import { HostChunk } from './host-chunk.ts'
import type { OutputsNote } from './item-outputs.ts'
import { cleanAfter } from './item-outputs.ts'
import { Measure } from './measure.ts'
import { Outbox } from './outbox.ts'
import { RECLAIM, Table } from './table.ts'
import type { Failure, ToHost, WireChunk, Wishes, WorkerAnswer, WorkerNote, WorkerTask } from './wire.ts'

/** How often progress is looked at; the timer exists only while a chunk is in flight (idle ones cost 91 % of a core at 128 hosts). */
const LOOK_MS = 100

/** What the supervisor tells a host at birth, as JSON in its first argument. */
export interface HostSetup {
  readonly thread: number
  readonly run: string
  readonly folder: string
  /** Most heap of the worker, in MB. */
  readonly heap: number
  /** Most of it for what was made just now, in MB; besides. */
  readonly young: number
  /** The thread's share of memory, in bytes. */
  readonly cap: number
}

const { thread, run, folder, heap, young, cap } = JSON.parse(process.argv[2] ?? '{}') as HostSetup
const outbox = new Outbox()
const table = new Table()
const pool = new Piscina<WorkerTask, WorkerAnswer | undefined>({
  filename: workerFile,
  minThreads: 1,
  maxThreads: 1,
  idleTimeout: Number.POSITIVE_INFINITY,
  execArgv: [],
  recordTiming: false,
  resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: young },
  workerData: { table: table.buffer, thread, run, folder } satisfies WorkerSetup,
})
let current: HostChunk | undefined
let batch: ModuleBatch | undefined
/** Why no item of the batch can run. */
let problem: string | undefined
/** The worker that was last given work, and its end. */
let worker: { readonly of: Worker | undefined; readonly exit: Promise<number> } | undefined
/** What the worker's item must make; it may have ended meanwhile. */
let prepared: OutputsNote | undefined
let isStopping = false
/** The supervisor waits for `reclaimed`. */
let isReclaiming = false
let hold: number | undefined
const measure = new Measure((message) => outbox.put(message))

async function runChunk(chunk: WireChunk): Promise<void> {
  const isNewWorker = !worker || worker.of !== pool.threads[0]
  if (isNewWorker) worker = { of: pool.threads[0], exit: exitOf(pool.threads[0]) }
  batch = chunk.batch ?? batch
  if (batch && (chunk.batch || problem)) problem = enterFolder(batch.work.cwd)
  const abort = new AbortController()
  const count = chunk.names.length
  current = new HostChunk({
    id: chunk.id,
    count,
    table,
    put: (message) => outbox.put(message),
    terminate: (why) => (why === 'memory' ? void giveAllBack() : abort.abort()),
  })
  const look = setInterval(() => {
    current?.look()
    measure.look(pool.threads[0])
  }, LOOK_MS)
  let isWorkerGone = false
  measure.begin()
  prepared = undefined
  try {
    const full = isNewWorker && batch ? { ...chunk, batch } : chunk
    const answer = await pool.run({ do: 'run', chunk: full, ...(problem ? { problem } : {}) }, { signal: abort.signal })
    await current.answered(answer as WorkerAnswer)
  } catch (error) {
    // Its last messages are read before its exit is told. (Still there: the chunk was ended before a new worker was ready for it.)
    isWorkerGone = pool.threads[0] !== worker?.of
    const code = isWorkerGone ? await worker?.exit : undefined
    killChildren()
    await cleanUp(current)
    current.settle(failureOfWorker(error, code ?? 0))
  } finally {
    clearInterval(look)
    current = undefined
    if (isStopping) void leave()
    else if (isReclaiming && (isWorkerGone || table.wishes & RECLAIM)) reclaim()
  }
}

/** The worker is gone in the middle of its item. */
async function cleanUp(chunk: HostChunk): Promise<void> {
  if (prepared && prepared.place === chunk.running()) await cleanAfter(prepared)
}

/**
 * V8 keeps the pages of a worker that was terminated for some 8 s (610 of 650 MB, measured): only the end of the process gives them back at
 * once. What is done is told before.
 */
async function giveAllBack(): Promise<void> {
  current?.look()
  await outbox.close()
  process.kill(-process.pid, 'SIGKILL')
}

/** A busy worker comes to it at a tick or between two items, and else when its chunk is over. */
function reclaim(): void {
  isReclaiming = true
  table.reclaim(true)
  if (current) return
  // What a worker held that died meanwhile is free.
  pool.run({ do: 'reclaim' }).catch(() => noted({ is: 'reclaimed', freed: 0, ms: 0 }))
}

function noted(note: WorkerNote): void {
  if (note.is === 'reclaimed') isReclaiming = false
  outbox.put(note)
}

function wish(wishes: Wishes): void {
  table.tidy(wishes.tidy)
  if (wishes.hold === hold) return
  hold = wishes.hold
  table.hold(hold ?? 0)
  if (hold !== undefined && current) outbox.put({ is: 'taken', chunk: current.id, places: current.take() })
}

function exitOf(of: Worker | undefined): Promise<number> {
  return new Promise((resolve) => {
    of?.once('exit', resolve)
  })
}

/** Worker threads cannot change folder: the process does, before a batch's first chunk. */
function enterFolder(path: string): string | undefined {
  try {
    process.chdir(path)
    return undefined
  } catch (error) {
    return `cannot enter the folder ${path}: ${messageOf(error)}`
  }
}

function failureOfWorker(error: unknown, exit: number): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return {
      how: 'failed',
      reason: { kind: 'memory', message: `used more than its ${heap} MB of heap`, cap: bytes(cap) },
      isRetryable: true,
    }
  }
  // Piscina's own words for a worker that ended without an error.
  const message = messageOf(error)
  const isExit = message.startsWith('worker exited with code')
  return {
    how: 'failed',
    reason: {
      kind: 'threw',
      message: isExit ? `called process.exit(${exit})` : message.slice(0, 1000),
      ...(code === undefined ? {} : { code }),
    },
    isRetryable: true,
  }
}

/** The orderly end: what was set up is torn down. The supervisor's KILL limits the time. */
async function leave(): Promise<void> {
  if (worker?.of === pool.threads[0]) await pool.run({ do: 'teardown' })
  await outbox.drained()
  process.exit()
}

function stop(): void {
  if (isStopping) return
  isStopping = true
  if (!current) {
    void leave()
    return
  }
  outbox.put({ is: 'taken', chunk: current.id, places: current.take() })
  current.end(undefined, 'stop', false)
}

process.on('message', (message: ToHost) => {
  switch (message.do) {
    case 'run':
      void runChunk(message.chunk)
      return
    case 'take':
      outbox.put({ is: 'taken', chunk: message.chunk, places: current?.id === message.chunk ? current.take() : [] })
      return
    case 'end':
      if (current?.id !== message.chunk) return
      if (message.place === undefined) outbox.put({ is: 'taken', chunk: current.id, places: current.take() })
      current.end(message.place, message.why, message.isNow)
      return
    case 'wish':
      wish(message)
      return
    case 'reclaim':
      reclaim()
      return
    case 'stop':
      stop()
  }
})
process.on('SIGTERM', stop)
process.on('disconnect', () => process.exit())
pool.on('message', (message: WorkerAnswer | WorkerNote | OutputsNote) => {
  if ('is' in message && message.is === 'prepared') {
    prepared = message
    // In case the whole host goes.
    outbox.put(message)
  } else if ('is' in message) noted(message)
  else if (current?.id === message.chunk) current.received(message)
})
// Without a task to blame: the worker could not start, or something a task left behind threw. A host without worker is of no use.
pool.on('error', (error) => {
  console.error('worker:', error)
  if (pool.threads.length === 0) process.exit(1)
})

await pool.run({ do: 'warm' })
outbox.put({ is: 'ready' })
