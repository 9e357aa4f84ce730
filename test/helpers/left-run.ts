/** A run's folder as a supervisor that was killed leaves it: real files, from events that a test has at hand. */
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeCheckpoint } from '../../src/journal/checkpoint.ts'
import { encodeEvents } from '../../src/journal/encode.ts'
import { encodeFrame, fileHeader, journalName } from '../../src/journal/frame.ts'
import { createRunFolder } from '../../src/journal/run-folder.ts'
import type { RunInfo } from '../../src/journal/run-info.ts'
import { writeRunInfo } from '../../src/journal/run-info.ts'
import { prepareStateDir } from '../../src/journal/state-dir.ts'
import type { JournaledEvent, RunEvent } from '../../src/model/event.ts'
import type { RunId } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import { wallTime } from '../../src/model/units.ts'
import { History } from '../../src/run/history.ts'
import type { PackedFacts } from '../../src/run/pack.ts'
import { freezeFacts, packFacts } from '../../src/run/pack.ts'
import type { RunState } from '../../src/run/state.ts'
import { scratchFolder } from './scratch.ts'

export const NOW = wallTime(1_700_000_000_000)

/** A frame on disk. */
export interface LeftFrame {
  readonly generation: number
  /** Bytes of its file that it begins behind, and that it ends at. */
  readonly start: number
  readonly end: number
  /** Number of its last event. */
  readonly seq: number
}

export interface LeftRun {
  readonly stateDir: string
  readonly folder: string
  readonly info: RunInfo
  readonly plan: Plan
  readonly journal: readonly JournaledEvent[]
  readonly frames: readonly LeftFrame[]
}

export interface LeftOptions {
  /** How many frames each file but the last has; the last has the rest. */
  readonly files?: readonly number[]
  /** Generation of a checkpoint; left out: none. */
  readonly checkpoint?: number
  readonly info?: Partial<RunInfo>
}

/** @param journal events of the same time are one frame */
export async function leaveRun(
  plan: Plan,
  journal: readonly JournaledEvent[],
  { files = [], checkpoint, info: extra = {} }: LeftOptions = {},
): Promise<LeftRun> {
  const stateDir = await scratchFolder()
  await prepareStateDir(stateDir)
  const { run, folder } = await createRunFolder(stateDir, plan, 'name: test\n')
  const info = { ...infoOf(plan, { run, folder, stateDir }), ...extra }
  await writeRunInfo(info)
  const frames: LeftFrame[] = []
  const left = framesOf(journal)
  for (const [place, count] of [...files, left.length].entries()) {
    const bytes: Buffer[] = [Buffer.from(fileHeader(run, place + 1))]
    for (const [index, events] of left.splice(0, count).entries()) {
      const [{ seq: firstSeq, at }] = events as [JournaledEvent]
      const text = encodeEvents(events.map(({ event }) => event))
      const start = Buffer.concat(bytes).length
      bytes.push(encodeFrame({ frame: index + 1, firstSeq, events: events.length, at }, text))
      frames.push({ generation: place + 1, start, end: Buffer.concat(bytes).length, seq: firstSeq + events.length - 1 })
    }
    await writeFile(join(folder, journalName(place + 1)), Buffer.concat(bytes), { mode: 0o600 })
  }
  const made: LeftRun = { stateDir, folder, info, plan, journal, frames }
  if (checkpoint !== undefined) await checkpointAt(made, checkpoint)
  return made
}

function framesOf(journal: readonly JournaledEvent[]): JournaledEvent[][] {
  const frames: JournaledEvent[][] = []
  for (const one of journal) {
    const last = frames.at(-1)
    if (last?.[0]?.at === one.at) last.push(one)
    else frames.push([one])
  }
  return frames
}

/** Puts a checkpoint in that holds everything before a journal file. */
export async function checkpointAt(
  { folder, info, plan, journal, frames }: LeftRun,
  generation: number,
): Promise<void> {
  const seq = frames.findLast((frame) => frame.generation < generation)?.seq ?? 0
  const facts = pack(replay(plan, journal.slice(0, seq)))
  const { run } = info
  await writeCheckpoint(folder, { run, generation, seq, planVersion: 1, at: NOW, values: {}, facts })
}

export function replay(plan: Plan, journal: readonly JournaledEvent[]): RunState {
  const history = new History([plan])
  for (const one of journal) history.apply(one)
  return history.state
}

export function pack(state: RunState): PackedFacts {
  const packing = packFacts(freezeFacts(state))
  for (;;) {
    const step = packing.next()
    if (step.done) return step.value
  }
}

/** Events of a test as a journal would have them, `each` of them at the same time. */
export function journaled(events: readonly RunEvent[], each = 1): JournaledEvent[] {
  return events.map((event, place) => ({ seq: place + 1, at: wallTime(NOW + Math.floor(place / each)), event }))
}

/** The same run once more, in a folder of its own. */
export async function copyRun(run: LeftRun): Promise<LeftRun> {
  const stateDir = await scratchFolder()
  await cp(run.stateDir, stateDir, { recursive: true, mode: 0 })
  const folder = join(stateDir, 'runs', run.info.run)
  return { ...run, stateDir, folder, info: { ...run.info, stateDir, folder } }
}

export function journalPath({ folder }: Pick<LeftRun, 'folder'>, generation: number): string {
  return join(folder, journalName(generation))
}

/** Changes a file's bytes. */
export async function change(path: string, edit: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(path, edit(await readFile(path)))
}

export function flip(bytes: Buffer, place: number, bit = 0): Buffer {
  const changed = Buffer.from(bytes)
  changed[place] = (changed[place] as number) ^ (1 << bit)
  return changed
}

function infoOf(
  plan: Plan,
  place: { readonly run: RunId; readonly folder: string; readonly stateDir: string },
): RunInfo {
  return {
    format: 1,
    ...place,
    plan: plan.name,
    planPath: plan.path,
    startedAt: NOW,
    epoch: 1,
    planVersion: 1,
    pid: 1,
    bootId: '',
    isForeground: false,
    options: {},
    items: plan.items,
    threads: plan.threads,
  }
}
