import { connect } from '../../link/client.ts'
import { EXIT } from '../../model/errors.ts'
import { millis, wallTime } from '../../model/units.ts'
import type { RunLine } from '../../output/runs.ts'
import { runJson, runsText } from '../../output/runs.ts'
import { elapsedOf } from '../../view/format.ts'
import type { ShowOptions, TargetOptions } from '../options.ts'
import { findSnapshot } from '../pictures.ts'
import type { KnownRun } from '../runs.ts'
import { findRuns, howToGoOn, unfinishedRuns } from '../runs.ts'
import { print, say } from '../terminal.ts'

export async function ls(options: ShowOptions & TargetOptions): Promise<number> {
  const known = await findRuns(options)
  const runs = await Promise.all(known.map(lineOf))
  if (options.json) await print(runs.map((run) => `${runJson(run)}\n`).join(''))
  else if (runs.length > 0) {
    await print(runsText(runs))
    const [unfinished] = unfinishedRuns(known)
    if (unfinished) say(howToGoOn(unfinished.info, `run ${unfinished.info.run}`))
  } else say('There are no runs here: `batchtop run PLAN` starts one.')
  return EXIT.ok
}

async function lineOf({ info, isLive }: KnownRun): Promise<RunLine> {
  const { run, plan, planPath, stateDir, startedAt, items, ended } = info
  const base = { run, plan, planPath, stateDir, startedAt, total: items }
  const live = isLive ? await liveLine(info.folder).catch(() => undefined) : undefined
  if (live) return { ...base, ...live }
  if (!ended) return { ...base, state: 'interrupted' }
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
