/** A thread that runs commands, on a folder of its own, with everything it reports kept in order. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { Chunk, CommandBatch, ItemResult, ThreadReport } from '../../src/model/chunk.ts'
import type { LogRef } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { CommandWork } from '../../src/model/plan.ts'
import type { Command, Template } from '../../src/model/template.ts'
import { bytes } from '../../src/model/units.ts'
import type { LaneKind } from '../../src/threads/lane-kind.ts'
import { SHARED_LANE } from '../../src/threads/lane-kind.ts'
import { readLog } from '../../src/threads/logs.ts'
import { startReaper } from '../../src/threads/reaper.ts'
import { Thread } from '../../src/threads/thread.ts'
import { resultsOf, SOON } from './rig.ts'

export const LANES: readonly LaneKind[] = [{ program: 'bash', isGrouped: true }, SHARED_LANE]

/** What people write behind `run:`, with `{}` for the item; for /bin/sh. */
export function script(text: string): Command {
  const parts = text.split('{}')
  const template: Template = parts.flatMap((part, place) => (place === 0 ? [part] : [{ slot: 'item' } as const, part]))
  return { kind: 'script', text, shell: ['/bin/sh', '-e'], script: template }
}

/** Plain words, `{}` alone for the item. */
export function words(...list: readonly string[]): Command {
  return {
    kind: 'words',
    text: list.join(' '),
    words: list.map((word): Template => (word === '{}' ? [{ slot: 'item' }] : [word])),
  }
}

export interface BatchOf extends Partial<Omit<CommandBatch, 'work'>> {
  readonly run: Command
  readonly work?: Partial<CommandWork>
}

export interface ShellRig {
  readonly thread: Thread
  /** The run's folder. */
  readonly folder: string
  /** Where items run. */
  readonly cwd: string
  readonly reports: readonly ThreadReport[]
  readonly reported: <Type extends ThreadReport['type']>(
    type: Type,
    count?: number,
  ) => Promise<Extract<ThreadReport, { type: Type }>>
  readonly results: () => ItemResult[]
  readonly batch: (of: BatchOf) => CommandBatch
  readonly run: (names: readonly string[], batch: CommandBatch | BatchOf) => Chunk
  readonly runAll: (names: readonly string[], batch: CommandBatch | BatchOf) => Promise<ItemResult[]>
  /** The result and the output of one item. */
  readonly one: (run: Command, batch?: Partial<BatchOf>) => Promise<{ result: ItemResult | undefined; output: string }>
  readonly log: (ref: LogRef | undefined) => Promise<string>
  /** Waits until a command has written a line into this file of `cwd`; gives the file. */
  readonly marked: (name: string) => Promise<string>
}

let chunks = 0

/** @param heard called with every report at once, as a supervisor is */
/** @param lane left out: what a thread chooses by itself */
export async function shellRig(lane?: LaneKind, heard: (report: ThreadReport) => void = () => {}): Promise<ShellRig> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'batchtop-shell-')))
  const folder = join(base, 'run')
  const cwd = join(base, 'work')
  for (const path of [folder, cwd]) mkdirSync(path)
  const reaper = startReaper(folder, 1)
  const reports: ThreadReport[] = []
  const thread = new Thread({
    number: threadNumber(1),
    run: runId('7f3a'),
    epoch: 1,
    folder,
    capOf: () => bytes(2 ** 30),
    reaper,
    ...(lane ? { lane } : {}),
    report: (report) => {
      reports.push(report)
      heard(report)
    },
  })
  onTestFinished(async () => {
    const gone = thread.stop()
    thread.kill()
    await gone
    reaper.close()
    rmSync(base, { recursive: true, force: true })
  })
  const batch = ({ run, work, ...rest }: BatchOf): CommandBatch => ({
    index: batchIndex(0),
    id: 'demo',
    work: { kind: 'command', run, cwd, env: {}, ...work },
    results: [],
    special: {},
    ...rest,
  })
  const rig: Omit<ShellRig, 'runAll' | 'one'> = {
    thread,
    folder,
    cwd,
    reports,
    batch,
    reported: async (type, count = 1) => {
      const found = (): ThreadReport[] => reports.filter((report) => report.type === type)
      await expect.poll(() => found().length, SOON).toBeGreaterThanOrEqual(count)
      return found().at(-1) as never
    },
    results: () => reports.flatMap(resultsOf),
    run: (names, of) => {
      chunks += 1
      const chunk: Chunk = {
        id: chunks,
        batch:
          'index' in of && 'results' in of && of.work && 'kind' in of.work
            ? (of as CommandBatch)
            : batch(of as BatchOf),
        items: names.map((_, place) => itemIndex(place)),
        names,
        attempts: names.map(() => 1),
      }
      thread.run(chunk)
      return chunk
    },
    log: async (ref) => (ref ? (await readLog(folder, threadNumber(1), ref)).toString() : ''),
    marked: async (name) => {
      const path = join(cwd, name)
      await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n'), SOON).toBe(true)
      return readFileSync(path, 'utf8')
    },
  }
  thread.start('command')
  await rig.reported('thread.ready')
  const runAll: ShellRig['runAll'] = async (names, of) => {
    const from = reports.length
    const ended = reports.filter(({ type }) => type === 'chunk.ended').length
    rig.run(names, of)
    await rig.reported('chunk.ended', ended + 1)
    return reports.slice(from).flatMap(resultsOf)
  }
  return {
    ...rig,
    runAll,
    one: async (run, of = {}) => {
      const [result] = await runAll(['a'], batch({ run, ...of }))
      return { result, output: await rig.log(result?.log) }
    },
  }
}
