/**
 * The promise, against SIGKILL: 50 kills of supervisors here, as many as wanted by `npm run test:crash`. What was reported is never lost
 * and never run again, whatever the moment.
 */
import { describe, expect, test, vi } from 'vitest'
import type { Dice } from './dice.ts'
import { createDice, SEED } from './dice.ts'
import type { Moment } from './killed-run.ts'
import { KilledRun, takeCheckpoints } from './killed-run.ts'

const KILLS = Number(process.env['BATCHTOP_CRASH_KILLS'] ?? 50)
const KILLS_A_RUN = 10
const RUNS = Array.from({ length: Math.ceil(KILLS / KILLS_A_RUN) }, (_, place) => SEED + place)

// Starting is mostly one process after the other: two runs at a time leave no core idle.
vi.setConfig({ maxConcurrency: 2 })

describe.concurrent('killed at random moments', () => {
  test.each(RUNS)('a run loses nothing it reported and does nothing of it again (seed %i)', async (seed) => {
    const dice = createDice(seed)
    const sum = { kills: 0, checkpoints: 0, commits: 0 }
    // More than one run where the first is over before its last kill.
    while (sum.kills < KILLS_A_RUN) {
      const run = await KilledRun.open(1 + dice.whole(3))
      try {
        await killAgainAndAgain(run, { dice, kills: KILLS_A_RUN - sum.kills })
        const { faults, events } = await run.finish()
        expect(faults).toEqual([])
        sum.kills += run.kills
        sum.checkpoints += events.filter(({ type }) => type === 'checkpoint.written').length
        sum.commits += await run.commits()
      } finally {
        await run.close()
      }
    }
    expect(sum.checkpoints).toBeGreaterThan(2)
    expect(sum.commits).toBeGreaterThan(100)
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
