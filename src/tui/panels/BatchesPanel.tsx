import type { ReactElement } from 'react'
import { batchesRows } from '../../view/batches.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

export function BatchesPanel(props: PanelProps): ReactElement {
  const { state, snapshot, box } = props
  const rows = batchesRows({ snapshot, area: areaOf(props), selected: state.batch })
  return <Lines rows={rows} columns={box.columns} looks={state.looks} />
}
