import type { ReactElement } from 'react'
import { helpRows } from '../../view/help.ts'
import { helpLines } from '../keymap.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

export function HelpPanel(props: PanelProps): ReactElement {
  const { state, box } = props
  const from = state.overlay?.kind === 'help' ? state.overlay.from : 0
  const rows = helpRows({ area: areaOf(props), lines: helpLines, from })
  return <Lines rows={rows} columns={box.columns} looks={state.looks} />
}
