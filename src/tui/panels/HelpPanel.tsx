import type { ReactElement } from 'react'
import { helpRows } from '../../view/help.ts'
import { helpLines } from '../keymap.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

export function HelpPanel(props: PanelProps): ReactElement {
  const { state, box } = props
  const isReplay = state.replay !== undefined
  const title = isReplay ? 'Help: keys of a replay' : 'Help'
  const from = state.overlay?.kind === 'help' ? state.overlay.from : 0
  const rows = helpRows({ area: areaOf(props), title, lines: helpLines(isReplay), from })
  return <Lines rows={rows} columns={box.columns} looks={state.looks} />
}
