import type { ReactElement } from 'react'
import { timelineRows } from '../../view/timeline.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

export function TimelinePanel(props: PanelProps): ReactElement {
  const { state, snapshot, box } = props
  const rows = timelineRows({ snapshot, area: areaOf(props), now: state.now, selected: state.thread })
  return <Lines rows={rows} columns={box.columns} looks={state.looks} />
}
