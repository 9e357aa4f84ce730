import type { ReactElement } from 'react'
import { logRows } from '../../view/log.ts'
import { shownLog } from '../selection.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

/** The log of the open item, or beside the events that of the selected thread's item. */
export function LogPanel(props: PanelProps): ReactElement {
  const { state, box } = props
  const item = shownLog(state)
  const lines = item !== undefined && state.log?.item === item.index ? state.log.lines : undefined
  const from = state.overlay?.kind === 'log' ? state.overlay.from : 0
  const rows = logRows({ area: areaOf(props), name: item?.name, lines, from, isReplay: state.replay !== undefined })
  return <Lines rows={rows} columns={box.columns} looks={state.looks} />
}
