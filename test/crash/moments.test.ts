/** Kills at chosen moments of a run of some thousand items: in checkpoints, in start-up, of hosts, of clients, and two that recover at once. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../helpers/until.ts'
import type { Line } from './audit.ts'
import { createDice, SEED } from './dice.ts'
import type { Session } from './killed-run.ts'
import { KilledRun, takeCheckpoints } from './killed-run.ts'
import { hostsOf, kill, supervisorsIn } from './processes.ts'

let run: KilledRun
const dice = createDice(SEED)
const of = (events: readonly Line[], type: string) => events.filter((line) => line.type === type)

beforeEach(async () => {
  run = await KilledRun.open()
})
afterEach(() => run.close())

test(`killed in the middle of checkpoints a run goes on as if there had been none (seed ${SEED})`, async () => {
  const kills = 12
  while (!run.isOver && run.kills < kills) {
    const items = 1 + dice.whole(Math.max(1, Math.floor(run.left / (kills - run.kills + 1))))
    // Whatever a checkpoint does to files: the next journal file, its own temporary one, its place.
    const file = dice.oneOf([/^journal-/, /^\.checkpoint\.json/, /^checkpoint\.json$/])
    await run.session({ moment: { items, file }, meanwhile: (session) => takeCheckpoints(session, () => 1) })
    await writeFile(join(run.folder ?? '', '.checkpoint.json.tmp'), '{"format":1,"seal":"')
  }
  const { faults, events } = await run.finish()
  expect(faults).toEqual([])
  expect(run.kills).toBeGreaterThan(kills / 2)
  expect(of(events, 'checkpoint.written').length).toBeGreaterThan(kills)
})

test(`supervisors killed again and again while they start cost nothing (seed ${SEED})`, async () => {
  await run.session({
    // Paused, so that those to come are killed for nothing but their own start.
    meanwhile: async (session) => {
      await session.items(100)
      await send(session, { verb: 'pauseThreads', drain: false })
      await kill((await session.supervisor()) as number)
    },
  })
  for (let start = 0; start < 12; start += 1) await run.session({ moment: { items: 1, ms: dice.whole(500) } })
  expect(run.kills).toBe(12)
  await run.session({ meanwhile: (session) => send(session, { verb: 'resumeThreads' }) })
  const { faults, events } = await run.finish()
  expect(faults).toEqual([])
  expect(of(events, 'item.succeeded').length).toBe([...run.plan.fates.values()].filter(isSuccess).length)
})

test(`hosts killed at random cost no reported item anything (seed ${SEED})`, async () => {
  await run.session({
    meanwhile: async (session) => {
      const supervisor = (await session.supervisor()) as number
      while (!session.signal.aborted) {
        let hosts: readonly number[] = []
        const areBack = async () => (hosts = await hostsOf(supervisor)).length === 2 || session.signal.aborted
        await until(areBack, { instead: () => `${hosts.length} hosts` })
        // What ran under the one before has run again by then: nothing is ever lost with three hosts.
        await session.items(session.lines.length + 40 + dice.whole(40))
        if (!session.signal.aborted) await kill(dice.oneOf(hosts))
      }
    },
  })
  const { faults, events } = await run.finish()
  expect(faults).toEqual([])
  expect(of(events, 'thread.replaced').length).toBeGreaterThan(2)
})

test(`killed clients change nothing, whether they watch or start a supervisor (seed ${SEED})`, async () => {
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
  await box.run('recover', '-R', 'last', '-d')
  expect((await box.run('wait', '-R', 'last')).code).toBe(1)
  expect((await run.look()).faults).toEqual([])
})

test(`of two that recover a run at the same moment one does, the other says who has it (seed ${SEED})`, async () => {
  await run.session({ moment: { items: 100 } })
  for (let round = 0; round < 4 && !run.isOver; round += 1) {
    const moment = { items: 100 + dice.whole(200) }
    const both = await Promise.all([run.session({ moment, codes: [75] }), run.session({ moment, codes: [75] })])
    expect(both.map(({ code }) => code).toSorted((left, right) => (left ?? 0) - (right ?? 0))).toEqual([3, 75])
    expect(both.find(({ code }) => code === 75)?.err).toMatch(/is live|is running already/)
  }
  const { faults, events } = await run.finish()
  expect(faults).toEqual([])
  expect(of(events, 'run.recovered').map(({ epoch }) => epoch)).toEqual([2, 3, 4, 5, 6])
})

function isSuccess({ type }: { readonly type: string }): boolean {
  return type === 'item.succeeded'
}

async function send(session: Session, command: Parameters<Awaited<ReturnType<Session['connect']>>['send']>[0]) {
  const connection = await session.connect()
  await connection.send(command)
  connection.close()
}
