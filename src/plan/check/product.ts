import type { ColumnValues } from '../../model/plan.ts'
import type { Path } from '../fields.ts'
import { type ProductInput, valuesOf } from '../product.ts'
import { parseRange } from '../range.ts'
import type { Report } from '../report.ts'

/** What a placeholder may be called. */
const WORD = /^[\p{L}_][\p{L}\p{N}_.-]*$/u

/** Columns are called so that they can be placeholders, and no two combinations make the same name. */
export function checkProduct(product: ProductInput, path: Path, report: Report): void {
  const columns = Object.entries(product)
  if (columns.length === 0) {
    const message = 'A product needs at least one column.'
    report.error({ rule: 'bad-product', at: { value: path }, message, hint: 'Such as `{ seed: 1..100 }`.' })
  }
  for (const [place, [name, column]] of columns.entries()) {
    checkName(name, [...path, name], report)
    if (typeof column === 'string') checkRange(column, [...path, name], report)
    else checkList(column, [...path, name], report)
    const next = columns[place + 1]?.[0]
    const values = next === undefined ? undefined : valuesOf(column)
    const mixed = values && textsOf(values).find((text) => text.includes(`,${next}=`))
    if (mixed === undefined) continue
    const message = `\`${mixed}\` holds \`,${next}=\`, which begins the next column in the name of an item.`
    report.error({ rule: 'bad-product', at: { value: [...path, name] }, message, hint: 'Call that column otherwise.' })
  }
}

function checkName(name: string, path: Path, report: Report): void {
  const at = { key: path }
  if (!WORD.test(name)) {
    const message = `The column \`${name}\` cannot be a placeholder: it is called by a word, such as \`seed\`.`
    report.error({ rule: 'bad-product', at, message })
  } else if (name === 'batch') {
    report.error({
      rule: 'bad-product',
      at,
      message: 'A column cannot be called `batch`: `{batch}` is the batch of an item.',
    })
  }
}

function checkRange(text: string, path: Path, report: Report): void {
  const result = parseRange(text)
  if (result.ok) return
  const message = `A column is a list of values or a range: ${result.problem}.`
  const hint = text.includes('..') ? undefined : `A list of one value is \`[${text}]\`.`
  report.error({ rule: 'bad-range', at: { value: path }, message, hint })
}

function checkList(values: readonly string[], path: Path, report: Report): void {
  const seen = new Set<string>()
  for (const [place, value] of values.entries()) {
    const at = { value: [...path, place] }
    if (value.includes('\0')) report.error({ rule: 'bad-name', at, message: 'A value holds no NUL character.' })
    if (seen.has(value))
      report.error({ rule: 'duplicate-item', at, message: `\`${value}\` stands twice in this column.` })
    seen.add(value)
  }
}

/** Of a range one value: what stands around the number is the same in all. */
function textsOf(values: ColumnValues): readonly string[] {
  return values.kind === 'list' ? values.values : [`${values.prefix}0${values.suffix}`]
}
