import { askReclaim } from '../../govern/stages/reclaim.ts'
import type { Answer } from '../../model/command.ts'
import { sizeText } from '../../model/size-text.ts'
import type { Bytes } from '../../model/units.ts'
import { bytes } from '../../model/units.ts'
import type { LiveThread } from '../../run/live.ts'
import { beginAct, openAct } from '../acts.ts'
import type { Core } from '../core.ts'
import { done } from '../core.ts'
import type { OpenAct } from '../governing-state.ts'
import { nameThreads } from './select-threads.ts'

/** Who runs something that never comes to a tick is not waited for. */
const PATIENCE_MS = 3000

/** Every thread that can collects its garbage: free ones at once, the others at their next tick. Answers with what that gave. */
export function reclaimMemory(core: Core, answer: (answer: Answer) => void): void {
  const able = core.live.threads.filter(
    ({ thread, process, isFrozen }) => process === 'ready' && !isFrozen && core.thread(thread).abilities.reclaim,
  )
  if (able.length === 0) return answer(done('No thread has memory to give back.'))
  const asked = able.map((thread) => ({ thread, before: usedOf(core, thread), act: ask(core, thread) }))
  const isOpen = ({ act }: { act: OpenAct }) => core.governing.acts.includes(act)
  const until = core.clock.now() + PATIENCE_MS
  const tell = () => {
    const late = asked.filter(isOpen).map(({ thread }) => thread)
    const before = asked.reduce((sum, entry) => sum + entry.before, 0)
    const after = asked.reduce((sum, { thread }) => sum + usedOf(core, thread), 0)
    answer(done(`${gaveBack(bytes(before), bytes(after))}${lateWords(late)}`))
  }
  core.waiters.push({ isDone: () => !asked.some(isOpen) || core.clock.now() >= until, answer: tell })
  core.eye.lookWithin(PATIENCE_MS / 60)
}

function ask(core: Core, { thread }: LiveThread): OpenAct {
  const open = openAct(core, 'reclaim', thread)
  if (open) return open
  askReclaim(core.governing.governor, thread, core.clock.now())
  const act = beginAct(core, { stage: 'reclaim', thread, why: 'you asked' })
  core.thread(thread).reclaim()
  return act
}

function usedOf(core: Core, { thread, used }: LiveThread): Bytes {
  return core.eye.usedNow(thread) ?? used
}

function gaveBack(before: Bytes, after: Bytes): string {
  const sizes = `${sizeText(before)} → ${sizeText(after)}`
  return after < before ? `Gave back ${sizeText(before - after)}: ${sizes}.` : `Nothing to give back: ${sizes}.`
}

function lateWords(late: readonly LiveThread[]): string {
  if (late.length === 0) return ''
  const follow = late.length === 1 ? 'follows when it comes' : 'follow when they come'
  const name = nameThreads(late)
  return ` ${name[0]?.toUpperCase()}${name.slice(1)} ${follow} to a tick, or when the item ends.`
}
