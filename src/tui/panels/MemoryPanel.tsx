import type { ReactElement } from 'react'
import { memoryRows } from '../../view/memory.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

export function MemoryPanel(props: PanelProps): ReactElement {
  const { state, snapshot, box } = props
  const rows = memoryRows({ snapshot, area: areaOf(props), selected: state.thread })
  return <Lines rows={rows} columns={box.columns} looks={state.looks} />
}
