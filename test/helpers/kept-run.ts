/** A run as its folder keeps it: a journal written by the real encoder, samples beside it. */
import { appendFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Session } from '../../src/cli/session.ts'
import { encodeEvents } from '../../src/journal/encode.ts'
import { encodeFrame, fileHeader, journalName } from '../../src/journal/frame.ts'
import type { RunEvent } from '../../src/model/event.ts'
import type { RunId } from '../../src/model/ids.ts'
import { runId } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { WallTime } from '../../src/model/units.ts'
import { wallTime } from '../../src/model/units.ts'
import { recovery } from './facts.ts'
import { scratchFolder } from './scratch.ts'

const RUN = runId('7f3a')
const BEGUN = wallTime(1_700_000_000_000)

/** Events of one frame, and how many ms after the start they happened. */
export type KeptFrame = readonly [after: number, ...events: readonly RunEvent[]]

/** A moment of the run, in ms after its start. */
export const after = (ms: number): WallTime => wallTime(BEGUN + ms)

/** A folder with nothing but a journal. @param generations frames of each journal file; the first event is `run.started` */
export async function keptRun(plan: Plan, ...generations: readonly (readonly KeptFrame[])[]): Promise<Session> {
  const folder = await scratchFolder()
  await writeJournal(folder, RUN, generations)
  return { folder, info: infoOf(folder, plan), plan, plans: [plan], connection: undefined }
}

/** In place of what is there. */
export async function writeJournal(
  folder: string,
  run: RunId,
  generations: readonly (readonly KeptFrame[])[],
): Promise<void> {
  for (const name of await readdir(folder)) if (name.startsWith('journal-')) await rm(join(folder, name))
  let seq = 1
  for (const [place, frames] of generations.entries()) {
    const parts: Buffer[] = [Buffer.from(fileHeader(run, place + 1))]
    for (const [frame, [ms, ...events]] of frames.entries()) {
      const header = { frame: frame + 1, firstSeq: seq, events: events.length, at: after(ms) }
      parts.push(encodeFrame(header, encodeEvents(events)))
      seq += events.length
    }
    await writeFile(join(folder, journalName(place + 1)), Buffer.concat(parts))
  }
}

function infoOf(folder: string, plan: Plan): Session['info'] {
  return {
    format: 1,
    run: RUN,
    plan: plan.name,
    planPath: plan.path,
    stateDir: folder,
    folder,
    startedAt: BEGUN,
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

export const started = (plan: Plan): RunEvent => ({
  type: 'run.started',
  run: RUN,
  plan: plan.name,
  items: plan.items,
  threads: plan.threads,
  memory: plan.memory,
  epoch: 1,
})

export const recovered = (plan: Plan, change: Parameters<typeof recovery>[1] = {}): RunEvent =>
  recovery(plan, { run: RUN, ...change })

/** A line of samples.log: every thread uses as much. */
export function sampleLine(ms: number, used: readonly number[], more: object = {}): string {
  const threads = used.map((amount, place) => ({ thread: place + 1, used: amount, cap: 2048, ...more }))
  const all = used.reduce((sum, amount) => sum + amount, 0)
  const system = { total: 1000, available: 400 }
  return `${JSON.stringify({ at: after(ms), budget: 4096, used: all, system, threads })}\n`
}

export async function keepSamples({ folder }: Session, ...lines: readonly string[]): Promise<void> {
  for (const line of lines) await appendFile(join(folder, 'samples.log'), line)
}
