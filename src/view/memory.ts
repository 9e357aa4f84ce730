/** Memory beside the other panels: the budget of all threads, the system with its reserve, and what the governor did about them. */
import type { RunSnapshot } from '../model/snapshot.ts'
import { actOf, heldBack, othersOf } from './budget.ts'
import { cutEnd } from './fit.ts'
import { formatPercent } from './format.ts'
import { gaugeRow, gaugesOf, historyOf, reserveOf } from './gauges.ts'
import { governorRows, newestAct } from './governor.ts'
import { type MemoryInput, memoryView } from './memory-view.ts'
import { finish, titleRow } from './panel.ts'
import { type Area, gap, type Row, rowWidth, wholeOnly } from './row.ts'

/** From so many columns on the governor has a list of its own. */
const SIDE_BY_SIDE = 100

export function memoryRows(input: MemoryInput): readonly Row[] {
  const { snapshot, area } = input
  if (!snapshot.memory.isKnown)
    return finish([titleRow('Memory', { area }), [{ text: ' not measured yet', color: 'dim' }]], area)
  if (area.rows >= 8) return memoryView(input)
  return area.columns >= SIDE_BY_SIDE ? wideRows(snapshot, area) : narrowRows(snapshot, area)
}

/** Less of an action says nothing. */
const LEAST_ACT = 30

/** Two bars; the title has room for what is new. */
function narrowRows(snapshot: RunSnapshot, area: Area): readonly Row[] {
  const { memory } = snapshot
  const room = area.columns - 14
  const facts = [othersOf(memory), heldBack(memory)].filter((fact) => fact !== '')
  const left = room - facts.join(' · ').length - (facts.length > 0 ? 3 : 0)
  const act = left < LEAST_ACT ? [] : [newestAct(snapshot, left)]
  const note = [...facts, ...act].filter((text) => text !== '').join(' · ')
  const bars = gaugesOf(memory).map((gauge) => gaugeRow(gauge, area.columns - 1, area))
  return finish([titleRow('Memory', { area, note: cutEnd(note, room) }), ...bars], area)
}

/** The list of the governor needs 55 columns for what it says most. */
function wideRows(snapshot: RunSnapshot, area: Area): readonly Row[] {
  const columns = Math.min(90, Math.max(55, Math.floor(area.columns * 0.52)))
  const own = { ...area, columns: area.columns - columns }
  const left = finish(budgetRows(snapshot, own), own)
  const right = governorRows(snapshot, { ...area, columns, isFocused: false })
  return left.map((row, place) => row.concat(gap(own.columns - rowWidth(row)), right[place] ?? []))
}

function budgetRows({ memory }: RunSnapshot, area: Area): readonly Row[] {
  const width = area.columns - 1
  const bars = gaugesOf(memory).map((gauge) => gaugeRow(gauge, width, area))
  const others = othersOf(memory)
  const reserve: Row = [{ text: ' reserve ' }, { text: reserveOf(memory) }]
  const isBeside = area.rows >= 4 && rowWidth(reserve) + 2 + others.length <= width
  const facts: Row[] = [
    reserve,
    others === '' || !isBeside ? [] : [gap(2), { text: others, color: 'waiting' }],
    [gap(3), { text: `act at ${formatPercent(actOf(memory), 1)} │`, color: 'dim' }],
  ]
  return [
    titleRow('Memory', { area, note: isBeside ? '' : others }),
    ...bars,
    wholeOnly(facts, width),
    [{ text: ' 5 min   ' }, ...historyOf(memory, width - 9)],
  ]
}
