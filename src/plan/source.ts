/** A plan file as text and as YAML nodes, and the way from a path in it (`batches`, 3, `task`) to line and column. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  type Pair,
  type YAMLMap,
} from 'yaml'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Path } from './fields.ts'

export interface PlanSource {
  /** As people gave it. */
  readonly file: string
  readonly text: string
  readonly document: Document.Parsed
  readonly lines: LineCounter
}

/** Offsets in the text. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/** Where the value at `path` stands; where there is none, the nearest map or list that would hold it. */
export function valueRange(source: PlanSource, path: Path): TextRange {
  let node: unknown = source.document.contents
  let found = node
  for (const part of path) {
    node = child(source.document, node, part)
    if (node === undefined || node === null) break
    found = node
  }
  return rangeOf(found)
}

/** Part of the text at `path`, where its characters stand in the file as they are; else all of it. */
export function insideRange(source: PlanSource, path: Path, part: TextRange | undefined): TextRange {
  const node = resolved(source.document, nodeAt(source, path))
  const whole = valueRange(source, path)
  if (!part || !isScalar(node) || typeof node.value !== 'string' || !node.range) return whole
  const [from, to] = node.range
  if (node.type === 'BLOCK_LITERAL') return insideBlock({ text: source.text, from }, node.value, part) ?? whole
  const written = source.text.slice(from, to)
  const quote = /^["']/.test(written) ? 1 : 0
  const isAsWritten = written.slice(quote, written.length - quote) === node.value
  return isAsWritten ? { start: from + quote + part.start, end: from + quote + part.end } : whole
}

/** Part of a text behind `|`: its lines stand in the file as they are, behind blanks. */
function insideBlock(
  { text, from }: { text: string; from: number },
  value: string,
  part: TextRange,
): TextRange | undefined {
  const above = value.slice(0, part.start).split('\n')
  let start = text.indexOf('\n', from) + 1
  for (let line = 1; line < above.length; line++) start = text.indexOf('\n', start) + 1
  const [written = ''] = text.slice(start).split(/\r?\n/, 1)
  const column = above.at(-1)?.length ?? 0
  const [said = ''] = value.slice(part.start - column).split('\n', 1)
  if (!written.endsWith(said)) return undefined
  const at = start + written.length - said.length + column
  return { start: at, end: at + part.end - part.start }
}

/** Where the key at `path` stands; where there is none, its value. */
export function keyRange(source: PlanSource, path: Path): TextRange {
  const parent = resolved(source.document, nodeAt(source, path.slice(0, -1)))
  const pair = isMap(parent) ? pairOf(source.document, parent, String(path.at(-1))) : undefined
  return pair ? rangeOf(pair.key) : valueRange(source, path)
}

/** True where the file has something at `path`. */
export function hasValue(source: PlanSource, path: Path): boolean {
  return nodeAt(source, path) !== undefined
}

function nodeAt(source: PlanSource, path: Path): unknown {
  return path.reduce<unknown>((node, part) => child(source.document, node, part), source.document.contents)
}

function child(document: Document.Parsed, parent: unknown, part: string | number): unknown {
  const node = resolved(document, parent)
  if (isSeq(node)) return node.items[Number(part)]
  return isMap(node) ? pairOf(document, node, String(part))?.value : undefined
}

/** The pair with this key, looked for in merged maps (`<<: *base`) too. */
function pairOf(document: Document.Parsed, map: YAMLMap, key: string): Pair | undefined {
  const own = map.items.findLast((pair) => keyText(pair) === key)
  if (own) return own
  for (const pair of map.items) {
    if (keyText(pair) !== '<<') continue
    const merged = resolved(document, pair.value)
    for (const base of isSeq(merged) ? merged.items : [merged]) {
      const node = resolved(document, base)
      const found = isMap(node) ? pairOf(document, node, key) : undefined
      if (found) return found
    }
  }
  return undefined
}

/** A pair's key as text. */
export function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : ''
}

function resolved(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node
}

function rangeOf(node: unknown): TextRange {
  const range = isPair(node) ? undefined : isNode(node) ? node.range : undefined
  return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 }
}

/** The diagnostic's place: the part of the range that stands on its first line. */
export function placeOf(
  source: PlanSource,
  range: TextRange,
): Omit<Diagnostic, 'severity' | 'rule' | 'message' | 'hint'> {
  const { line, col } = source.lines.linePos(Math.min(range.start, source.text.length))
  const from = range.start - (col - 1)
  const newline = source.text.indexOf('\n', from)
  const lineEnd = newline === -1 ? source.text.length : newline
  const text = source.text.slice(from, lineEnd).replace(/\r$/, '')
  const covered = text.slice(col - 1, col - 1 + range.end - range.start).trimEnd()
  return { file: source.file, line, column: col, length: Math.max(1, covered.length), text }
}
