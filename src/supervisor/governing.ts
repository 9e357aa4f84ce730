/** After every look at memory: the governor decides, and what it wants is done. */
import { meterBudget } from '../govern/budget.ts'
import { decide } from '../govern/ladder.ts'
import type { Action } from '../govern/look.ts'
import { pace } from '../govern/pace.ts'
import { assertNever } from '../model/errors.ts'
import type { Reason } from '../model/reason.ts'
import { sizeText } from '../model/size-text.ts'
import { bytes } from '../model/units.ts'
import type { LiveThread } from '../run/live.ts'
import { observeExpected, usedByAll } from '../run/observe.ts'
import { beginAct, endEvictions, noteAct } from './acts.ts'
import { askCheckpoint } from './checkpoints.ts'
import type { Core } from './core.ts'
import { TIDY_ABOVE } from './governing-state.ts'
import { lookOf } from './looking.ts'
import { holdThread, resumeThread } from './pausing.ts'

/** So long an item has to come to a tick before its process group is stopped instead; less where memory grows quickly. */
const TICK_MS = 200
const LEAST_TICK_MS = 20

/** From this share of the budget on every item leaves a clean heap behind, and below the other none does. */
const TIDY_FROM = 0.5
const TIDY_UNTIL = 0.4

/** @param isSample the system was looked at as well */
export function govern(core: Core, isSample: boolean): void {
  if (core.isOver) return
  const { governing } = core
  if (isSample) governing.heldAtLook = usedByAll(core.live)
  measure(core)
  endEvictions(core)
  const look = lookOf(core)
  observeExpected(core.live, look.threads)
  for (const action of decide(governing.governor, look)) perform(core, action)
  tidy(core)
  core.eye.lookWithin(pace(governing.governor, look))
}

function measure(core: Core): void {
  const { governing, live, plan, clock } = core
  const { system } = live
  if (!system) return
  const used = usedByAll(live)
  const { meter, heldAtLook: held } = governing
  governing.budget = meterBudget(meter, { memory: plan.memory, system, held, used, now: clock.now() })
  live.budget = governing.budget.budget
}

function perform(core: Core, action: Action): void {
  const thread = action.thread === undefined ? undefined : core.live.threads[action.thread - 1]
  if (action.thread === undefined) {
    if (action.stage === 'hold') return noteAct(core, action)
    beginAct(core, action)
    return askCheckpoint(core, 'governor')
  }
  if (thread) performOn(core, thread, action)
}

function performOn(core: Core, thread: LiveThread, action: Extract<Action, { thread: number }>): void {
  const side = core.thread(thread.thread)
  switch (action.stage) {
    case 'guard':
      noteAct(core, { ...action, stage: 'hold' })
      beginAct(core, { ...action, stage: 'reclaim' })
      holdThread(core, thread)
      return side.reclaim()
    case 'reclaim':
      beginAct(core, action)
      return side.reclaim()
    case 'rebalance':
      noteAct(core, action)
      return side.takeBack()
    case 'pause':
      // All that runs is being ended: frozen it would take longer.
      if (core.state.draining === 'now') return
      beginAct(core, action)
      return holdThread(core, thread, tickPatience(core))
    case 'resume':
      noteAct(core, action)
      return resumeThread(core, thread, 'governor')
    case 'requeue':
    case 'kill':
      beginAct(core, action)
      thread.isLeaving = true
      return side.evict(action.stage === 'kill')
    case 'overCap':
      beginAct(core, { ...action, stage: 'kill' })
      return endOverCap(core, thread, action.isSure)
    default:
      assertNever(action)
  }
}

/** How long a tick can be waited for: until `act` would be reached at the pace at which memory grows. */
function tickPatience({ governing, live }: Core): number {
  const { growth, lines } = governing.governor
  const left = governing.budget.budget * lines.act - usedByAll(live)
  return Math.min(TICK_MS, Math.max(LEAST_TICK_MS, left / Math.max(1, growth.rate)))
}

function endOverCap(core: Core, thread: LiveThread, isSure: boolean): void {
  const { held } = thread
  if (!held) return
  thread.isLeaving = true
  const reason = overCap(core, thread)
  core.thread(thread.thread).fail(held.running, isSure ? reason : { ...reason, wasAlone: false })
}

/** Why an attempt failed that took more than its thread may. */
function overCap(core: Core, { held, used }: LiveThread): Extract<Reason, { kind: 'memory' }> {
  const cap = held?.cap ?? core.live.cap
  const peak = bytes(Math.max(used, held?.peak ?? 0))
  const message = `took ${sizeText(peak)}, more than the ${sizeText(cap)} of a thread`
  return { kind: 'memory', message, peak, cap, ...(held?.isAlone ? { wasAlone: true } : {}) }
}

/** While memory is plenty nobody has to wait for a collection. */
function tidy(core: Core): void {
  const { governing, live } = core
  const share = usedByAll(live) / governing.budget.budget
  const isOn = share >= (governing.isTidying ? TIDY_UNTIL : TIDY_FROM)
  if (isOn === governing.isTidying) return
  governing.isTidying = isOn
  for (const thread of core.threads) thread.tidy(isOn ? TIDY_ABOVE : undefined)
}
