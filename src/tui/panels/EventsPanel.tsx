import type { ReactElement } from 'react'
import { eventsRows } from '../../view/events.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

export function EventsPanel(props: PanelProps): ReactElement {
  const { state, snapshot, box } = props
  const rows = eventsRows({ snapshot, area: areaOf(props), from: state.eventsFrom })
  return <Lines rows={rows} columns={box.columns} looks={state.looks} />
}
