import { EXIT } from '../../model/errors.ts'
import { wallTime } from '../../model/units.ts'
import { statusObject } from '../../output/json.ts'
import { formatStatus } from '../../output/status.ts'
import type { ShowOptions, TargetOptions } from '../options.ts'
import { pictureOf } from '../pictures.ts'
import { findRun } from '../runs.ts'
import { openRun } from '../session.ts'
import { print } from '../terminal.ts'

export async function status(options: ShowOptions & TargetOptions): Promise<number> {
  const session = await openRun(await findRun(options, 'any'))
  try {
    const snapshot = await pictureOf(session)
    const now = wallTime(Date.now())
    await print(options.json ? `${JSON.stringify(statusObject(snapshot, now))}\n` : formatStatus(snapshot, now))
    return EXIT.ok
  } finally {
    session.connection?.close()
  }
}
