/** Which panels a screen has room for, and how large they are. */

export type PanelName = 'threads' | 'memory' | 'timeline' | 'batches' | 'events' | 'items' | 'log'

export const SMALLEST = { columns: 60, rows: 16 } as const

export interface PanelBox {
  readonly panel: PanelName
  readonly columns: number
  readonly rows: number
}

export type Layout =
  | { readonly kind: 'small' }
  | {
      readonly kind: 'panels'
      readonly headerRows: number
      /** Rows between header and footer. */
      readonly bodyRows: number
      /** From top to bottom; panels within a band stand side by side. */
      readonly bands: readonly (readonly PanelBox[])[]
    }

export interface Counts {
  readonly threads: number
  readonly batches: number
  readonly phases: number
  /** Rows that the header has besides: the disk is in trouble. */
  readonly troubles?: number
}

/** Title, two lines. */
const MEMORY_ROWS = 3
/** Two more, where nothing that people need more has to give way to them. */
const LONG_MEMORY_ROWS = 5

/** The whole picture: as much as fits, in the order in which people need it. */
export function layout(columns: number, rows: number, counts: Counts): Layout {
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return { kind: 'small' }
  const headerRows = (columns >= 100 && rows >= 28 && counts.phases > 0 ? 3 : 2) + (counts.troubles ?? 0)
  const bodyRows = rows - headerRows - 1
  const threadRows = Math.min(2 + Math.max(1, counts.threads), Math.max(8, Math.floor(bodyRows * 0.62)))
  const band = (panel: PanelName, size: number): PanelBox[] => (size < 2 ? [] : [{ panel, columns, rows: size }])
  const free = bodyRows - threadRows - MEMORY_ROWS
  const timelineRows = columns >= 100 && free - 2 - counts.threads >= 8 ? 2 + counts.threads : 0
  const spare = free - timelineRows
  const memoryRows = columns >= 100 && spare >= 10 ? LONG_MEMORY_ROWS : MEMORY_ROWS
  const left = spare - (memoryRows - MEMORY_ROWS)
  const batchRows = left >= 7 ? Math.min(2 + Math.max(1, counts.batches), Math.floor(left / 2)) : 0
  const bands = [
    band('threads', threadRows),
    band('memory', memoryRows),
    band('timeline', timelineRows),
    band('batches', batchRows),
    eventBand(columns, left - batchRows),
  ]
  return { kind: 'panels', headerRows, bodyRows, bands: bands.filter((boxes) => boxes.length > 0) }
}

/** Events, and on wide screens the output of the selected thread beside them. */
function eventBand(columns: number, rows: number): PanelBox[] {
  if (rows < 2) return []
  if (columns < 160 || rows < 5) return [{ panel: 'events', columns, rows }]
  const half = Math.floor(columns / 2)
  return [
    { panel: 'events', columns: half, rows },
    { panel: 'log', columns: columns - half, rows },
  ]
}

/** One panel with all the room between header and footer. */
export function zoomed(whole: Layout, panel: PanelName, columns: number): Layout {
  if (whole.kind === 'small') return whole
  return { ...whole, bands: [[{ panel, columns, rows: whole.bodyRows }]] }
}
