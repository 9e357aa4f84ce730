import type { ReactElement } from 'react'
import { threadsRows } from '../../view/threads.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

export function ThreadsPanel(props: PanelProps): ReactElement {
  const { state, snapshot, box } = props
  const rows = threadsRows({ snapshot, area: areaOf(props), now: state.now, selected: state.thread })
  return <Lines rows={rows} columns={box.columns} looks={state.looks} />
}
