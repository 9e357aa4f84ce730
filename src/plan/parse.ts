/** YAML text → nodes with places and a plain value. Ids and names are taken as they are written: 1.10 stays 1.10. */
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import { Report } from './report.ts'
import { keyText, type TextRange } from './source.ts'

/** Far more than any plan needs, far less than a "billion laughs" file wants. */
const MAX_ALIASES = 100_000

/** Fields that are texts even where a number or `true` is written. */
const TEXTS = new Set(
  'name id title phase category priority items needs batch env glob file command csv product task run shell outputs undo cwd'.split(
    ' ',
  ),
)

export interface Parsed {
  readonly report: Report
  /** Undefined where the YAML is so broken that nothing can be made of it. */
  readonly value?: unknown
}

/** Parses one YAML document; its syntax problems are in the report. */
export function parseYaml(file: string, text: string): Parsed {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, stringKeys: true })
  const report = new Report({ file, text, document, lines })
  for (const { message, pos, code } of document.errors) {
    const end = code === 'DUPLICATE_KEY' ? keyEnd(text, pos[0]) : pos[1]
    report.error({ ...quotesHint(text, pos[0]), ...told(code, message), at: { start: pos[0], end } })
  }
  for (const { message, pos } of document.warnings) {
    report.warning({ rule: 'yaml', message, at: { start: pos[0], end: pos[1] } })
  }
  const lost = lostAliases(document)
  for (const { start, end, message } of lost) report.error({ rule: 'yaml', message, at: { start, end } })
  // A key written twice still leaves a plan to check; anything worse leaves guesses.
  const isBroken = document.errors.some(({ code }) => code !== 'DUPLICATE_KEY') || lost.length > 0
  if (isBroken) return { report }
  takeAsText(document.contents, '')
  try {
    return { report, value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown }
  } catch (error) {
    report.error({ rule: 'yaml', message: (error as Error).message, at: { value: [] } })
    return { report }
  }
}

/** A text that begins a line of its own, unquoted, with what YAML reads for itself. */
const UNQUOTED = /(?:^|[\s{,-])(run|undo|command|outputs|cwd)\s*:\s*(?![\s'"|>])(?=.*[{}]|.*: |.* #)/

/** People who come from a shell write commands as they would there. */
function quotesHint(text: string, at: number): { readonly hint?: string } {
  const start = text.lastIndexOf('\n', at - 1) + 1
  const end = text.indexOf('\n', at)
  const [, key] = UNQUOTED.exec(text.slice(start, end < 0 ? undefined : end)) ?? []
  if (key === undefined) return {}
  const hint = `YAML reads braces and \`: \` for itself: put the text of \`${key}\` into quotes, or behind a \`|\` on lines of its own.`
  return { hint }
}

function told(code: string, message: string): { rule: string; message: string; hint?: string } {
  if (code === 'DUPLICATE_KEY') return { rule: 'duplicate-key', message: 'This key stands twice in the same map.' }
  if (code === 'MULTIPLE_DOCS') {
    return {
      rule: 'one-document',
      message: 'A plan file holds one YAML document.',
      hint: 'Put every plan in a file of its own, and take out the `---`.',
    }
  }
  return { rule: 'yaml', message }
}

/** The parser tells only where a key begins. */
function keyEnd(text: string, start: number): number {
  return start + (/^[^\s:]*/.exec(text.slice(start, start + 100))?.[0].length ?? 1)
}

interface LostAlias extends TextRange {
  readonly message: string
}

/** Aliases of nothing, and those that would make a value hold itself. */
function lostAliases(document: Document.Parsed): LostAlias[] {
  const lost: LostAlias[] = []
  visit(document, {
    Alias: (_, alias, path) => {
      const [start, end] = alias.range ?? [0, 0]
      const target = alias.resolve(document)
      if (target === undefined) {
        lost.push({ start, end, message: `There is no anchor \`&${alias.source}\` above this.` })
      } else if (path.includes(target)) {
        lost.push({ start, end, message: `\`&${alias.source}\` would hold itself.` })
      }
    },
  })
  return lost
}

/** Maps of texts, whatever their keys. */
const MAPS_OF_TEXTS = new Set(['env', 'product'])

/** Puts the written text in place of numbers and booleans, wherever a text is meant. `with` keeps its own types. */
function takeAsText(node: unknown, field: string): void {
  if (isMap(node)) {
    for (const pair of node.items) {
      const key = MAPS_OF_TEXTS.has(field) ? field : keyText(pair)
      if (key !== 'with') takeAsText(pair.value, key)
    }
  } else if (isSeq(node)) {
    for (const item of node.items) takeAsText(item, field)
  } else if (isScalar(node) && TEXTS.has(field) && node.source !== undefined) {
    if (typeof node.value === 'number' || typeof node.value === 'boolean') node.value = node.source
  }
}
