import type { ReactElement } from 'react'
import type { RunSnapshot } from '../../model/snapshot.ts'
import { headerRows } from '../../view/header.ts'
import type { ScreenState } from '../state.ts'
import { Lines } from '../widgets/Lines.tsx'

interface HeaderProps {
  readonly state: ScreenState
  readonly snapshot: RunSnapshot
  readonly rows: number
}

export function HeaderPanel({ state, snapshot, rows }: HeaderProps): ReactElement {
  const { now, columns, looks, status } = state
  const replay = state.replay && { ...state.replay, isOver: status === 'ended' }
  const area = { columns, rows, looks, isFocused: false }
  const lines = headerRows({ snapshot, now, area, isLost: status === 'lost', replay })
  return <Lines rows={lines} columns={columns} looks={looks} />
}
