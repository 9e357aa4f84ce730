/**
 * Runs made-up items on made-up threads in steps of 10 ms, with the governor looking and its wishes carried out as late as real threads do.
 * What must never happen is noted while it runs; the rest is for the tests to hold against `Outcome`.
 */
import { fitsInto, roomOf } from '../../src/govern/admission.ts'
import { meterBudget } from '../../src/govern/budget.ts'
import { noteItemEnded, noteReclaimed } from '../../src/govern/governor.ts'
import { decide } from '../../src/govern/ladder.ts'
import type { Action, Look, ThreadLook } from '../../src/govern/look.ts'
import { pace } from '../../src/govern/pace.ts'
import { expectedSize } from '../../src/govern/sizes.ts'
import { noteRefused, noteStarted, roomFor } from '../../src/govern/turns.ts'
import { batchIndex, threadNumber } from '../../src/model/ids.ts'
import type { Bytes } from '../../src/model/units.ts'
import { bytes, wallTime } from '../../src/model/units.ts'
import type { FakeItem } from './workload.ts'
import { liveAt, MB } from './workload.ts'
import type { Acted, Fake, Setup, World } from './world.ts'
import { createWorld, totalOf, usedBy } from './world.ts'

const STEP_MS = 10
const HELD_MS = 200
const LONGEST_MS = 1_800_000

export interface Outcome {
  readonly hasEnded: boolean
  readonly ms: number
  readonly done: number
  /** Items that failed for good: they took more than the cap. */
  readonly failed: readonly FakeItem[]
  /** Attempts thrown away, by the item. */
  readonly evicted: readonly FakeItem[]
  readonly overCap: readonly FakeItem[]
  readonly acted: readonly Acted[]
  /** Largest share of the plan's budget, at any step. */
  readonly peak: number
  /** Steps above the line `act`, and all steps. */
  readonly above: number
  readonly steps: number
  /** Largest share of its cap that a thread reached. */
  readonly fullest: number
  /** Longest time in which nothing ran although work was left and nobody but the governor held it up. */
  readonly stall: number
  /** Longest pause by the governor. */
  readonly longestPause: number
  /** When items started, in order. */
  readonly starts: readonly { readonly item: FakeItem; readonly at: number }[]
  /** What must never happen. */
  readonly wrong: readonly string[]
}

export function simulate(setup: Setup): Outcome {
  const world = createWorld(setup)
  const most = { peak: 0, above: 0, steps: 0, fullest: 0, stall: 0, longestPause: 0, idle: 0 }
  while (!isOver(world) && world.now < LONGEST_MS) {
    world.now += STEP_MS
    for (const fake of world.fakes) step(world, fake)
    if (setup.personUntil !== undefined) person(world, setup.personUntil)
    if (world.now >= world.lookAt) lookAround(world)
    observe(world, most)
  }
  const { acted, evicted, overCap, failed, wrong, done, now, starts } = world
  return {
    hasEnded: isOver(world),
    ms: now - world.startedAt,
    done,
    failed,
    evicted,
    overCap,
    acted,
    wrong,
    starts,
    ...most,
  }
}

function isOver({ fakes, queue }: World): boolean {
  return queue.length === 0 && fakes.every(({ item, state }) => item === undefined && state !== 'leaving')
}

/** One thread goes on for a step. */
function step(world: World, fake: Fake): void {
  const { now } = world
  if (fake.state === 'leaving') return now >= fake.leaveAt ? gone(world, fake) : undefined
  if (fake.state === 'stopping' && now >= fake.stopAt) {
    fake.state = 'standing'
    fake.standsSince = now
    fake.isFrozen = fake.by === 'user' || fake.isFrozen
  }
  if (now >= fake.reclaimAt && !fake.isFrozen && !(fake.isUserPaused && fake.state === 'idle')) collected(world, fake)
  if (fake.item && (fake.state === 'running' || fake.state === 'stopping')) advance(world, fake, fake.item)
}

function advance(world: World, fake: Fake, item: FakeItem): void {
  fake.progress += STEP_MS
  fake.live = liveAt(item, fake.progress)
  fake.garbage += item.litter * STEP_MS
  // The engine collects by itself, heaps sooner than Buffers.
  if (fake.garbage > Math.max((item.isHeap ? 32 : 64) * MB, fake.live * 0.5)) {
    fake.garbage = 0
    if (item.isHeap) fake.leftover = 0
  }
  if (fake.progress >= item.ms) ended(world, fake, item)
}

function ended(world: World, fake: Fake, item: FakeItem): void {
  world.done += 1
  const batch = (world.peaks[item.batch] ??= [])
  batch.push(fake.peak)
  batch.sort((a, b) => a - b)
  if (!fake.isShell) fake.leftover = Math.max(fake.leftover, (fake.live + fake.garbage) * item.left)
  noteItemEnded(world.governor, threadNumber(fake.thread))
  idle(fake)
}

function idle(fake: Fake): void {
  Object.assign(fake, {
    item: undefined,
    state: 'idle',
    by: undefined,
    live: 0,
    garbage: 0,
    expected: 0,
    peak: 0,
    unstarted: 0,
    isFrozen: false,
    stopAt: Infinity,
    // What did not hear while it worked hears now.
    ...(fake.reclaimAt === Infinity ? {} : { reclaimAt: 0 }),
  })
}

function collected(world: World, fake: Fake): void {
  if (fake.item?.isDeaf) return
  const before = usedBy(fake)
  fake.garbage = 0
  fake.leftover = 0
  fake.reclaimAt = Infinity
  const share = before > 0 ? (before - usedBy(fake)) / before : 0
  noteReclaimed(world.governor, threadNumber(fake.thread), share, wallTime(world.now))
}

/** The process is gone, another one stands ready. */
function gone(world: World, fake: Fake): void {
  noteItemEnded(world.governor, threadNumber(fake.thread))
  fake.leftover = 0
  fake.reclaimAt = Infinity
  idle(fake)
}

function person({ random, now, startedAt, fakes }: World, until: number): void {
  const isLast = now - startedAt >= until
  for (const fake of fakes) {
    const isToTurn = isLast ? fake.isUserPaused : random() < (fake.isUserPaused ? 0.004 : 0.002)
    if (!isToTurn) continue
    fake.isUserPaused = !fake.isUserPaused && !isLast
    if (fake.state === 'idle' || fake.state === 'leaving') continue
    if (fake.isUserPaused) {
      fake.by = 'user'
      if (fake.state === 'running') fake.state = 'stopping'
      if (fake.state === 'standing') fake.isFrozen = true
      else fake.stopAt = now + 20
    } else goOn(fake)
  }
}

function goOn(fake: Fake): void {
  fake.state = 'running'
  fake.by = undefined
  fake.isFrozen = false
  fake.stopAt = Infinity
}

/** Looks, decides, acts, and hands out what fits. */
function lookAround(world: World): void {
  const { setup, governor, system, now } = world
  const used = totalOf(world)
  for (const fake of world.fakes) fake.peak = Math.max(fake.peak, usedBy(fake))
  if (setup.isGoverned === false) {
    world.lookAt = now + 50
    for (const fake of world.fakes) if (fake.state === 'idle' && world.queue.length > 0) start(world, fake, 0)
    return
  }
  if (now - system.readAt >= 500) {
    const others = setup.others?.(now - world.startedAt) ?? 0
    system.available = Math.max(0, setup.budget + setup.reserve - others - used)
    system.held = used
    system.readAt = now
  }
  world.look = lookOf(world, used)
  for (const action of decide(governor, world.look)) {
    world.acted.push({ at: now, stage: action.stage, thread: action.thread ?? 0, share: used / world.look.budget })
    perform(world, action)
  }
  for (const fake of world.fakes) if (fake.state === 'idle' && !fake.isUserPaused) handOut(world, fake)
  world.look = lookOf(world, used)
  world.lookAt = now + pace(governor, world.look)
}

function lookOf(world: World, used: number): Look {
  const { setup, system, meter, now } = world
  const { budget, reserve, cap } = setup
  const memory = { total: bytes(budget + reserve), reserve, budget, perThread: cap, isCapGiven: true }
  const { available, held } = system
  const { total } = memory
  const metered = meterBudget(meter, {
    memory,
    system: { total, available: bytes(available) },
    held: bytes(held),
    used: bytes(used),
    now,
  })
  return { now: wallTime(now), ...metered, threads: world.fakes.map((fake) => threadLook(fake, cap)) }
}

function threadLook(fake: Fake, cap: Bytes): ThreadLook {
  const { state, by, item, isUserPaused } = fake
  return {
    thread: threadNumber(fake.thread),
    used: bytes(usedBy(fake)),
    cap,
    state,
    ...(isUserPaused && state === 'idle' ? { by: 'user' } : by ? { by } : {}),
    ...(state === 'standing' ? { standsSince: wallTime(fake.standsSince) } : {}),
    isFrozen: (state === 'standing' && fake.isFrozen) || (isUserPaused && state === 'idle'),
    began: wallTime(fake.began),
    expected: bytes(item ? fake.expected : 0),
    isKnown: fake.isKnown,
    unstarted: fake.unstarted,
    can: { hold: !fake.isShell, reclaim: !fake.isShell },
  }
}

function handOut(world: World, fake: Fake): void {
  const { setup, queue, governor, now } = world
  const look = lookOf(world, totalOf(world))
  const room = roomOf(look, governor.lines, governor.isHolding)
  world.heldByUser = room.heldByUser
  const refused = new Set<number>()
  for (const [place, item] of queue.entries()) {
    // All of a batch are expected to take the same, but for those that have shown it themselves.
    if (refused.has(item.batch) && !world.own.has(item.id)) continue
    const peaks = world.peaks[item.batch] ?? []
    const learned = peaks.length < 3 ? undefined : bytes(peaks[Math.ceil(peaks.length * 0.9) - 1] ?? 0)
    const own = world.own.get(item.id)
    const { cap, threads } = setup
    const expected = expectedSize({
      learned,
      prior: undefined,
      own: own ? { failures: own.failures, peak: bytes(own.peak) } : undefined,
      cap,
      budget: look.budget,
      threads,
    })
    const asked = { batch: batchIndex(item.batch), expected, now }
    if (!fitsInto(roomFor(governor, room, asked), expected, bytes(usedBy(fake)))) {
      if (!refused.has(item.batch)) noteRefused(governor, asked)
      refused.add(item.batch)
      continue
    }
    noteStarted(governor, asked)
    start(world, fake, place)
    Object.assign(fake, { expected, isKnown: learned !== undefined, began: now })
    return
  }
}

function start(world: World, fake: Fake, place: number): void {
  const [item] = world.queue.splice(place, 1)
  if (!item) return
  world.starts.push({ item, at: world.now - world.startedAt })
  Object.assign(fake, { item, state: 'running', progress: 0, began: world.now, peak: 0 })
  fake.unstarted = item.peak < 50 * MB ? 3 : 0
}

function perform(world: World, { stage, thread }: Action): void {
  const fake = world.fakes.find((one) => one.thread === thread)
  if (!fake) return
  check(world, fake, stage)
  const { random, now } = world
  if (stage === 'rebalance') fake.unstarted = 0
  if (stage === 'reclaim' || stage === 'guard') fake.reclaimAt = now + 10 + random() * 490
  if (stage === 'resume') goOn(fake)
  if (stage === 'pause' || stage === 'guard') stopSoon(world, fake, stage)
  if (stage === 'requeue' || stage === 'kill' || stage === 'overCap') leave(world, fake, stage)
}

function stopSoon({ random, now }: World, fake: Fake, stage: 'pause' | 'guard'): void {
  if (fake.state !== 'running') return
  fake.state = 'stopping'
  fake.by = 'governor'
  const isDeaf = fake.item?.isDeaf || fake.isShell
  // Who does not come to a tick is frozen for a pause, and only waited for at its cap.
  fake.isFrozen = isDeaf && stage === 'pause'
  fake.stopAt = isDeaf ? (stage === 'pause' ? now + (fake.isShell ? 5 : HELD_MS) : Infinity) : now + random() * HELD_MS
}

function leave(world: World, fake: Fake, stage: 'requeue' | 'kill' | 'overCap'): void {
  const { item } = fake
  if (!item) return
  const own = world.own.get(item.id) ?? { failures: 0, peak: 0 }
  if (stage === 'overCap') {
    own.failures += 1
    own.peak = Math.max(own.peak, usedBy(fake))
    world.own.set(item.id, own)
    world.overCap.push(item)
  } else world.evicted.push(item)
  if (own.failures >= 3) world.failed.push(item)
  else world.queue.unshift(item)
  fake.item = undefined
  fake.state = 'leaving'
  // A command that goes by itself may take its grace.
  fake.leaveAt = world.now + 5 + world.random() * (fake.isShell && stage === 'requeue' ? 500 : 95)
}

/** What no look may ever lead to. */
function check({ wrong, fakes, look, now }: World, fake: Fake, stage: Action['stage']): void {
  const say = (text: string) => wrong.push(`${text} (thread ${fake.thread}, ${now})`)
  const isOfUser = fake.isUserPaused
  const evicts = stage === 'requeue' || stage === 'kill'
  if (stage === 'resume' && isOfUser) say('a person’s pause undone')
  if (isOfUser && (evicts || (stage === 'overCap' && fake.state === 'standing')))
    say('an item that a person paused evicted')
  if ((stage === 'reclaim' || stage === 'guard') && fake.isShell) say('a shell asked to collect')
  if (stage === 'reclaim' && fake.isFrozen && fake.state === 'standing') say('a frozen thread asked to collect')
  if (stage === 'pause' && !fakes.some(({ thread, state }) => state === 'running' && thread !== fake.thread))
    say('the last runner paused')
  if (stage === 'pause' && fake.state !== 'running') say('paused without running')
  if (evicts && look?.isSqueezed && !look.isCritical) say('evicted for memory that others hold')
  if ((evicts || stage === 'overCap') && !fake.item) say('evicted twice')
  if (evicts && !look?.isCritical && fakes.filter(({ item }) => item !== undefined).length <= 1)
    say('the only item evicted')
}

interface Most {
  peak: number
  above: number
  steps: number
  fullest: number
  stall: number
  idle: number
  longestPause: number
}

function observe(world: World, most: Most): void {
  const { setup, fakes, now, governor } = world
  const share = totalOf(world) / setup.budget
  most.peak = Math.max(most.peak, share)
  most.steps += 1
  if (share >= governor.lines.act) most.above += 1
  for (const fake of fakes) {
    if (fake.item) most.fullest = Math.max(most.fullest, usedBy(fake) / setup.cap)
    if (fake.state !== 'standing' || fake.by !== 'governor') continue
    most.longestPause = Math.max(most.longestPause, now - fake.standsSince)
  }
  most.idle = isHeldUp(world) ? most.idle + STEP_MS : 0
  most.stall = Math.max(most.stall, most.idle)
}

/** Work is left, nothing gets on, and neither a person nor the machine is the reason. */
function isHeldUp({ fakes, queue, look, heldByUser }: World): boolean {
  if (fakes.some(({ state }) => state === 'running' || state === 'stopping' || state === 'leaving')) return false
  if (look && look.isSqueezed && look.isCritical) return false
  const isOursPaused = fakes.some(({ state, by }) => state === 'standing' && by === 'governor')
  const isAnyFree = fakes.some(({ state, isUserPaused }) => state === 'idle' && !isUserPaused)
  return isOursPaused || (queue.length > 0 && isAnyFree && heldByUser === 0)
}
