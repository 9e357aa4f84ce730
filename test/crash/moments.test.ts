/** Kills at chosen moments of a run of some thousand items: in checkpoints, in start-up, of hosts, of clients, and two that recover at once. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test as base, expect, vi } from 'vitest'
import type { Command } from '../../src/model/command.ts'
import type { Ended } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'
import type { Line } from './audit.ts'
import type { Dice } from './dice.ts'
import { createDice, SEED } from './dice.ts'
import type { Session } from './killed-run.ts'
import { KilledRun, killInRuns, takeCheckpoints } from './killed-run.ts'
import { hostsOf, kill, supervisorsIn } from './processes.ts'

vi.setConfig({ maxConcurrency: 2, testTimeout: 300_000 })

interface Fixtures {
  readonly run: KilledRun
  readonly dice: Dice
}

const test = base.extend<Fixtures>({
  // Vitest reads what a fixture needs from its text.
  // oxlint-disable-next-line no-empty-pattern
  run: async ({}, use) => {
    const run = await KilledRun.open()
    await use(run)
    await run.close()
  },
  // oxlint-disable-next-line no-empty-pattern
  dice: async ({}, use) => use(createDice(SEED)),
})
const KILLS = 8

const of = (events: readonly Line[], type: string) => events.filter((line) => line.type === type)

test.concurrent(`killed in the middle of checkpoints a run goes on as if there had been none (seed ${SEED})`, async ({
  dice,
}) => {
  const killing = async (run: KilledRun, kills: number) => {
    while (!run.isOver && run.kills < kills) {
      const items = 1 + dice.whole(Math.max(1, Math.floor(run.left / (kills - run.kills + 1))))
      // Whatever a checkpoint does to files: the next journal file, its own temporary one, its place.
      const file = dice.oneOf([/^journal-/, /^\.checkpoint\.json/, /^checkpoint\.json$/])
      await run.session({ moment: { items, file }, meanwhile: (session) => takeCheckpoints(session, () => 1) })
      await writeFile(join(run.folder ?? '', '.checkpoint.json.tmp'), '{"format":1,"seal":"')
    }
  }
  const { faults, checkpoints } = await killInRuns(KILLS, { killing })
  expect(faults).toEqual([])
  // The slower the disk is, the fewer.
  expect(checkpoints).toBeGreaterThan(KILLS / 2)
})

test.concurrent(`supervisors killed again and again while they start cost nothing (seed ${SEED})`, async ({
  run,
  dice,
}) => {
  // Paused, so that those to come are killed for nothing but their own start.
  await run.session({ meanwhile: (session) => pauseAndDie(run, session) })
  for (let start = 0; start < 8; start += 1) await run.session({ moment: { items: 1, ms: dice.whole(500) } })
  expect(run.kills).toBe(9)
  await run.session({ meanwhile: (session) => send(session, { verb: 'resumeThreads' }) })
  const { faults, events } = await run.finish()
  expect(faults).toEqual([])
  expect(of(events, 'item.succeeded').length).toBe([...run.plan.fates.values()].filter(isSuccess).length)
})

test.concurrent(`hosts killed at random cost no reported item anything (seed ${SEED})`, async ({ run, dice }) => {
  await run.session({
    meanwhile: async (session) => {
      const supervisor = (await session.supervisor()) as number
      while (!session.signal.aborted) {
        let hosts: readonly number[] = []
        const areBack = async () => (hosts = await hostsOf(supervisor)).length === 2 || session.signal.aborted
        await until(areBack, { instead: () => `${hosts.length} hosts` })
        // What ran under the one before has run again by then: an item that loses three hosts fails.
        await session.items(session.lines.length + 20 + dice.whole(40))
        if (!session.signal.aborted) await kill(dice.oneOf(hosts))
      }
    },
  })
  const { faults, events } = await run.finish()
  expect(faults).toEqual([])
  expect(of(events, 'thread.replaced').length).toBeGreaterThan(0)
})

test.concurrent(`killed clients change nothing, whether they watch or start a supervisor (seed ${SEED})`, async ({
  run,
  dice,
}) => {
  const { box, plan } = run
  expect((await box.run('run', plan.path, '-d')).code).toBe(0)
  for (let round = 0; round < 6; round += 1) {
    const watcher = box.start(['events', '--follow', '-R', 'last'])
    const [supervisor] = await supervisorsIn(box.stateDir)
    await setTimeout(dice.whole(200))
    if (supervisor !== undefined) await kill(supervisor)
    const starter = box.start(['recover', '-R', 'last', '-d'])
    await setTimeout(dice.whole(700))
    for (const { child, ended } of [watcher, starter]) {
      child.kill('SIGKILL')
      await ended
    }
  }
  let ended: readonly (number | null)[] = []
  const goesOn = async () => {
    ended = [await box.run('recover', '-R', 'last', '-d'), await box.run('wait', '-R', 'last')].map(({ code }) => code)
    // A supervisor whose client was killed while it started has the run until it has gone as well.
    return ended[0] !== 75 || ended[1] !== 3
  }
  await until(goesOn, { instead: () => ended.join() })
  expect(ended[1]).toBe(1)
  expect((await run.look()).faults).toEqual([])
})

test.concurrent(`of two that recover a run at the same moment one does, the other says who has it (seed ${SEED})`, async ({
  run,
}) => {
  await run.session({ meanwhile: (session) => pauseAndDie(run, session) })
  for (let round = 0; round < 4; round += 1) {
    const both: Promise<Ended>[] = []
    // Whoever has it lives until the other has given up.
    const meanwhile = async (session: Session) => {
      await Promise.race(both)
      await die(run, session)
    }
    both.push(run.session({ meanwhile, codes: [75] }), run.session({ meanwhile, codes: [75] }))
    const ended = await Promise.all(both)
    expect(ended.map(({ code }) => code).toSorted((left, right) => (left ?? 0) - (right ?? 0))).toEqual([3, 75])
    expect(ended.find(({ code }) => code === 75)?.err).toMatch(/is live|is running already/)
  }
  await run.session({ meanwhile: (session) => send(session, { verb: 'resumeThreads' }) })
  const { faults, events } = await run.finish()
  expect(faults).toEqual([])
  expect(of(events, 'run.recovered').map(({ epoch }) => epoch)).toEqual([2, 3, 4, 5, 6])
})

function isSuccess({ type }: { readonly type: string }): boolean {
  return type === 'item.succeeded'
}

/** Some items end, then everything is paused and the supervisor killed: whoever goes on does nothing until it is resumed. */
async function pauseAndDie(run: KilledRun, session: Session): Promise<void> {
  await session.items(100)
  await send(session, { verb: 'pauseThreads', drain: false })
  await die(run, session)
}

async function die(run: KilledRun, session: Session): Promise<void> {
  const supervisor = await session.supervisor()
  if (supervisor !== undefined && (await kill(supervisor))) run.kills += 1
}

async function send(session: Session, command: Command): Promise<void> {
  const connection = await session.connect()
  await connection.send(command)
  connection.close()
}
