import type { ReactElement } from 'react'
import { type DetailsOf, detailsRows } from '../../view/details.ts'
import { shownLog } from '../selection.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

export function DetailsPanel(props: PanelProps): ReactElement | null {
  const { state, snapshot, box } = props
  const of = subjectOf(props)
  if (of === undefined) return null
  const { overlay, now, looks } = state
  const why = overlay?.kind === 'thread' || overlay?.kind === 'item' ? overlay.why : undefined
  const log = state.log?.item === shownLog(state)?.index ? state.log?.lines : undefined
  const rows = detailsRows({ snapshot, now, area: areaOf(props), of, why, log })
  return <Lines rows={rows} columns={box.columns} looks={looks} />
}

function subjectOf({ state: { overlay }, snapshot }: PanelProps): DetailsOf | undefined {
  if (overlay?.kind === 'item') return { kind: 'item', item: overlay.row }
  if (overlay?.kind === 'batch') {
    const batch = snapshot.batches[overlay.batch]
    return batch === undefined ? undefined : { kind: 'batch', batch }
  }
  if (overlay?.kind !== 'thread') return undefined
  const thread = snapshot.threads.find((view) => view.thread === overlay.thread)
  return thread === undefined ? undefined : { kind: 'thread', thread }
}
