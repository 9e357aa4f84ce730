/**
 * The promise, against SIGKILL: 50 kills of supervisors here, as many as wanted by `npm run test:crash`. What was reported is never lost
 * and never run again, whatever the moment.
 */
import { describe, expect, test, vi } from 'vitest'
import type { Dice } from './dice.ts'
import { createDice, SEED } from './dice.ts'
import type { KilledRun, Moment } from './killed-run.ts'
import { killInRuns, takeCheckpoints } from './killed-run.ts'

const KILLS = Number(process.env['BATCHTOP_CRASH_KILLS'] ?? 50)
const KILLS_A_RUN = 10
const RUNS = Array.from({ length: Math.ceil(KILLS / KILLS_A_RUN) }, (_, place) => SEED + place)

// Starting is mostly one process after the other: two runs at a time leave no core idle. Each start waits for the disk.
vi.setConfig({ maxConcurrency: 2, testTimeout: 300_000 })

describe.concurrent('killed at random moments', () => {
  test.each(RUNS)('a run loses nothing it reported and does nothing of it again (seed %i)', async (seed) => {
    const dice = createDice(seed)
    const { faults, checkpoints, commits } = await killInRuns(KILLS_A_RUN, {
      threads: () => 1 + dice.whole(3),
      killing: (run, kills) => killAgainAndAgain(run, { dice, kills }),
    })
    expect(faults).toEqual([])
    // The slower the disk is, the fewer there are of both.
    expect(checkpoints).toBeGreaterThan(0)
    expect(commits).toBeGreaterThan(KILLS_A_RUN)
  })
})

interface Killing {
  readonly dice: Dice
  readonly kills: number
}

async function killAgainAndAgain(run: KilledRun, { dice, kills }: Killing): Promise<void> {
  while (!run.isOver && run.kills < kills) {
    const moment = anyMoment({ dice, kills: kills - run.kills }, run.left)
    await run.session({ moment, meanwhile: (session) => takeCheckpoints(session, () => 20 + dice.whole(300)) })
  }
}

/** Such that the run is not over before its last kill; one in three whatever was reported by then, even in its start. */
function anyMoment({ dice, kills }: Killing, left: number): Moment {
  const most = Math.max(2, Math.floor(left / (kills + 1)))
  const items = 1 + dice.whole(most)
  return dice.whole(3) === 0 ? { items, ms: dice.whole(900) } : { items }
}
