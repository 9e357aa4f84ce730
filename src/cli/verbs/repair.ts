import type { Examination } from '../../journal/examine.ts'
import { examineRun } from '../../journal/examine.ts'
import { takePlanLock } from '../../journal/lock.ts'
import { repairRun } from '../../journal/repair.ts'
import type { RunInfo } from '../../journal/run-info.ts'
import { BatchtopError, EXIT } from '../../model/errors.ts'
import { examinedText, repairedText } from '../../output/repair.ts'
import { ask } from '../ask.ts'
import { stateDirOf } from '../recover-run.ts'
import { findRun } from '../runs.ts'
import { isTerminal, print, say } from '../terminal.ts'
import { runLive } from '../unfinished.ts'
import type { RepairOptions } from '../verbs.ts'

export async function repair(options: RepairOptions): Promise<number> {
  if (options.run === undefined) {
    throw new BatchtopError('no-run', 'Say which run is to be repaired.', { hint: '`batchtop ls` lists them.' })
  }
  const { info, isLive } = await findRun(options, 'any')
  if (isLive) throw runLive(info)
  const examination = await examineRun(info.folder, info)
  await print(examinedText(info.run, examination))
  if (examination.damages.length === 0) return EXIT.ok
  if (!(await isWanted(options))) {
    say('Nothing was changed.')
    return EXIT.usage
  }
  const { kept } = await repairLocked(info, examination)
  await print(repairedText(info.run, { kept, hasEnded: examination.hasEnded }))
  return EXIT.ok
}

/** @throws BatchtopError `not-asked` (exit 2) where nobody can be asked */
async function isWanted({ yes }: RepairOptions): Promise<boolean> {
  if (yes) return true
  if (!isTerminal()) {
    throw new BatchtopError('not-asked', 'Nobody is there to be asked whether to repair it.', {
      hint: '--yes repairs it without asking.',
    })
  }
  return (await ask('Repair it? [y/n] ', { y: true, n: false })) === true
}

/** No supervisor can take the run up while it is repaired. */
async function repairLocked(info: RunInfo, examination: Examination) {
  const lock = takePlanLock(stateDirOf(info), { path: info.planPath, name: info.plan })
  if (!lock) throw runLive(info)
  try {
    return await repairRun(info.folder, info, { examination })
  } finally {
    lock.release()
  }
}
