/** What the governor did, newest first, in the run's own time. */
import type { EventView, RunSnapshot } from '../model/snapshot.ts'
import { type Act, fullAct, shortAct, toneOfAct } from './acts.ts'
import { heldBack } from './budget.ts'
import { cellWidth, clean, cutEnd } from './fit.ts'
import { formatClock } from './format.ts'
import { finish, titleRow } from './panel.ts'
import { type Area, cell, gap, type Row } from './row.ts'

const STAGE_WIDTH = 11

/** From so many columns on there is room for the reasons. */
const REASONS_FROM = 84

export function governorRows({ head, memory }: RunSnapshot, area: Area): readonly Row[] {
  const acts = actsOf(memory.acted)
  const rows = acts.slice(0, area.rows - 1).map(([view, act]): Row => {
    const tone = toneOfAct(act)
    const text = area.columns >= REASONS_FROM ? fullAct(act) : shortAct(act)
    return [
      gap(1),
      { text: formatClock(view.at - head.startedAt), color: 'dim' },
      gap(2),
      cell(act.stage, STAGE_WIDTH, tone === undefined ? {} : { color: tone }),
      cell(text, area.columns - 12 - STAGE_WIDTH),
    ]
  })
  const empty: Row[] = acts.length === 0 ? [[{ text: ' nothing to do so far', color: 'dim' }]] : []
  const title = titleRow('Governor', { area, note: heldBack(memory) })
  return finish([title, ...rows, ...empty], area)
}

/** The newest action where it has only the end of a line; time and duration give way. */
export function newestAct({ head, memory }: RunSnapshot, width: number): string {
  const [newest] = actsOf(memory.acted)
  if (newest === undefined) return ''
  const [view, act] = newest
  const text = clean(`${act.stage} ${shortAct(act)}`)
  const ways = [`${formatClock(view.at - head.startedAt)} ${text}`, text, text.replace(/ in [\d<.]+ m?s$/, '')]
  return ways.find((way) => cellWidth(way) <= width) ?? cutEnd(text, width)
}

const actsOf = (acted: readonly EventView[]): readonly (readonly [EventView, Act])[] =>
  acted.flatMap((view) => (view.event.type === 'governor.acted' ? [[view, view.event] as const] : [])).toReversed()
