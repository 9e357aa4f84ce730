/**
 * What runs inside a host's Piscina pool of one worker: the items of a chunk, one after another. It claims an item in the shared table,
 * runs the task, and posts what came of it. Imports only model. Called by host.ts through Piscina.
 */
import { registerHooks } from 'node:module'
import { inspect } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'
import type { ModuleBatch } from '../model/chunk.ts'
import type { WorkerSetup } from './bench.ts'
import { Bench } from './bench.ts'
import type { Item } from './context.ts'
import { RetryAfter } from './context.ts'
import { failureOf } from './failure.ts'
import { apiFile } from './files.ts'
import { ItemContext } from './item-context.ts'
import { setBatchEnv, setItemEnv, watchEnv } from './item-env.ts'
import type { OutputsNote } from './item-outputs.ts'
import { runWithOutputs } from './item-outputs.ts'
import { captureOutput } from './output.ts'
import { DONE, POSTED, RECLAIM, RUNNING, TIDY } from './table.ts'
import type { TaskModule } from './task-modules.ts'
import { SetupError, TaskModules } from './task-modules.ts'
import { valueText } from './value.ts'
import type { Detail, WireChunk, WireResult, WorkerAnswer, WorkerNote, WorkerTask } from './wire.ts'

/** Plain successes are kept back for at most this time (and their claims tell the host meanwhile). */
const GATHER_MS = 1

// A task module lies anywhere on disk, where Node would not find this package: answer for it.
registerHooks({
  resolve: (name, context, next) =>
    name === 'batchtop/task' ? { url: apiFile, shortCircuit: true } : next(name, context),
})

// The rule means windows; this is a port.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
const post = (message: WorkerAnswer | WorkerNote | OutputsNote): void => parentPort?.postMessage(message)
const bench = new Bench(workerData as WorkerSetup, post)
const { table, collector } = bench
const modules = new TaskModules(bench)
let batch: ModuleBatch | undefined

watchEnv()
captureOutput((text) => bench.write(text))

/** The pool's one function. Never throws for what an item does. */
export default async function work(task: WorkerTask): Promise<WorkerAnswer | undefined> {
  if (task.do === 'warm') return undefined
  if (task.do === 'teardown') {
    await modules.enter(undefined)
    return undefined
  }
  if (task.do === 'reclaim') {
    collector.reclaim()
    return undefined
  }
  return runChunk(task.chunk, task.problem)
}

async function runChunk(chunk: WireChunk, problem: string | undefined): Promise<WorkerAnswer> {
  if (chunk.batch) await enterBatch(chunk.batch)
  const count = chunk.names.length
  let results: WireResult[] = []
  let run: number[] | undefined
  let posts = 0
  let posted = performance.now()
  const tell = (): void => {
    if (results.length === 0) return
    post({ chunk: chunk.id, results, posts: posts++ })
    results = []
    run = undefined
  }
  for (let place = 0; place < count; place++) {
    if (!table.take(place, RUNNING)) {
      run = undefined
      continue
    }
    const began = performance.now()
    // Items run one after another: that is what a thread is.
    const detail = await (batch?.outputs ? runMaking(chunk, place, problem) : runItem(chunk, place, problem))
    const ended = performance.now()
    const time = Math.round((ended - began) * 100)
    if (detail) {
      results.push({ ...detail, time })
      run = undefined
      // Nobody could read a value from a worker that goes on with a long synchronous item.
      if (place < count - 1) tell()
      table.finish(place, POSTED, time)
      if (detail.failure?.how === 'ended' && table.abortOf(place) === 'memory') {
        // Its memory was what it was ended for.
        tell()
        collector.tidy()
      }
    } else {
      if (run) run.push(time)
      else results.push((run = [place, time]))
      table.finish(place, DONE, time)
      if (place < count - 1 && ended - posted >= GATHER_MS) tell()
    }
    if (table.wishes !== 0) betweenItems(ended, { isLast: place === count - 1, tell })
    if (results.length === 0) posted = ended
  }
  return { chunk: chunk.id, results, posts }
}

/** The time for garbage: what is done is told first. */
function betweenItems(now: number, { isLast, tell }: { readonly isLast: boolean; readonly tell: () => void }): void {
  const { wishes } = table
  // After the last one the host sees to it: the chunk need not wait.
  if (wishes & RECLAIM && !isLast) {
    tell()
    collector.reclaim()
  }
  if (wishes & TIDY && collector.shouldLook(now) && collector.isTidyDue()) {
    tell()
    collector.tidy()
  }
}

async function enterBatch(next: ModuleBatch): Promise<void> {
  await modules.enter(next)
  batch = next
  setBatchEnv({ ...next.work.env, BATCHTOP_BATCH: next.id })
}

/** The same for an item that must make files. */
async function runMaking(chunk: WireChunk, place: number, problem: string | undefined): Promise<Detail | undefined> {
  const of = batch as ModuleBatch
  const { outputs: templates = [] } = of
  const item = chunk.names[place] ?? ''
  const slots = { item, number: indexOf(chunk, place) + 1, thread: bench.thread, batch: of.id }
  const fields = chunk.fields?.[place]
  return runWithOutputs({ place, batch: of, templates, slots: { ...slots, fields }, tell: post }, () =>
    runItem(chunk, place, problem),
  )
}

function indexOf({ items }: WireChunk, place: number): number {
  return typeof items === 'number' ? items + place : (items[place] ?? 0)
}

/** @returns undefined for a success without value or output */
async function runItem(chunk: WireChunk, place: number, problem: string | undefined): Promise<Detail | undefined> {
  const of = batch as ModuleBatch
  const name = chunk.names[place] ?? ''
  const index = indexOf(chunk, place)
  const attempt = typeof chunk.attempts === 'number' ? chunk.attempts : (chunk.attempts[place] ?? 1)
  const own = chunk.special[index]
  const data = own?.with ?? chunk.fields?.[place] ?? null
  const item: Item = { id: name, number: index + 1, batch: of.id, data }
  const context = new ItemContext({ bench, batch: of, place, name, attempt, with: own?.with ?? of.work.with })
  setItemEnv(() => itemEnv(item, context))
  bench.begin(context, of.logLimit)
  if (table.abortOf(place)) return { place, failure: { how: 'ended' }, ...logOf(bench.end()) }
  let module: TaskModule | undefined
  try {
    if (problem !== undefined) throw new SetupError(problem)
    const path = own?.task ?? of.work.task
    module = modules.ready(path) ?? (await modules.prepare(path, of))
    const returned = module.default(item, context)
    if (isThenable(returned)) bench.watch()
    const value = valueText(isThenable(returned) ? await returned : returned)
    // Who returns because of the signal has not done the work.
    if (table.abortOf(place)) return { place, failure: { how: 'ended' }, ...logOf(bench.end()) }
    const log = bench.end()
    return value === undefined && !log ? undefined : { place, ...(value === undefined ? {} : { value }), ...logOf(log) }
  } catch (error) {
    const isEnded = table.abortOf(place) !== undefined
    const failure = isEnded ? ({ how: 'ended' } as const) : await failureOf(error, module)
    if (!isEnded && !(error instanceof RetryAfter)) bench.write(`${inspect(error)}\n`)
    return { place, failure, ...logOf(bench.end()) }
  }
}

function itemEnv(item: Item, context: ItemContext): Readonly<Record<string, string>> {
  const number = String(item.number)
  return {
    BATCHTOP_ITEM: item.id,
    BATCHTOP_NUMBER: number,
    BATCHTOP_ATTEMPT: String(context.attempt),
    BATCHTOP_KEY: context.key,
    PARALLEL_SEQ: number,
    PARALLEL_JOBSLOT: String(bench.thread),
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function logOf(log: Detail['log']): { readonly log?: NonNullable<Detail['log']> } {
  return log ? { log } : {}
}
