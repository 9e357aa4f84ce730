/** What threads report → facts and effects. */
import { noteItemEnded } from '../govern/governor.ts'
import type { ThreadReport } from '../model/chunk.ts'
import { assertNever } from '../model/errors.ts'
import type { Reason } from '../model/reason.ts'
import type { LiveThread } from '../run/live.ts'
import { freezeClock } from '../run/observe.ts'
import { threadFacts } from '../run/state.ts'
import { endOpenAct, forgetActs, reclaimed } from './acts.ts'
import type { Core } from './core.ts'
import type { Of } from './ended-items.ts'
import { endItems, heldBy, returnPlaces, succeedRange } from './ended-items.ts'
import { renew } from './forgetting.ts'
import { lose } from './losses.ts'
import { endGovernorsPause, goneOn, pausedNow } from './pausing.ts'
import { countFromHere } from './peaks.ts'
import { retire, stopped } from './retiring.ts'

export function handleReport(core: Core, report: ThreadReport): void {
  const thread = core.live.threads[report.thread - 1]
  if (!thread) return
  handle(core, thread, report)
  // Its items have ended, its chunk has not: it collects what they left. Stopped there, nobody would let it go on.
  if (thread.held?.left === 0) endGovernorsPause(core, thread)
}

function handle(core: Core, thread: LiveThread, report: ThreadReport): void {
  switch (report.type) {
    case 'items.succeeded':
      return succeedRange(core, thread, report)
    case 'items.ended':
      return endItems(core, thread, report)
    case 'items.taken':
      return returnPlaces(core, thread, { ...report, how: 'untouched' })
    case 'items.interrupted':
      return returnPlaces(core, thread, { ...report, how: thread.isLeaving ? 'evicted' : 'interrupted' })
    case 'chunk.ended':
      return endChunk(core, thread, report)
    case 'item.progressed':
      return progress(thread, report)
    case 'thread.ready':
      return ready(core, thread, report.pid)
    case 'thread.frozen':
      thread.isFrozen = true
      return standsStill(core, thread)
    case 'thread.thawed':
      return thawed(core, thread)
    case 'thread.held':
      return stoppedAtTick(core, thread)
    case 'thread.reclaimed':
      countFromHere(core, thread)
      return reclaimed(core, thread.thread, report.freed)
    case 'thread.measured':
      thread.measured = { heap: report.heap, external: report.external }
      return
    case 'thread.lost':
      return lose(core, thread, report)
    case 'thread.stopped':
      return stopped(core, thread)
    case 'thread.broken':
      return broken(core, thread, report)
    default:
      assertNever(report)
  }
}

function endChunk(core: Core, thread: LiveThread, { chunk }: Of<'chunk.ended'>): void {
  const held = heldBy(thread, chunk)
  if (!held) return
  // Nothing may ever get lost on the way: what was not reported goes back.
  const missing = [...held.gone.keys()].filter((place) => held.gone[place] === 0)
  returnPlaces(core, thread, { chunk, places: missing, how: 'orphaned' })
  thread.held = undefined
  thread.isLeaving = false
  noteItemEnded(core.governing.governor, thread.thread)
  forgetActs(core, thread.thread, ['pause'])
  endGovernorsPause(core, thread)
  if (thread.isRetiring) retire(core, thread)
  else if (thread.pause === 'draining') pausedNow(core, thread)
  if (thread.spent) replace(core, thread, thread.spent)
}

/** A process that ran out of memory. Not while it stands still: then it cannot go. */
function replace(core: Core, thread: LiveThread, reason: Reason): void {
  if (thread.process !== 'ready' || thread.pause === 'freezing' || thread.isFrozen) return
  core.emit({ type: 'thread.replaced', thread: thread.thread, reason })
  renew(core, thread, 'module')
}

function progress(thread: LiveThread, { chunk, place, fraction, note, log }: Of<'item.progressed'>): void {
  const held = heldBy(thread, chunk)
  if (!held || held.running !== place) return
  held.fraction = fraction ?? held.fraction
  held.note = note ?? held.note
  held.log = log ?? held.log
}

function ready(core: Core, thread: LiveThread, pid: number): void {
  thread.process = 'ready'
  thread.pid = pid
  // A thread that goes on in another shell says so while it holds a chunk.
  if (!thread.held) thread.isFresh = true
  if (!threadFacts(core.state, thread.thread).isStarted) core.emit({ type: 'thread.started', thread: thread.thread })
  if (thread.isRetiring && !thread.held) retire(core, thread)
}

function stoppedAtTick(core: Core, thread: LiveThread): void {
  if (thread.pause !== 'holding' && thread.pause !== 'freezing') return
  thread.isHeld = true
  if (thread.pause === 'holding') standsStill(core, thread)
}

function standsStill(core: Core, thread: LiveThread): void {
  freezeClock(thread, core.clock.now())
  endOpenAct(core, 'pause', thread.thread)
  pausedNow(core, thread)
  // A person ends its item: standing still it would never come to its end.
  if (thread.held?.isEnding) endGovernorsPause(core, thread)
}

function thawed(core: Core, thread: LiveThread): void {
  goneOn(core, thread)
  if (thread.held) return
  if (thread.isRetiring) retire(core, thread)
  else if (thread.spent) replace(core, thread, thread.spent)
}

function broken(core: Core, thread: LiveThread, { reason }: Of<'thread.broken'>): void {
  thread.process = 'broken'
  console.error(`Thread ${thread.thread} cannot be started: ${reason.message}`)
  core.emit({ type: 'thread.stopped', thread: thread.thread })
}
