/**
 * The governor: a ladder of stages that get more serious, from holding new items back to ending a process. Pure: looks and times are
 * arguments, what is to be done comes back as actions. Imports model. Called by the supervisor after every look at memory.
 *
 * Every stage has a line at which it acts, another at which it stops, and a time in which it does not act again, because one line and no
 * patience make a governor that flaps; and every stage looks whether it can change anything, because memory that is not ours to free
 * makes one that never stops.
 */
import type { Governor } from './governor.ts'
import type { Action, Look, ThreadLook } from './look.ts'
import type { Scene } from './scene.ts'
import { sceneOf } from './scene.ts'
import { guardCaps } from './stages/caps.ts'
import { checkpoint } from './stages/checkpoint.ts'
import { evict } from './stages/evict.ts'
import { hold } from './stages/hold.ts'
import { pause } from './stages/pause.ts'
import { rebalance } from './stages/rebalance.ts'
import { reclaim } from './stages/reclaim.ts'
import { resume } from './stages/resume.ts'

/** What is to be done now; often nothing. */
export function decide(governor: Governor, look: Look): readonly Action[] {
  const scene = sceneOf(governor, look)
  const caps = guardCaps(governor, scene)
  const rest = caps.length === 0 ? scene : without(scene, caps)
  const stages = [reclaim, hold, rebalance, pause, checkpoint, evict, resume]
  return withoutMoot([...caps, ...stages.flatMap((stage) => stage(governor, rest))])
}

/** What the other stages see: who is held for its cap does not get on, who is down from it does, who is ended for it gives all back. */
function without(scene: Scene, caps: readonly Action[]): Scene {
  const taken = new Map(caps.map(({ thread, stage }) => [thread, stage]))
  const threads = scene.threads.map((thread) => {
    const stage = taken.get(thread.thread)
    if (stage !== 'overCap' && stage !== 'resume') return thread
    return { ...thread, state: stage === 'resume' ? ('running' as const) : ('leaving' as const) }
  })
  const isLeft = ({ thread }: ThreadLook) => !taken.has(thread)
  return { ...scene, threads, runners: scene.runners.filter(isLeft), paused: scene.paused.filter(isLeft) }
}

/** Nothing else is asked of a thread whose attempt is ended. */
function withoutMoot(actions: readonly Action[]): readonly Action[] {
  const ending = new Map(actions.filter(ends).map((action) => [action.thread, action]))
  if (ending.size === 0) return actions
  return actions.filter((action) => action.thread === undefined || (ending.get(action.thread) ?? action) === action)
}

function ends({ stage }: Action): boolean {
  return stage === 'requeue' || stage === 'kill' || stage === 'overCap'
}
