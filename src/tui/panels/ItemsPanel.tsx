import type { ReactElement } from 'react'
import { clean } from '../../view/fit.ts'
import { itemsRows } from '../../view/items.ts'
import { itemsWindow } from '../selection.ts'
import type { ItemsState } from '../state.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

export function ItemsPanel(props: PanelProps): ReactElement {
  const { state, box } = props
  const { items } = state
  const seen = itemsWindow(state)
  const rows = itemsRows({
    area: areaOf(props),
    rows: items.rows.slice(Math.max(0, seen.from - items.from), Math.max(0, seen.to - items.from)),
    from: seen.from,
    total: items.total,
    selected: items.selected,
    filter: filterOf(items),
    isLoading: items.isLoading,
  })
  return <Lines rows={rows} columns={box.columns} looks={state.looks} />
}

/** What of all items is listed, in words. */
function filterOf({ text, filter, sort }: ItemsState): string {
  const words = [
    filter === 'all' ? '' : filter,
    text === '' ? '' : `with "${clean(text)}"`,
    sort === 'plan' ? '' : sort === 'slowest' ? 'slowest first' : 'most tries first',
  ]
  return words.filter((word) => word !== '').join(', ')
}
