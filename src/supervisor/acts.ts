/** What the governor does becomes an event once it is known what it gave: how much memory before and after, and how long that took. */
import { noteReclaimed } from '../govern/governor.ts'
import type { GovernorStage } from '../model/event.ts'
import type { ThreadNumber } from '../model/ids.ts'
import type { Bytes } from '../model/units.ts'
import { bytes, millis } from '../model/units.ts'
import { usedByAll } from '../run/observe.ts'
import type { Core } from './core.ts'
import type { OpenAct } from './governing-state.ts'

/** An eviction has given back what it gives. */
const GIVEN_SHARE = 0.4
const GIVEN_MS = 1000

type Begun = Pick<OpenAct, 'stage' | 'why'> & { readonly thread?: ThreadNumber | undefined }

/** What is under way already is not begun again. */
export function beginAct(core: Core, { stage, thread, why }: Begun): OpenAct {
  const open = openAct(core, stage, thread)
  if (open && !isEviction(open)) return open
  // The thread has run another item since.
  if (open) endAct(core, open)
  const act = { stage, thread, before: usedOf(core, thread), at: core.clock.now(), why }
  core.governing.acts.push(act)
  return act
}

/** Something that has happened already. */
export function noteAct(core: Core, begun: Begun): void {
  endAct(core, beginAct(core, begun))
}

function endAct(core: Core, act: OpenAct): void {
  const { acts } = core.governing
  const place = acts.indexOf(act)
  if (place < 0) return
  acts.splice(place, 1)
  const { stage, thread, before, at, why } = act
  const ms = millis(Math.round((core.clock.now() - at) * 10) / 10)
  const head = { type: 'governor.acted', stage, ...(thread === undefined ? {} : { thread }) } as const
  if (!core.isOver) core.emit({ ...head, before, after: usedOf(core, thread), ms, why })
}

/** The open act of this kind, if there is one. */
export function openAct(core: Core, stage: GovernorStage, thread?: ThreadNumber): OpenAct | undefined {
  return core.governing.acts.find((act) => act.stage === stage && act.thread === thread)
}

export function endOpenAct(core: Core, stage: GovernorStage, thread?: ThreadNumber): void {
  const act = openAct(core, stage, thread)
  if (act) endAct(core, act)
}

/** What was asked for and can no longer come. */
export function forgetActs(core: Core, thread: ThreadNumber | undefined, stages: readonly GovernorStage[]): void {
  const { acts } = core.governing
  acts.splice(0, acts.length, ...acts.filter((act) => act.thread !== thread || !stages.includes(act.stage)))
}

/** Memory comes back some time after it was given up. */
export function endEvictions(core: Core): void {
  const now = core.clock.now()
  for (const act of core.governing.acts.slice()) {
    if (!isEviction(act)) continue
    if (usedOf(core, act.thread) <= act.before * GIVEN_SHARE || now - act.at >= GIVEN_MS) endAct(core, act)
  }
}

function isEviction({ stage }: OpenAct): boolean {
  return stage === 'requeue' || stage === 'kill'
}

/** A thread says that it has collected its garbage. */
export function reclaimed(core: Core, thread: ThreadNumber, freed: Bytes): void {
  const act = openAct(core, 'reclaim', thread)
  const after = usedOf(core, thread)
  // The system shows some of it a moment later only.
  const share = act && act.before > 0 ? Math.max(act.before - after, freed) / act.before : 1
  noteReclaimed(core.governing.governor, thread, share, core.clock.now())
  if (act) endAct(core, act)
}

/** As of this moment where that can be seen at once, else as of the last look. */
function usedOf(core: Core, thread: ThreadNumber | undefined): Bytes {
  if (thread === undefined) return usedByAll(core.live)
  return core.eye.usedNow(thread) ?? core.live.threads[thread - 1]?.used ?? bytes(0)
}
