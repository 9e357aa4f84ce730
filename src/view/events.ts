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
  const events = snapshot.events.filter((event) => !isToldByGovernor(event))
  const total = events.length
  const seen = windowFrom(from, total, room)
  const newest = events.slice(Math.max(0, total - seen.to), total - seen.from).toReversed()
  const rows = newest.map((event) => eventRow(event, snapshot, area.columns))
  const note = from > 0 ? seen.note : ''
  const empty: Row[] = total === 0 ? [[{ text: ' nothing yet', color: 'dim' }]] : []
  return finish([titleRow('Events', { area, note }), ...rows, ...empty], area)
}

function eventRow(view: EventView, { head }: RunSnapshot, columns: number): Row {
  const tone = toneOf(view.event)
  return [
    gap(1),
    { text: formatClock(view.at - head.startedAt), color: 'dim' },
    gap(2),
    cell(describeEvent(view), columns - 12, tone === undefined ? {} : { color: tone }),
  ]
}
