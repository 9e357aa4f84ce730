/** A thread on a folder of its own, with everything it reports kept in order. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { Chunk, ItemResult, ModuleBatch, ThreadReport } from '../../src/model/chunk.ts'
import type { LogRef } from '../../src/model/event.ts'
import { runId, threadNumber } from '../../src/model/ids.ts'
import { bytes } from '../../src/model/units.ts'
import { readLog } from '../../src/threads/logs.ts'
import { startReaper } from '../../src/threads/reaper.ts'
import { Thread } from '../../src/threads/thread.ts'
import { chunkOf, workOf } from './work.ts'

/** Reports are polled, not slept for; a loaded machine needs time. */
export const SOON = { timeout: 30_000, interval: 5 }

export interface Rig {
  readonly thread: Thread
  readonly folder: string
  readonly reports: readonly ThreadReport[]
  /** Waits until the thread has reported this, and gives the newest such report. */
  readonly reported: <Type extends ThreadReport['type']>(
    type: Type,
    count?: number,
  ) => Promise<Extract<ThreadReport, { type: Type }>>
  /** Plain successes and detailed results so far, chunk after chunk, in the order of their places. */
  readonly results: () => ItemResult[]
  readonly run: (names: readonly string[], batch?: Partial<ModuleBatch>) => Chunk
  /** Waits for the chunk's end. */
  readonly runAll: (names: readonly string[], batch?: Partial<ModuleBatch>) => Promise<ItemResult[]>
  readonly log: (ref: LogRef | undefined) => Promise<string>
  /** Types of reports so far, without those that only tell how things are. */
  readonly types: () => string[]
  /** Waits until a task has made this file in the run's folder. */
  readonly marked: (name: string) => Promise<void>
}

/** A ready thread whose items run the fixture `task`. Everything is gone when the test ends. */
export async function rig(task: string, { cap = 512 }: { cap?: number } = {}): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'batchtop-threads-'))
  const reaper = startReaper(folder, 1)
  const reports: ThreadReport[] = []
  const thread = new Thread({
    number: threadNumber(1),
    run: runId('7f3a'),
    epoch: 1,
    folder,
    capOf: () => bytes(cap * 2 ** 20),
    reaper,
    report: (report) => reports.push(report),
  })
  onTestFinished(async () => {
    const gone = thread.stop()
    thread.kill()
    await gone
    reaper.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const made: Omit<Rig, 'runAll'> = {
    thread,
    folder,
    reports,
    reported: async (type, count = 1) => {
      const found = (): ThreadReport[] => reports.filter((report) => report.type === type)
      await expect.poll(() => found().length, SOON).toBeGreaterThanOrEqual(count)
      return found().at(-1) as never
    },
    results: () => resultsIn(reports),
    run: (names, batch) => {
      const chunk = chunkOf(workOf(task, folder, batch), names)
      thread.run(chunk)
      return chunk
    },
    log: async (ref) => (ref ? (await readLog(folder, threadNumber(1), ref)).toString() : ''),
    types: () => {
      const types: string[] = reports.map(({ type }) => type)
      return types.filter((type) => type !== 'item.progressed' && type !== 'thread.measured')
    },
    marked: async (name) => {
      await expect.poll(() => existsSync(join(folder, name)), SOON).toBe(true)
    },
  }
  thread.start('module')
  await made.reported('thread.ready')
  return {
    ...made,
    runAll: async (names, batch) => {
      const from = reports.length
      const ended = reports.filter(({ type }) => type === 'chunk.ended').length
      made.run(names, batch)
      await made.reported('chunk.ended', ended + 1)
      return resultsIn(reports.slice(from))
    },
  }
}

/** By place: a success that its worker kept back may be told before what came to its host earlier, by another way. */
function resultsIn(reports: readonly ThreadReport[]): ItemResult[] {
  const chunks = Map.groupBy(reports, (report) => ('chunk' in report ? report.chunk : undefined))
  return [...chunks.values()].flatMap((of) => of.flatMap(resultsOf).toSorted((left, right) => left.place - right.place))
}

/** How items ended, as a report says it. */
export function resultsOf(report: ThreadReport): readonly ItemResult[] {
  if (report.type === 'items.ended') return report.results
  if (report.type !== 'items.succeeded') return []
  return report.ms.map((ms, step) => ({ ok: true, place: report.from + step, ms: ms as ItemResult['ms'] }))
}

/** State letter of a process as the kernel tells it (`T` stopped, `Z` dead but not collected), or `gone`. */
export function stateOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0] ?? 'gone'
  } catch {
    return 'gone'
  }
}

export const isDead = (pid: number | undefined): boolean => /^(?:gone|Z|X)$/.test(stateOf(pid))

/** MB of anonymous memory of a process; none where it is gone. */
export function memoryOf(pid: number | undefined): number {
  try {
    return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** Processes of a group that are not dead. */
export function livingInGroup(group: number): number[] {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return all.filter((pid) => !isDead(pid) && groupOf(pid) === group)
}

function groupOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[2])
  } catch {
    return undefined
  }
}
