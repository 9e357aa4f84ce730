import { connect } from '../../link/client.ts'
import { EXIT } from '../../model/errors.ts'
import { millis, wallTime } from '../../model/units.ts'
import type { RunLine } from '../../output/runs.ts'
import { runJson, runsText } from '../../output/runs.ts'
import { elapsedOf } from '../../view/format.ts'
import type { ShowOptions, TargetOptions } from '../options.ts'
import { findSnapshot } from '../pictures.ts'
import { reachedBy } from '../reached.ts'
import type { KnownRun } from '../runs.ts'
import { findRuns, howToGoOn, unfinishedRuns } from '../runs.ts'
import { print, say } from '../terminal.ts'

/** How many interrupted runs are read for how far they got: of a large one that takes a moment. */
const MOST_READ = 5

export async function ls(options: ShowOptions & TargetOptions): Promise<number> {
  const known = await findRuns(options)
  const read = new Set(known.filter(isInterrupted).slice(0, MOST_READ))
  const runs = await Promise.all(known.map((run) => lineOf(run, read.has(run))))
  if (options.json) await print(runs.map((run) => `${runJson(run)}\n`).join(''))
  else if (runs.length > 0) {
    await print(runsText(runs))
    const [unfinished] = unfinishedRuns(known)
    if (unfinished) say(howToGoOn(unfinished.info, `run ${unfinished.info.run}`))
  } else say('There are no runs here: `batchtop run PLAN` starts one.')
  return EXIT.ok
}

const isInterrupted = ({ info, isLive }: KnownRun): boolean => !isLive && !info.ended

/** @param isRead whether an interrupted run is read for how far it got */
async function lineOf(known: KnownRun, isRead: boolean): Promise<RunLine> {
  const { info, isLive } = known
  const { run, plan, planPath, stateDir, startedAt, items, ended } = info
  const base = { run, plan, planPath, stateDir, startedAt, total: items }
  const live = isLive ? await liveLine(info.folder).catch(() => undefined) : undefined
  if (live) return { ...base, ...live }
  if (!ended) {
    // One that is damaged is in the list all the same.
    const reached = isRead ? await reachedBy(known).catch(() => undefined) : undefined
    return { ...base, state: 'interrupted', ...(reached && { elapsed: reached.elapsed, counts: reached.counts }) }
  }
  const { succeeded, failed, skipped, outcome, exit, ms } = ended
  return { ...base, state: 'ended', elapsed: ms, counts: { succeeded, failed, skipped }, outcome, exit }
}

async function liveLine(folder: string): Promise<Pick<RunLine, 'state' | 'elapsed' | 'counts'>> {
  const connection = await connect(folder)
  try {
    const { head } = await findSnapshot(connection)
    const { succeeded, failed, skipped } = head
    const elapsed = elapsedOf(head.clock, wallTime(Date.now()))
    return { state: head.state, elapsed: millis(elapsed), counts: { succeeded, failed, skipped } }
  } finally {
    connection.close()
  }
}
