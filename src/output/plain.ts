/**
 * Plain mode: calm lines for logs and pipes. One where something changes, one at least every ten seconds while something runs, and the
 * last output of what failed for good. Takes the time as an argument; who calls it writes what it returns.
 */

import type { RunEvent } from '../model/event.ts'
import type { RunId } from '../model/ids.ts'
import type { EventView, RunSnapshot } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { isToldByGovernor } from '../view/acts.ts'
import { budgetOf } from '../view/budget.ts'
import { describeEvent } from '../view/describe-event.ts'
import { clean, cutEnd } from '../view/fit.ts'
import { countOf, elapsedOf, formatAbout, formatClock, formatCount, formatRate, formatShare } from '../view/format.ts'
import { doneOf, percentOf, totalText } from '../view/totals.ts'
import { formatMoment } from './json.ts'

/** Longest silence while something runs. */
const SILENCE_MS = 10_000

/** Lines about events in so much time; more are counted: ten thousand failures are one message, not ten thousand. */
const MOST_EVENTS = 50

/** The same for what the governor does: while memory is short it acts many times a second. */
const MOST_ACTS = 5

/** Where lines of a failed item's output are cut, in cells: some programs write megabytes without a line end. */
const TAIL_WIDTH = 400

/** How many of the last lines of a failed item's output are shown. */
export const TAIL_LINES = 20

export interface PlainOptions {
  readonly run: RunId
  /** The plan's name. */
  readonly plan: string
  readonly startedAt: WallTime
  /** True: only what failed. */
  readonly isQuiet: boolean
}

export class PlainLines {
  readonly #options: PlainOptions
  /** When the last progress line was due or written. */
  #progressAt: WallTime
  #events = 0
  #acts = 0
  #unsaid = 0
  #troubleSince: WallTime | undefined

  constructor(options: PlainOptions) {
    this.#options = options
    this.#progressAt = options.startedAt
  }

  /** Whether an event is worth a line; for those that failed for good the caller then brings the output. */
  wants(view: EventView): boolean {
    const { event } = view
    const isTold = isWorthALine(event) && !isToldByGovernor(view)
    if (!isTold || (this.#options.isQuiet && event.type !== 'item.failed')) return false
    const isAct = event.type === 'governor.acted'
    if (isAct) this.#acts += 1
    else this.#events += 1
    if (isAct ? this.#acts <= MOST_ACTS : this.#events <= MOST_EVENTS) return true
    this.#unsaid += 1
    return false
  }

  /** @param tail the last lines of the item's output */
  event(view: EventView, tail: readonly string[] = []): readonly string[] {
    const { type } = view.event
    const text =
      type === 'run.started'
        ? this.#begun(view.event)
        : type === 'run.recovered'
          ? this.#goesOn(view)
          : describeEvent(view)
    return [
      this.#line(view.at, text),
      ...tail.map((line) => `            | ${cutEnd(clean(line), TAIL_WIDTH)}`.trimEnd()),
    ]
  }

  /** The progress line and what was left unsaid, where it is time for them; what is wrong with the disk at once. */
  progress(snapshot: RunSnapshot, now: WallTime): readonly string[] {
    const { head } = snapshot
    const trouble = this.#troubleLines(head, now)
    if (trouble.length > 0) return trouble
    if (now - this.#progressAt < SILENCE_MS) return []
    this.#progressAt = now
    const unsaid = this.unsaid(now)
    if (this.#options.isQuiet || (head.running === 0 && head.waiting === 0)) return unsaid
    return [...unsaid, this.#line(now, progressText(snapshot, now))]
  }

  /** Once for every trouble. That it is over is an event. */
  #troubleLines({ trouble }: RunSnapshot['head'], now: WallTime): readonly string[] {
    if (trouble?.since === this.#troubleSince) return []
    this.#troubleSince = trouble?.since
    if (!trouble) return []
    return [
      this.#line(now, clean(`${trouble.message}: nothing starts, what ends is kept in memory until it can be written`)),
    ]
  }

  /** What there was no room for; before the end of a run to be asked once more. */
  unsaid(now: WallTime): readonly string[] {
    const count = this.#unsaid
    this.#events = 0
    this.#acts = 0
    this.#unsaid = 0
    return count === 0 ? [] : [this.#line(now, `and ${countOf(count, 'more event')}: \`batchtop events\` has all`)]
  }

  /** The first line names the run and the day: the times after it count from there. */
  #begun({ items, threads }: Extract<RunEvent, { type: 'run.started' }>): string {
    const { run, plan, startedAt } = this.#options
    const size = `${countOf(items, 'item')} on ${countOf(threads, 'thread')}`
    return `run ${run} of ${clean(plan)} started ${formatMoment(startedAt)}: ${size}`
  }

  /** As the first line, for what may stand in another file or behind days of nothing. */
  #goesOn(view: EventView): string {
    const { run, plan } = this.#options
    return `run ${run} of ${clean(plan)} goes on ${formatMoment(view.at)}: ${describeEvent(view)}`
  }

  #line(at: number, text: string): string {
    return `${formatClock(at - this.#options.startedAt)}  ${text}`
  }
}

/** Threads that start and end, and how the run ended, are told elsewhere or by other lines. */
function isWorthALine({ type }: RunEvent): boolean {
  return (
    type !== 'thread.started' && type !== 'thread.stopped' && type !== 'run.finished' && type !== 'checkpoint.written'
  )
}

/** Columns that do not jump: `312/426  73 %    2 failed    6 running   7.6/min   ETA 16 min   9.9/12 GB`. */
function progressText({ head, memory }: RunSnapshot, now: WallTime): string {
  const done = doneOf(head)
  const total = totalText(head)
  const rate = formatRate(head.rate)
  const isStanding = head.state === 'paused' || head.state === 'draining'
  return [
    `${formatCount(done).padStart(total.length)}/${total}`,
    (percentOf(head) ?? '').padStart(5),
    `${formatCount(head.failed).padStart(4)} failed`,
    `${formatCount(head.running).padStart(4)} running`,
    (rate ?? '').padStart(9),
    (head.eta ? `ETA ${formatAbout(head.eta.p50)}` : '').padEnd(13),
    memory.isKnown ? formatShare(memory.used, budgetOf(memory).budget) : '',
    isStanding ? `${head.state}, ${formatClock(elapsedOf(head.clock, now))}` : '',
  ]
    .join('  ')
    .trimEnd()
}
