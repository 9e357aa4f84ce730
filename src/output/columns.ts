/** Texts in columns: each as wide as its widest cell, two blanks between them, nothing trailing. */
import { cellWidth, clean, cutEnd } from '../view/fit.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Widest it may get; longer texts lose their end. */
  readonly most?: number
}

export function formatColumns(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map(({ most }, place) => fit(row[place] ?? '', most)),
  )
  const widths = columns.map((_, place) => Math.max(...cells.map((row) => cellWidth(row[place] ?? ''))))
  return cells.map((row) =>
    columns
      .map(({ align }, place) => pad(row[place] ?? '', widths[place] ?? 0, align))
      .join('  ')
      .trimEnd(),
  )
}

function fit(text: string, most: number | undefined): string {
  return most === undefined ? clean(text) : cutEnd(text, most)
}

export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const gap = ' '.repeat(Math.max(0, width - cellWidth(text)))
  return align === 'right' ? gap + text : text + gap
}
