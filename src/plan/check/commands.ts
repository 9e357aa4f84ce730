import { type Columns, columnsOf, columnsOfListed } from '../columns.ts'
import { parseCommand } from '../command.ts'
import { commandsOf, type PlacedText, plainTextsOf } from '../commands.ts'
import type { Named } from '../name-items.ts'
import { isOwnWord, unknownWords } from '../placeholders.ts'
import type { Report } from '../report.ts'
import type { BatchInput } from '../schema.ts'
import type { ChosenBatch } from '../select.ts'
import { insideRange } from '../source.ts'
import { closest, suggestion } from '../suggest.ts'
import { type CheckContext, isReadable } from './context.ts'

/** Commands can be taken apart, and placeholders stand where names can be quoted. */
export function checkCommands({ plan, report }: CheckContext): void {
  for (const [place, batch] of plan.batches.entries()) {
    // Columns of a table that is not read yet are left alone here: `awk '{print}'` has none.
    checkBatch({ batch, place, columns: columnsOf(batch.items) ?? [] }, report)
  }
}

/** The same for batches whose columns were known only when their items were listed. */
export function checkListedCommands(chosen: readonly ChosenBatch[], named: readonly Named[], report: Report): void {
  for (const [index, { batch, place }] of chosen.entries()) {
    const names = named[index]?.names
    if (columnsOf(batch.items) !== undefined || !names) continue
    checkBatch({ batch, place, columns: columnsOfListed(batch.items, names) }, report)
  }
}

interface Checked {
  readonly batch: BatchInput
  readonly place: number
  readonly columns: Columns
}

function checkBatch({ batch, place, columns }: Checked, report: Report): void {
  const commands = commandsOf(batch, place).filter(({ text }) => isReadable(text))
  for (const { path, text } of commands) {
    const parsed = parseCommand(text, { columns, shell: batch.shell })
    if (parsed.ok) continue
    const { problem, hint, at } = parsed
    report.error({ rule: 'bad-command', at: insideRange(report.source, path, at), message: problem, hint })
  }
  if (!columns || columns.length === 0) return
  // Braces mean something in shells and other languages, too: there only what is nearly a column is told.
  for (const each of commands) warnOfWords(each, columns, report, (word) => closest(word, columns) !== undefined)
  for (const each of plainTextsOf(batch, place)) warnOfWords(each, columns, report, () => true)
  for (const column of columns.filter(isOwnWord)) {
    for (const each of [...commands, ...plainTextsOf(batch, place)]) warnOfHidden(each, column, report)
  }
}

function warnOfHidden({ path, text }: PlacedText, column: string, report: Report): void {
  const start = text.indexOf(`{${column}}`)
  if (start < 0) return
  report.warning({
    rule: 'hidden-column',
    at: insideRange(report.source, path, { start, end: start + column.length + 2 }),
    message: `\`{${column}}\` is not the column of that name: batchtop has a meaning of its own for it.`,
    hint: 'Call the column otherwise in the table.',
  })
}

function warnOfWords(
  { path, text }: PlacedText,
  columns: readonly string[],
  report: Report,
  isTold: (word: string) => boolean,
): void {
  for (const { word, at } of unknownWords(text, columns)) {
    if (!isTold(word)) continue
    report.warning({
      rule: 'unknown-column',
      at: insideRange(report.source, path, { start: at, end: at + word.length + 2 }),
      message: `\`{${word}}\` is no column of these items, and stays as it is written.`,
      hint: suggestion(word, columns, 'columns'),
    })
  }
}
