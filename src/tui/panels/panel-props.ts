import type { RunSnapshot } from '../../model/snapshot.ts'
import type { PanelBox } from '../../view/layout.ts'
import type { Area } from '../../view/row.ts'
import { activePanel } from '../selection.ts'
import type { ScreenState } from '../state.ts'

export interface PanelProps {
  readonly state: ScreenState
  readonly snapshot: RunSnapshot
  readonly box: PanelBox
}

/** The area of a panel, with its focus. */
export function areaOf({ state, box }: PanelProps): Area {
  const isFocused = state.overlay === undefined && activePanel(state) === box.panel
  return { columns: box.columns, rows: box.rows, looks: state.looks, isFocused }
}
