import { EXIT } from '../../model/errors.ts'
import { wallTime } from '../../model/units.ts'
import { statusObject } from '../../output/json.ts'
import { formatStatus } from '../../output/status.ts'
import type { ShowOptions, TargetOptions } from '../options.ts'
import { pictureOf } from '../pictures.ts'
import { chooseRun, findRuns, howToGoOn, unfinishedRuns } from '../runs.ts'
import { openRun } from '../session.ts'
import { print, say } from '../terminal.ts'

export async function status(options: ShowOptions & TargetOptions): Promise<number> {
  const runs = await findRuns(options)
  const known = chooseRun(runs, options.run, 'any')
  const session = await openRun(known)
  try {
    const snapshot = await pictureOf(session)
    const now = wallTime(Date.now())
    const pid = session.connection ? known.info.pid : undefined
    await print(options.json ? `${JSON.stringify(statusObject(snapshot, now, pid))}\n` : formatStatus(snapshot, now))
    if (!options.json && unfinishedRuns(runs).includes(known)) say(howToGoOn(known.info))
    return EXIT.ok
  } finally {
    session.connection?.close()
  }
}
