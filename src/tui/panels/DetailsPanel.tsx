import type { ReactElement } from 'react'
import { type DetailsOf, detailsRows } from '../../view/details.ts'
import { shownLog } from '../selection.ts'
import type { ItemTarget } from '../state.ts'
import { Lines } from '../widgets/Lines.tsx'
import { areaOf, type PanelProps } from './panel-props.ts'

export function DetailsPanel(props: PanelProps): ReactElement | null {
  const { state, snapshot, box } = props
  const of = subjectOf(props)
  if (of === undefined) return null
  const { overlay, now, looks } = state
  const item = shownLog(state)
  const isExplained = overlay?.kind === 'item' || (overlay?.kind === 'thread' && isSameAttempt(overlay.item, item))
  const why = isExplained ? overlay.why : undefined
  const log = state.log?.item === item?.index ? state.log?.lines : undefined
  const rows = detailsRows({ snapshot, now, area: areaOf(props), of, why, log })
  return <Lines rows={rows} columns={box.columns} looks={looks} />
}

/** A thread goes on to other items while the answer for one is on the screen. */
const isSameAttempt = (a: ItemTarget | undefined, b: ItemTarget | undefined): boolean =>
  a?.index === b?.index && a?.attempt === b?.attempt

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
