import { Box, Text } from 'ink'
import { memo, type ReactElement } from 'react'
import type { Looks, Row } from '../../view/row.ts'
import { paint } from '../theme.ts'

/** One text element for the whole line; it is laid out and measured again only when the line reads differently. */
const Line = memo(function Line({ text }: { readonly text: string }): ReactElement {
  return <Text wrap="truncate-end">{text === '' ? ' ' : text}</Text>
})

interface LinesProps {
  readonly rows: readonly Row[]
  readonly columns: number
  readonly looks: Looks
}

/** Rows one below the other, `columns` wide. They must fit: nothing is clipped here. */
export function Lines({ rows, columns, looks }: LinesProps): ReactElement {
  return (
    <Box flexDirection="column" width={columns} height={rows.length} flexShrink={0}>
      {rows.map((row, place) => (
        // A line is its place on the screen: rows never move about.
        // oxlint-disable-next-line react/no-array-index-key
        <Line key={place} text={paint(row, looks)} />
      ))}
    </Box>
  )
}
