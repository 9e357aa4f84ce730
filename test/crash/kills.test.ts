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
    for (let kills = 0; kills < KILLS_A_RUN; ) {
      const run = await KilledRun.open(1 + dice.whole(3))
      try {
        await killAndFinish(run, { dice, kills: KILLS_A_RUN - kills })
        kills += run.kills
      } finally {
        await run.close()
      }
    }
  })
})

async function killAndFinish(run: KilledRun, { dice, kills }: { readonly dice: Dice; readonly kills: number }) {
  while (!run.isOver && run.kills < kills) {
    const moment = anyMoment(dice, { left: run.left, kills: kills - run.kills })
    await run.session({ moment, meanwhile: (session) => takeCheckpoints(session, () => 20 + dice.whole(300)) })
  }
  const { faults, events } = await run.finish()
  expect(faults).toEqual([])
  const count = (type: string) => events.filter((line) => line.type === type).length
  expect(count('run.recovered')).toBeGreaterThan(0)
  expect(count('checkpoint.written')).toBeGreaterThan(2)
  expect(await run.commits()).toBeGreaterThan(100)
}

/**
 * Such that the run is not over before its last kill. Two of three let more items end than were on threads: what is on a thread at five
 * deaths counts as their cause.
 */
function anyMoment(dice: Dice, { left, kills }: { readonly left: number; readonly kills: number }): Moment {
  const most = Math.max(2, Math.floor(left / (kills + 1)))
  const items = 1 + dice.whole(most)
  return dice.whole(3) === 0 ? { items, ms: dice.whole(900) } : { items }
}
