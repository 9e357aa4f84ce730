/** Tables of items: CSV as RFC 4180 has it, with quotes, either line end and a byte order mark. The first line names the columns. */
import { isUtf8 } from 'node:buffer'
import type { Table } from '../model/plan.ts'
import { suggestion } from './suggest.ts'

type ReadTable =
  | { readonly ok: true; readonly table: Table /** Place of the column that names the items. */; readonly key: number }
  | { readonly ok: false; readonly message: string; readonly hint?: string }

/** What is wrong with one row of the file; the first one, with the columns, is row 0. */
interface Problem {
  readonly row: number
  readonly message: string
  readonly hint?: string
}

const NEWLINE = 10
const RETURN = 13

/** More wrong rows are only counted. */
const MOST_TOLD = 5

/**
 * All wrong rows are told at once, by the line of the file that they begin in.
 * @param path for messages
 * @param id column of the names; left out: the first one
 */
export async function readTable(path: string, bytes: Buffer, id?: string): Promise<ReadTable> {
  const foreign = foreignByte(bytes)
  if (foreign) return { ok: false, message: `${path}:${lineAt(bytes, foreign.at)}: ${foreign.message}` }
  const parse = await parser()
  let rows: string[][]
  try {
    rows = parse(bytes)
  } catch (error) {
    const ends = rowEnds(parse, bytes)
    return refused(path, { bytes, ends }, [{ row: ends.length, message: syntaxOf(error as Error) }])
  }
  const [columns, ...items] = rows
  if (!columns) return { ok: false, message: `${path} is empty: its first line must name the columns.` }
  const key = id === undefined ? 0 : columns.indexOf(id)
  const heading = headingProblems(columns, key < 0 ? id : undefined)
  const problems = heading.length > 0 ? heading : rowProblems(columns, items, key)
  if (problems.length > 0) return refused(path, { bytes, ends: rowEnds(parse, bytes) }, problems)
  return { ok: true, table: { columns, rows: items }, key }
}

type Parse = (bytes: Buffer, onRow?: (end: number) => void) => string[][]

/** Most plans have no table: the parser is loaded for those that do. */
async function parser(): Promise<Parse> {
  const { parse } = await import('csv-parse/sync')
  return (bytes, onRow) =>
    parse(bytes, {
      bom: true,
      record_delimiter: ['\r\n', '\n'],
      skip_empty_lines: true,
      relax_column_count: true,
      ...(onRow && {
        on_record: (_, { bytes: end }) => {
          onRow(end)
          return null
        },
      }),
    })
}

/** Where each row ends that can be read. It costs as much as the rows, so it is asked only where something is to be told. */
function rowEnds(parse: Parse, bytes: Buffer): readonly number[] {
  const ends: number[] = []
  try {
    parse(bytes, (end) => ends.push(end))
  } catch {
    // The ends of those before it are known.
  }
  return ends
}

function syntaxOf(error: Error & { readonly code?: string }): string {
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened and never closed.'
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'something stands behind a closing quote; a quote within a cell is written twice.'
    case 'INVALID_OPENING_QUOTE':
      return 'a quote stands in a cell that does not begin with one; such a cell is written in quotes, the quote twice.'
    default:
      return error.message
  }
}

function headingProblems(columns: readonly string[], missing: string | undefined): readonly Problem[] {
  const problems: Problem[] = []
  for (const [place, column] of columns.entries()) {
    if (column === '') problems.push({ row: 0, message: `column ${place + 1} has no name.` })
    else if (columns.indexOf(column) < place)
      problems.push({ row: 0, message: `the column \`${column}\` stands twice.` })
  }
  if (missing === undefined) return problems
  const hint = suggestion(missing, columns, 'columns')
  return [...problems, { row: 0, message: `there is no column \`${missing}\`.`, hint }]
}

function rowProblems(
  columns: readonly string[],
  items: readonly (readonly string[])[],
  key: number,
): readonly Problem[] {
  const problems: Problem[] = []
  const seen = new Set<string>()
  for (const [place, cells] of items.entries()) {
    const row = place + 1
    const name = cells[key] ?? ''
    if (cells.length !== columns.length) {
      problems.push({ row, message: `the row has ${cellCount(cells.length)}, the first line names ${columns.length}.` })
    } else if (name === '')
      problems.push({ row, message: `the row has no \`${columns[key]}\`, which is the item's name.` })
    else if (seen.has(name)) problems.push({ row, message: `\`${name}\` comes twice; items have different names.` })
    seen.add(name)
  }
  return problems
}

function cellCount(count: number): string {
  return count === 1 ? '1 cell' : `${count} cells`
}

interface Told {
  readonly bytes: Buffer
  /** By row: where it ends. */
  readonly ends: readonly number[]
}

function refused(path: string, { bytes, ends }: Told, problems: readonly Problem[]): ReadTable {
  const lines = problems.slice(0, MOST_TOLD).map(({ row, message }) => {
    const start = startAfter(bytes, ends[row - 1] ?? 0)
    return `${path}:${lineAt(bytes, start)}: ${message}`
  })
  const left = problems.length - lines.length
  const message = [...lines, ...(left > 0 ? [`And ${left} more like that.`] : [])].join('\n')
  const hint = problems.find((problem) => problem.hint !== undefined)?.hint
  return { ok: false, message, ...(hint === undefined ? {} : { hint }) }
}

/** Where the next row begins: empty lines are none. */
function startAfter(bytes: Buffer, end: number): number {
  let start = end
  while (bytes[start] === NEWLINE || bytes[start] === RETURN) start += 1
  return start
}

/** From 1. */
function lineAt(bytes: Buffer, offset: number): number {
  let line = 1
  for (let at = bytes.indexOf(NEWLINE); at >= 0 && at < offset; at = bytes.indexOf(NEWLINE, at + 1)) line += 1
  return line
}

/** What no cell may hold. */
function foreignByte(bytes: Buffer): { readonly at: number; readonly message: string } | undefined {
  const at = bytes.indexOf(0)
  if (at >= 0) return { at, message: 'there is a NUL character, which no command could be given.' }
  if (isUtf8(bytes)) return undefined
  let line = 0
  for (let from = 0; from < bytes.length; from = line) {
    const newline = bytes.indexOf(NEWLINE, from)
    line = newline < 0 ? bytes.length : newline + 1
    if (!isUtf8(bytes.subarray(from, line))) return { at: from, message: 'this line is no UTF-8.' }
  }
  return undefined
}
