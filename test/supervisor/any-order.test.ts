/**
 * Whatever comes in whatever order: looks at memory, what threads report, what people ask for. Once everything is resumed and memory is
 * free, the run ends, and nothing is left paused or asked for.
 */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Command } from '../../src/model/command.ts'
import { itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import { bytes } from '../../src/model/units.ts'
import type { RunState } from '../../src/run/state.ts'
import { STATUS } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { runOf } from '../helpers/facts.ts'
import { FakeRun } from '../helpers/fake-run.ts'
import type { Step } from '../helpers/model-thread.ts'
import { ModelThread } from '../helpers/model-thread.ts'

const GB = 2 ** 30
const BASE = GB / 16
const ITEMS = 14

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Kind {
  /** Batches whose items are commands. */
  readonly byCommand: readonly string[]
  /** True: what fails is undone, and a breaker opens now and then. */
  readonly isGuarded?: boolean
}

const GUARDS = { undo: 'rm -f it', breaker: { failures: 0.5, of: 2, wait: 700 } }

/** Four threads of 2 GB that share 4 GB. */
function plan({ byCommand, isGuarded }: Kind): Plan {
  const batches = [
    { id: 'a', count: 8, attempts: 2 },
    { id: 'b', count: 6, attempts: 1, threads: [1, 2] },
  ].map((batch) => {
    return Object.assign(batch, byCommand.includes(batch.id) ? { run: 'true' } : {}, isGuarded ? GUARDS : {})
  })
  const built = buildPlan({ threads: 4, batches })
  return { ...built, memory: { ...built.memory, budget: bytes(4 * GB) } }
}

class World {
  readonly models = new Map<number, ModelThread>()
  readonly run: FakeRun
  readonly history: string[] = []
  hasStopped = false

  constructor(kind: Kind) {
    this.run = new FakeRun(plan(kind), {
      createThread: (number, run) => {
        const model = new ModelThread(number, (report) => run.report(report))
        this.models.set(number, model)
        return model
      },
    })
  }

  pass(ms: number): void {
    this.run.now += ms
    vi.advanceTimersByTime(ms)
    this.run.sync()
  }

  /** What threads use, as shares of their cap. */
  look(shares: readonly number[], available = 14 * GB): void {
    const there = [...this.models.values()].filter(({ isThere }) => isThere)
    const used = there.map(({ number }) => [number, BASE + 2 * GB * (shares[number - 1] ?? 0)] as const)
    this.run.used(Object.fromEntries(used), available)
    this.run.sync()
  }

  /** @param choice picks one of what may happen to it; accidents are rare */
  step(thread: number, choice: number): void {
    const all = this.models.get(thread)?.steps() ?? []
    const usual = all.filter((one) => one !== 'die' && one !== 'overflow')
    const steps = usual.length > 0 && choice < 55 ? usual : all
    if (steps.length > 0) this.take(thread, steps[choice % steps.length] as Step)
  }

  take(thread: number, step: Step): void {
    this.history.push(`${thread} ${step}`)
    this.models.get(thread)?.step(step)
    this.run.sync()
  }

  command(command: Command): void {
    if (this.run.isFinished) return
    if (command.verb === 'stopRun') this.hasStopped = true
    this.run.command(command)
    this.run.sync()
  }

  /** People take back their pauses, and leave the governor's to it. */
  resumeOwn(): void {
    const own = this.run.core.live.threads.filter(({ pause, pausedBy }) => pause !== 'none' && pausedBy === 'user')
    if (own.length > 0) this.command({ verb: 'resumeThreads', threads: own.map(({ thread }) => thread) })
  }

  /** People let everything go on, memory is free, and threads do what they were asked for. */
  settle(): void {
    for (let round = 0; round < 300 && !this.run.isFinished; round += 1) {
      // An item that is skipped for good under a paused thread is nobody's to wait for.
      if (round % 20 === 0) this.resumeOwn()
      for (const [thread, model] of this.models) {
        const step = model.steps().find((one) => one !== 'die')
        if (step) this.take(thread, step)
      }
      this.pass(200)
      this.look([])
    }
  }

  /** Memory is what items take: it grows while they run, stays while they stand, and comes back when they are off their thread. */
  live(sizes: readonly number[]): void {
    const taken = new Map<number, number>()
    for (let round = 0; round < 2000 && !this.run.isFinished; round += 1) {
      if (round % 50 === 0) this.resumeOwn()
      for (const [thread, model] of this.models) {
        const size = sizes[model.item ?? -1] ?? 0
        const has = taken.get(thread) ?? 0
        if (model.item === undefined) taken.delete(thread)
        else if (model.isRunning) taken.set(thread, Math.min(size, has + 0.1))
        const isDone = has >= size
        const step = model.steps().find((one) => one !== 'die' && (isDone || !['succeed', 'fail'].includes(one)))
        if (step && step !== 'overflow') this.take(thread, step)
      }
      this.pass(100)
      this.look(Array.from({ length: 5 }, (_, place) => taken.get(place + 1) ?? 0))
    }
  }

  get picture(): string {
    const threads = this.run.core.live.threads.map(({ thread, process, pause, pausedBy, held, isLeaving }) => {
      const steps = this.models.get(thread)?.steps() ?? []
      const items = held?.chunk.items.join(' ') ?? 'nothing'
      const pauseOf = `${pause} ${pausedBy}${isLeaving ? ' leaving' : ''}`
      return `${thread} ${process} ${pauseOf} holds ${items} may ${steps.join(' ')}`
    })
    return [...threads, this.run.core.live.lacks ?? '', ...this.history.slice(-60)].join('\n')
  }
}

type Act = (world: World) => void

const logged =
  (name: string, act: Act): Act =>
  (world) => {
    world.history.push(name)
    act(world)
  }

const threadNumbers = fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
const looks = fc
  .tuple(
    fc.array(fc.constantFrom(0, 0.1, 0.3, 0.4, 0.45, 0.48, 0.55, 0.6, 0.9, 1.02, 1.3), { minLength: 4, maxLength: 4 }),
    fc.constantFrom(14 * GB, 14 * GB, 14 * GB, 3 * GB, GB),
  )
  .map(([shares, available]) => logged(`look ${shares.join(' ')}`, (world) => world.look(shares, available)))
const steps = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 59 })).map(
  ([thread, choice]): Act =>
    (world) =>
      world.step(thread, choice),
)
const passes = fc
  .constantFrom(1, 20, 100, 210, 700, 5000, 61_000)
  .map((ms) => logged(`pass ${ms}`, (world) => world.pass(ms)))
const item = fc.integer({ min: 0, max: ITEMS - 1 }).map(itemIndex)
const commands = fc
  .oneof<fc.Arbitrary<Command>[]>(
    threadNumbers.map((threads) => ({ verb: 'pauseThreads', threads: threads.map(threadNumber), drain: false })),
    threadNumbers.map((threads) => ({ verb: 'pauseThreads', threads: threads.map(threadNumber), drain: true })),
    threadNumbers.map((threads) => ({ verb: 'resumeThreads', threads: threads.map(threadNumber) })),
    fc.constant({ verb: 'resumeThreads' }),
    fc.integer({ min: 1, max: 5 }).map((to) => ({ verb: 'setThreads', to })),
    fc.tuple(item, fc.boolean()).map(([one, isNow]) => ({ verb: 'endItem', item: one, isNow })),
    item.map((one) => ({ verb: 'skipItems', items: [one] })),
    fc.constant({ verb: 'retryItems', items: 'failed' }),
    fc.constant({ verb: 'reclaimMemory' }),
  )
  .map((command) => logged(JSON.stringify(command), (world) => world.command(command)))
const troubles = fc
  .constantFrom('no space', undefined, undefined, undefined)
  .map((trouble) => logged(`disk ${trouble}`, (world) => world.run.trouble(trouble)))
const stops = fc.boolean().map((isNow) => logged(`stop ${isNow}`, (world) => world.command({ verb: 'stopRun', isNow })))

const acts = fc.array(
  fc.oneof(
    { weight: 24, arbitrary: steps },
    { weight: 15, arbitrary: looks },
    { weight: 9, arbitrary: passes },
    { weight: 9, arbitrary: commands },
    { weight: 1, arbitrary: troubles },
  ),
  { minLength: 10, maxLength: 120, size: 'max' },
)

/** Shares of a thread's cap, by item. */
const sizes = fc.array(fc.constantFrom(0.05, 0.3, 0.6, 0.9, 0.98, 1.2), { minLength: ITEMS, maxLength: ITEMS })

function begun(kind: Kind): World {
  const world = new World(kind)
  for (const thread of [1, 2, 3, 4]) world.step(thread, 0)
  return world
}

function perform(world: World, act: Act): void {
  act(world)
  // Whatever the governor begins has an end before it is begun again.
  const open = world.run.core.governing.acts.map(({ stage, thread }) => `${stage} ${thread}`)
  if (new Set(open).size < open.length) throw new Error(`begun twice: ${open.join(', ')}\n${world.picture}`)
}

function expectEnded(world: World): void {
  const { run } = world
  if (!run.isFinished) throw new Error(`stuck:\n${world.picture}`)
  vi.clearAllTimers()
}

/** All that failed for good, and nothing else, once. */
function expectUndone(world: World, kind: Kind): void {
  const { state } = world.run.core
  const failed = [...state.items.status.keys()].filter((place) => state.items.status[place] === STATUS.failed)
  expect([...state.undone.keys()].toSorted((one, other) => one - other)).toEqual(kind.isGuarded ? failed : [])
  expectReplayed(world, kind)
}

function guardFacts({ batches, undone }: RunState): object {
  return { undone, batches: batches.map(({ breaker, toUndo, toUndoDurably }) => ({ breaker, toUndo, toUndoDurably })) }
}

/** The journal says all of it. */
function expectReplayed({ run }: World, kind: Kind): void {
  const { core, events } = run
  const replayed = runOf(plan(kind), events)
  expect(guardFacts(replayed)).toEqual(guardFacts(core.state))
}

const RUNS = { numRuns: 250, seed: 4 }

describe.each([
  { work: 'of task modules', byCommand: [] },
  { work: 'of commands', byCommand: ['a', 'b'] },
  { work: 'of both', byCommand: ['b'] },
  { work: 'that is undone when it fails, and held back', byCommand: ['b'], isGuarded: true },
])('in whatever order things come, work $work', (kind) => {
  test('the run ends once everything is resumed and memory is free', () => {
    fc.assert(
      fc.property(acts, (list) => {
        const world = begun(kind)
        for (const act of list) perform(world, act)
        world.run.trouble(undefined)
        world.settle()
        expectEnded(world)
        expectUndone(world, kind)
        const paused = [...world.run.core.state.threads.values()].filter(({ paused: by }) => by?.by === 'governor')
        expect(paused).toEqual([])
        expect(world.run.events.at(-1)).toMatchObject({ left: 0 })
      }),
      RUNS,
    )
  })

  test('and also where memory is what items take, and those fail that need more than a thread may have', () => {
    fc.assert(
      fc.property(acts, sizes, (list, shares) => {
        const world = begun(kind)
        for (const act of list) perform(world, act)
        world.run.trouble(undefined)
        world.live(shares)
        expectEnded(world)
        expectUndone(world, kind)
        expect(world.run.events.at(-1)).toMatchObject({ left: 0 })
      }),
      RUNS,
    )
  })

  test('a stop ends it as well', () => {
    fc.assert(
      fc.property(acts, stops, acts, (before, stop, after) => {
        const world = begun(kind)
        for (const act of [...before, stop, ...after.slice(0, 30)]) perform(world, act)
        world.run.trouble(undefined)
        world.settle()
        expectEnded(world)
        expectReplayed(world, kind)
      }),
      RUNS,
    )
  })
})
