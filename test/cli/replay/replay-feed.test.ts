import { appendFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { RelivedRun } from '../../../src/cli/replay/relived-run.ts'
import { ReplayFeed } from '../../../src/cli/replay/replay-feed.ts'
import { SamplesReader } from '../../../src/cli/replay/samples-reader.ts'
import type { Session } from '../../../src/cli/session.ts'
import { journalName } from '../../../src/journal/frame.ts'
import type { RunEvent } from '../../../src/model/event.ts'
import { itemIndex, threadNumber } from '../../../src/model/ids.ts'
import { millis } from '../../../src/model/units.ts'
import { buildPlan } from '../../helpers/build-plan.ts'
import { chunk, failed, retrying, succeeded } from '../../helpers/facts.ts'
import type { KeptFrame } from '../../helpers/kept-run.ts'
import { after, keepSamples, keptRun, recovered, sampleLine, started } from '../../helpers/kept-run.ts'

const HOUR = 3_600_000
const plan = buildPlan({
  threads: 2,
  batches: [
    { id: 'a', count: 3, attempts: 3 },
    { id: 'b', count: 2, needs: [{ kind: 'batch', index: 0, when: 'ended' }] },
  ],
})
const ready = (number: number): RunEvent => ({ type: 'thread.started', thread: threadNumber(number) })
const finished: RunEvent = {
  type: 'run.finished',
  outcome: 'succeeded',
  succeeded: 5,
  failed: 0,
  skipped: 0,
  left: 0,
  ms: millis(40_000),
  exit: 0,
}
const half: readonly KeptFrame[] = [
  [0, started(plan)],
  [100, ready(1), ready(2), chunk(0, [0, 1]), chunk(0, [2], 2)],
  [10_000, succeeded(0, [0], { ms: 9900 })],
  [20_000, retrying(2, after(25_000), { thread: 2 })],
]
const rest: readonly KeptFrame[] = [
  [26_000, chunk(0, [2], 2), succeeded(0, [1]), succeeded(0, [2], { thread: 2 })],
  [27_000, chunk(1, [3, 4]), succeeded(1, [3, 4])],
  [40_000, finished],
]

async function relived(session: Session): Promise<RelivedRun> {
  const run = await RelivedRun.open(session)
  onTestFinished(() => run.close())
  return run
}

/** Applies everything up to a moment, in ms after the start. */
async function upTo(run: RelivedRun, ms: number): Promise<void> {
  while (run.nextAt !== undefined && run.nextAt <= after(ms)) await run.step()
  await run.passTo(after(ms))
}

test('at every moment the picture is that of the run at that moment', async () => {
  const run = await relived(await keptRun(plan, [...half, ...rest]))
  await upTo(run, 15_000)
  const { head, threads, batches } = run.picture(after(15_000), true)
  expect(head).toMatchObject({ run: '7f3a', state: 'running', succeeded: 1, running: 2, queued: 2, total: 5 })
  expect(threads).toMatchObject([
    { state: 'running', item: { name: 'a-002', attempt: 1 }, clock: { since: after(10_000) }, done: 1 },
    { state: 'running', item: { name: 'a-003' }, clock: { since: after(100) } },
  ])
  expect(batches).toMatchObject([
    { state: 'running', running: 2 },
    { state: 'waiting', needs: ['a'] },
  ])
  await upTo(run, 24_000)
  expect(run.picture(after(24_000), true)).toMatchObject({
    head: { waiting: 1 },
    threads: [{ state: 'running' }, { state: 'retry', item: { name: 'a-003', attempt: 2 }, retryAt: after(25_000) }],
  })
  await upTo(run, 25_500)
  expect(run.picture(after(25_500), true).head).toMatchObject({ waiting: 0, queued: 3 })
  await upTo(run, 60_000)
  expect(run.nextAt).toBeUndefined()
  expect(run.picture(after(60_000), false).head).toMatchObject({
    state: 'ended',
    outcome: 'succeeded',
    exit: 0,
    succeeded: 5,
    clock: { elapsed: 40_000 },
  })
})

test('why an item is not running is answered for the moment that is shown', async () => {
  const run = await relived(await keptRun(plan, [...half, ...rest]))
  await upTo(run, 15_000)
  const why = (item: number, ms: number) => run.explain(itemIndex(item), after(ms))
  expect(why(1, 15_000)).toBe('a-002 runs on thread 1, attempt 1.')
  expect(why(3, 15_000)).toBe('b-001 waits: batch b needs a first.')
  await upTo(run, 21_000)
  expect(why(2, 21_000)).toBe('a-003 failed attempt 1 of 3 (threw: broken) and tries again in 4 s.')
})

test('the rate is that of the moment, and there is no ETA for what is over', async () => {
  const many = buildPlan({ threads: 1, batches: [{ id: 'a', count: 100 }] })
  const frames = Array.from(
    { length: 60 },
    (_, place): KeptFrame => [1000 * (place + 1), chunk(0, [place]), succeeded(0, [place], { ms: 1000 })],
  )
  const run = await relived(await keptRun(many, [[0, started(many)], ...frames]))
  await upTo(run, 30_000)
  const { head } = run.picture(after(30_000), true)
  expect(head.rate).toBeCloseTo(60, 0)
  expect(head.eta?.p50).toBeCloseTo(70_000, -3)
  expect(run.picture(after(30_000), false).head).not.toHaveProperty('eta')
})

test('a run whose journal just ends is interrupted, and what it was at is seen', async () => {
  const run = await relived(await keptRun(plan, half))
  await upTo(run, HOUR)
  expect(run.picture(run.at, false)).toMatchObject({
    head: { state: 'interrupted', succeeded: 1 },
    threads: [{ state: 'stopped', item: { name: 'a-002' }, clock: { elapsed: 10_000 } }, { state: 'stopped' }],
    batches: [{ state: 'left' }, { state: 'left' }],
  })
})

test('memory is that of the moment, with five minutes of the curve before it', async () => {
  const session = await keptRun(plan, [...half, [HOUR, failed(1)]])
  const lines = Array.from({ length: 3600 }, (_, second) => sampleLine(1000 * second, [second, 100], { cpu: 0.5 }))
  await keepSamples(session, lines.join(''))
  const run = await relived(session)
  await upTo(run, 12_000)
  expect(run.picture(after(12_000), true)).toMatchObject({
    memory: { used: 112, perThread: 2048, system: { total: 1000, available: 400 }, isKnown: true },
    threads: [
      { used: 12, cpu: 0.5, cap: 2048 },
      { used: 100, cap: 2048 },
    ],
  })
  expect(run.picture(after(12_000), true).memory.history).toEqual([100, 105, 110])
  await upTo(run, 1_800_000)
  const { history } = run.picture(after(1_800_000), true).memory
  expect(history).toHaveLength(60)
  expect(history.at(-1)).toBe(1900)
})

test('samples may be missing, cut or of before CPU was kept', async () => {
  const session = await keptRun(plan, half)
  expect(await new SamplesReader(session.folder).upTo(after(HOUR))).toEqual([])
  await keepSamples(session, 'no JSON\n', '{"at":5,"threads":\n', '{"at":6,"threads":[]}\n', sampleLine(500, [7]))
  await keepSamples(session, sampleLine(9000, [8]).slice(0, 60))
  const reader = new SamplesReader(session.folder)
  const found = await reader.upTo(after(HOUR))
  expect(found.map(({ sample }) => sample.threads)).toEqual([[{ thread: 1, used: 7, cpu: Number.NaN }]])
  await reader.close()
  const run = await relived(session)
  await upTo(run, 1000)
  const { memory } = run.picture(after(1000), true)
  expect(memory).toMatchObject({ isKnown: true, budgetNow: 4096 })
  expect(memory).not.toHaveProperty('backing')
})

test('a journal without an event is no run to look at', async () => {
  const session = await keptRun(plan, [[0, started(plan)]])
  await truncate(join(session.folder, journalName(1)), 50)
  await expect(RelivedRun.open(session)).rejects.toMatchObject({ code: 'no-events', exit: 4 })
})

/** A feed whose time is the test's own. */
async function playing(session: Session, { speed = 10, goesOn = undefined as string | undefined } = {}) {
  const run = await relived(session)
  const clock = { real: 0 }
  const feed = new ReplayFeed({
    run,
    folder: session.folder,
    speed,
    goesOn: async () => goesOn,
    real: () => clock.real,
  })
  /** So many ms of ours go by, with a look now and then. */
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1000) {
      clock.real += Math.min(1000, left)
      await feed.turn()
    }
  }
  return { feed, player: feed.player, pass, clock }
}

const shown = (feed: ReplayFeed): number => feed.player.now() - after(0)

test('it plays at its speed to the end and then stands still', async () => {
  const { feed, player, pass, clock } = await playing(await keptRun(plan, [...half, ...rest]))
  expect(feed.status()).toBe('live')
  expect(feed.snapshot().head).toMatchObject({ run: '7f3a', state: 'running' })
  await pass(1500)
  expect(shown(feed)).toBe(15_000)
  expect(feed.snapshot().head).toMatchObject({ succeeded: 1, running: 2 })
  await pass(2500)
  expect(feed.status()).toBe('ended')
  expect(feed.snapshot().head).toMatchObject({ state: 'ended', outcome: 'succeeded' })
  player.togglePause()
  player.faster()
  await pass(5000)
  clock.real += HOUR
  expect([shown(feed), player.isPaused(), player.speed()]).toEqual([40_000, false, 10])
  expect(feed.snapshot().head.state).toBe('ended')
})

test('whoever listens is told of every picture, and it plays by itself until it is closed', async () => {
  const session = await keptRun(plan, [...half, ...rest])
  const feed = new ReplayFeed({
    run: await RelivedRun.open(session),
    folder: session.folder,
    speed: 10_000,
    goesOn: async () => undefined,
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  feed.subscribe(() => {
    if (feed.status() === 'ended') resolve()
  })
  const played = feed.play()
  await promise
  expect(feed.snapshot().head).toMatchObject({ state: 'ended', succeeded: 5 })
  feed.close()
  await played
})

test('pause, faster and slower steer it', async () => {
  const { feed, player, pass, clock } = await playing(await keptRun(plan, [...half, ...rest]))
  await pass(1000)
  player.togglePause()
  await pass(60_000)
  expect(shown(feed)).toBe(10_000)
  expect(player.isPaused()).toBe(true)
  clock.real += HOUR
  player.togglePause()
  player.faster()
  expect(player.speed()).toBe(20)
  await pass(500)
  expect(shown(feed)).toBe(20_000)
  player.slower()
  player.slower()
  expect(player.speed()).toBe(5)
  await pass(1000)
  expect(shown(feed)).toBe(25_000)
})

test('nothing of it can be changed, and what was can be asked', async () => {
  const { feed, pass } = await playing(await keptRun(plan, [...half, ...rest]))
  await pass(1500)
  expect(await feed.send({ verb: 'stopRun', isNow: true })).toMatchObject({
    ok: false,
    message: 'This is a replay: nothing can be changed.',
  })
  expect(await feed.send({ verb: 'explainItem', item: itemIndex(0) })).toEqual({
    ok: true,
    message: 'a-001 succeeded at attempt 1.',
  })
  const { rows } = await feed.items({ from: 0, count: 3 })
  expect(rows.map(({ name, state }) => [name, state])).toEqual([
    ['a-001', 'succeeded'],
    ['a-002', 'running'],
    ['a-003', 'running'],
  ])
})

test('a long silence is crossed in five seconds, and said', async () => {
  const { feed, player, pass } = await playing(await keptRun(plan, [...half, [2 * HOUR, succeeded(0, [1])]]), {
    speed: 10,
  })
  await pass(2000)
  expect(player.note()).toBe('nothing new for 2 h')
  await pass(2500)
  expect(shown(feed)).toBeCloseTo(20_000 + (2 * HOUR - 20_000) / 2)
  await pass(2500)
  expect(shown(feed)).toBe(2 * HOUR)
  expect(feed.snapshot().head.succeeded).toBe(2)
})

test('the time in which nobody worked on the run is left out, and said', async () => {
  const again: readonly KeptFrame[] = [
    [5 * HOUR, recovered(plan)],
    [5 * HOUR + 1000, chunk(0, [1])],
    [5 * HOUR + 9000, succeeded(0, [1])],
  ]
  const { feed, player, pass } = await playing(await keptRun(plan, half, again))
  await pass(2000)
  expect(player.note()).toBe('the run went on 5 h later')
  expect(shown(feed)).toBe(5 * HOUR)
  expect(feed.snapshot().head).toMatchObject({ epoch: 2, state: 'running' })
  await pass(500)
  expect(feed.snapshot().threads[0]).toMatchObject({ item: { name: 'a-002', attempt: 2 } })
})

test('a run that went on with another plan is seen with each plan at its time', async () => {
  const next = buildPlan({
    threads: 1,
    batches: [
      { id: 'new', count: 4 },
      { id: 'a', count: 3 },
    ],
  })
  const log = { file: 0, offset: 10, length: 20 }
  const written: KeptFrame = [11_000, { ...succeeded(0, [1]), logs: [log] } as RunEvent]
  const kept = await keptRun(
    plan,
    [...half.slice(0, 3), written],
    [
      [HOUR, recovered(next, { planVersion: 2, new: 4, gone: 2, requeued: 1 })],
      [HOUR + 1000, chunk(0, [0])],
    ],
  )
  const run = await relived({ ...kept, plan: next, plans: [plan, next] })
  await upTo(run, 20_000)
  expect(run.picture(after(20_000), true).head).toMatchObject({ total: 5, succeeded: 2, running: 1 })
  expect(run.log(itemIndex(1))).toEqual({ thread: 1, log })
  await upTo(run, HOUR + 2000)
  expect(run.picture(after(HOUR + 2000), true)).toMatchObject({
    head: { total: 7, succeeded: 2, running: 1, queued: 4, epoch: 2 },
    batches: [{ id: 'new' }, { id: 'a', succeeded: 2 }],
    threads: [{ item: { name: 'new-001' } }],
  })
  expect(run.log(itemIndex(1))).toBeUndefined()
  expect(run.log(itemIndex(5))).toEqual({ thread: 1, log })
})

test('the end of the journal of a live run says where it goes on', async () => {
  const { feed, player, pass } = await playing(await keptRun(plan, half), {
    speed: 10,
    goesOn: 'live from here: attach',
  })
  await pass(1000)
  expect(player.note()).toBeUndefined()
  await pass(1000)
  expect(feed.status()).toBe('ended')
  expect(player.note()).toBe('live from here: attach')
  expect(feed.snapshot()).toMatchObject({ head: { state: 'running' }, threads: [{ state: 'running' }, {}] })
})

test('a run that crashed ends interrupted', async () => {
  const { feed, pass } = await playing(await keptRun(plan, half))
  await pass(2000)
  expect(feed.status()).toBe('ended')
  expect(feed.snapshot().head.state).toBe('interrupted')
  expect(shown(feed)).toBe(20_000)
})

test('a damaged journal is played up to the damage, which is said', async () => {
  const session = await keptRun(plan, half, [[30_000, recovered(plan)]])
  await appendFile(join(session.folder, journalName(1)), 'something else')
  await writeFile(join(session.folder, 'run.json'), '{}')
  const { feed, player, pass } = await playing(session, { goesOn: 'live' })
  await pass(2000)
  expect(feed.status()).toBe('ended')
  expect(player.note()).toMatch(/^Damaged journal: .*journal-00000001\.log at byte \d+/)
  expect(feed.problem).toMatchObject({ code: 'journal-damaged' })
  expect(feed.snapshot().head).toMatchObject({ state: 'interrupted', succeeded: 1 })
})

test('a replay that was stopped for hours goes on where it was', async () => {
  const { feed, pass, clock } = await playing(await keptRun(plan, [...half, ...rest]))
  await pass(1000)
  clock.real += 3 * HOUR
  await feed.turn()
  expect(shown(feed)).toBe(10_000)
  await pass(1000)
  expect(shown(feed)).toBe(20_000)
})

test('a journal that is too dense for its speed never takes more than its turn, and time follows what was reached', async () => {
  const frames = Array.from({ length: 50 }, (_, place): KeptFrame => [place + 1, chunk(0, [0])])
  const session = await keptRun(plan, [[0, started(plan)], ...frames])
  let real = 0
  const feed = new ReplayFeed({
    run: await relived(session),
    folder: session.folder,
    speed: 10_000,
    goesOn: async () => undefined,
    // Each look at the clock takes a millisecond: as if frames were large.
    real: () => (real += 1),
  })
  const turns: number[] = []
  while (await feed.turn()) turns.push(shown(feed))
  expect(turns.length).toBeGreaterThan(1)
  expect(turns).toEqual(turns.toSorted((a, b) => a - b))
  expect(shown(feed)).toBe(50)
})
