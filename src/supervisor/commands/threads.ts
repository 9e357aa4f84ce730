import type { Answer, Command } from '../../model/command.ts'
import type { ThreadNumber } from '../../model/ids.ts'
import { MAX_THREADS } from '../../model/plan.ts'
import { sizeText } from '../../model/size-text.ts'
import type { Bytes } from '../../model/units.ts'
import { bytes } from '../../model/units.ts'
import type { Core } from '../core.ts'
import { done, refused } from '../core.ts'
import { retire } from '../retiring.ts'

/** More or fewer threads while the run goes on. The highest numbers finish their items first. */
export function setThreads(core: Core, { to, by }: Extract<Command, { verb: 'setThreads' }>): Answer {
  const now = core.live.threads.filter(({ isRetiring }) => !isRetiring).length
  const wanted = to ?? now + (by ?? 0)
  if (!Number.isSafeInteger(wanted) || wanted < 1 || wanted > MAX_THREADS) {
    return refused('bad-threads', `${wanted} threads are not possible: at least 1, at most ${MAX_THREADS}.`)
  }
  const { budget, perThread, isCapGiven } = core.plan.memory
  if (isCapGiven && wanted * perThread > budget) return tooMuch(wanted, perThread, budget)
  if (!isCapGiven) {
    core.live.cap = bytes(Math.floor(budget / wanted))
    // What runs keeps the cap it began with: the kernel must not take it away under it.
    const isSpared = (thread: ThreadNumber) => wanted > now && core.live.threads[thread - 1]?.held !== undefined
    core.capGroups?.setCap(core.live.cap, isSpared)
  }
  core.wanted = wanted
  grow(core)
  shrink(core)
  if (wanted === now) return done(`There are ${now} threads already.`)
  const finishing = core.live.threads.slice(wanted).some(({ held }) => held !== undefined)
  return done(`${now} → ${wanted} threads${finishing ? ': those that go finish their items first' : ''}.`)
}

/** Threads that were to go stay, unless their process is ending already: those are made anew once they are gone. */
function grow(core: Core): void {
  for (const thread of core.live.threads.slice(0, core.wanted)) {
    if (thread.process !== 'stopping') thread.isRetiring = false
  }
  core.addThreads()
}

function shrink(core: Core): void {
  for (const thread of core.live.threads.slice(core.wanted).toReversed()) {
    if (thread.isRetiring) continue
    thread.isRetiring = true
    if (thread.held) core.thread(thread.thread).takeBack()
    else retire(core, thread)
  }
}

function tooMuch(threads: number, cap: Bytes, budget: Bytes): Answer {
  return refused(
    'too-much-memory',
    `${threads} threads x ${sizeText(cap)} = ${sizeText(threads * cap)}, more than the budget of ${sizeText(budget)}.`,
    {
      hint: 'Fewer threads, or start the run with a smaller --memory-per-thread.',
    },
  )
}
