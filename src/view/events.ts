/** Events: what happened last, newest first, in the run's own time. */
import type { EventView, RunSnapshot } from '../model/snapshot.ts'
import { isToldByGovernor } from './acts.ts'
import { describeEvent, toneOf } from './describe-event.ts'
import { formatClock } from './format.ts'
import { finish, titleRow, windowFrom } from './panel.ts'
import { type Area, cell, gap, type Row } from './row.ts'

export interface EventsInput {
  readonly snapshot: RunSnapshot
  readonly area: Area
  /** How many of the newest are scrolled away. */
  readonly from: number
}

export function eventsRows({ snapshot, area, from }: EventsInput): readonly Row[] {
  const room = area.rows - 1
  const events = gathered(snapshot.events)
  const total = events.length
  const seen = windowFrom(from, total, room)
  const newest = events.slice(Math.max(0, total - seen.to), total - seen.from).toReversed()
  const rows = newest.map((event) => eventRow(event, snapshot, area.columns))
  const note = from > 0 ? seen.note : ''
  const empty: Row[] = total === 0 ? [[{ text: ' nothing yet', color: 'dim' }]] : []
  return finish([titleRow('Events', { area, note }), ...rows, ...empty], area)
}

interface Told {
  readonly view: EventView
  /** Acts of the governor on the same thread right before it. */
  readonly before: number
}

/** A thread at its cap is held, collects and goes on several times a second: the last of these is worth a line, and how many they were. */
export function gathered(events: readonly EventView[]): readonly Told[] {
  const told: Told[] = []
  for (const view of events) {
    if (isToldByGovernor(view)) continue
    const last = told.at(-1)
    if (last !== undefined && isSameTrouble(last.view, view)) told[told.length - 1] = { view, before: last.before + 1 }
    else told.push({ view, before: 0 })
  }
  return told
}

const TOGETHER_MS = 2000

function isSameTrouble({ event: earlier, at }: EventView, { event, at: now }: EventView): boolean {
  if (earlier.type !== 'governor.acted' || event.type !== 'governor.acted') return false
  return event.thread !== undefined && earlier.thread === event.thread && now - at <= TOGETHER_MS
}

function eventRow({ view, before }: Told, { head }: RunSnapshot, columns: number): Row {
  const tone = toneOf(view.event)
  return [
    gap(1),
    { text: formatClock(view.at - head.startedAt), color: 'dim' },
    gap(2),
    cell(
      describeEvent(view) + (before === 0 ? '' : `, ${before} more before`),
      columns - 12,
      tone === undefined ? {} : { color: tone },
    ),
  ]
}
