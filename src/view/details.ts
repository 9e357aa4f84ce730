/** Everything about one thread and its item, or one item of the list, or one batch. */
import type { ItemRow } from '../model/feed.ts'
import type { BatchView, RunSnapshot, ThreadView } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { breakerSentence } from './breaker.ts'
import { clean } from './fit.ts'
import {
  countOf,
  elapsedOf,
  formatBytes,
  formatClock,
  formatCount,
  formatMeasured,
  formatPercent,
  formatRoundBytes,
} from './format.ts'
import { finish, titleRow } from './panel.ts'
import { type Area, cell, gap, type Row } from './row.ts'
import { partsKnown } from './thread-memory.ts'
import { batchLabel, workName } from './threads.ts'

export type DetailsOf =
  | { readonly kind: 'thread'; readonly thread: ThreadView }
  | { readonly kind: 'item'; readonly item: ItemRow }
  | { readonly kind: 'batch'; readonly batch: BatchView }

export interface DetailsInput {
  readonly snapshot: RunSnapshot
  readonly now: WallTime
  readonly area: Area
  readonly of: DetailsOf
  /** Why the item is not running, or how it ended; undefined until the answer came. */
  readonly why: string | undefined
  /** Last lines of its output. */
  readonly log: readonly string[] | undefined
}

export function detailsRows(input: DetailsInput): readonly Row[] {
  const { area, of, why, log } = input
  const [title, facts] = factsOf(input)
  const width = area.columns - 2
  const reasons = of.kind === 'batch' || why === undefined ? [] : wrap(why, width - 12)
  const rows: Row[] = [
    titleRow(title, { area }),
    ...facts.flatMap(([name, value]) => (value === '' ? [] : [factRow(name, value, width)])),
    ...reasons.map((line, place) => factRow(place === 0 ? 'why' : '', line, width)),
  ]
  const room = area.rows - rows.length - 2
  const lines = (log ?? []).slice(-Math.max(0, room))
  if (of.kind !== 'batch' && room > 1 && lines.length > 0) {
    rows.push([], [{ text: ' output', color: 'dim' }], ...lines.map((line): Row => [gap(1), cell(line, width)]))
  }
  return finish(rows, area)
}

type Fact = readonly [name: string, value: string]

const factRow = (name: string, value: string, width: number): Row => [
  gap(1),
  cell(name, 12, { color: 'dim' }),
  cell(value, width - 12),
]

function factsOf(input: DetailsInput): readonly [string, readonly Fact[]] {
  const { of } = input
  if (of.kind === 'thread') return [`Thread ${of.thread.thread}`, threadFacts(of.thread, input)]
  if (of.kind === 'batch') return [`Batch ${of.batch.id}`, batchFacts(of.batch, input)]
  const { item } = of
  return [
    `Item ${clean(item.name)}`,
    [
      ['number', `@${item.index + 1}`],
      ['batch', item.batch],
      ['state', item.state],
      ['attempts', formatCount(item.attempts)],
      ['time', item.ms === undefined ? '' : formatMeasured(item.ms)],
      ['reason', item.reason ?? ''],
    ],
  ]
}

function threadFacts(thread: ThreadView, { snapshot, now }: DetailsInput): readonly Fact[] {
  const batch = thread.batch === undefined ? undefined : snapshot.batches[thread.batch]
  const { item, clock, paused } = thread
  const by =
    paused === undefined
      ? ''
      : `, by ${paused.by === 'user' ? 'you' : 'the governor'} for ${formatClock(now - paused.at)}`
  return [
    ['state', `${thread.state}${by}${thread.why === undefined ? '' : `: ${thread.why}`}`],
    ['batch', batch === undefined ? '' : batchLabel(batch)],
    [
      'item',
      item === undefined
        ? ''
        : `${workName(thread)} (@${item.index + 1}), attempt ${item.attempt}, ${countOf(item.tries, 'try', 'tries')} allowed`,
    ],
    ['progress', thread.fraction === undefined ? '' : (formatPercent(Math.min(thread.fraction, 0.99), 1) ?? '')],
    ['note', thread.note ?? ''],
    ['time', clock === undefined ? '' : formatClock(elapsedOf(clock, now))],
    ['usual', usualOf(batch)],
    ['memory', `${formatBytes(thread.used)} of ${formatRoundBytes(thread.cap)}${partsOf(thread)}`],
    ['expected', thread.expected === undefined ? '' : formatBytes(thread.expected)],
    ['done', countOf(thread.done, 'item')],
    ['replaced', thread.replaced === 0 ? '' : countOf(thread.replaced, 'time')],
  ]
}

function partsOf(thread: ThreadView): string {
  const parts = partsKnown(thread)
  return parts === undefined ? '' : `: heap ${formatBytes(parts.heap)}, buffers ${formatBytes(parts.buffers)}`
}

function usualOf(batch: BatchView | undefined): string {
  if (batch?.usual === undefined) return ''
  const late = batch.p95 === undefined ? '' : `, 95 of 100 below ${formatMeasured(batch.p95)}`
  return formatMeasured(batch.usual) + late
}

function batchFacts(batch: BatchView, { snapshot: { phases }, now }: DetailsInput): readonly Fact[] {
  const phase = batch.phase === undefined ? undefined : phases[batch.phase]
  const left = batch.total - batch.succeeded - batch.failed - batch.skipped
  return [
    ['title', batch.title],
    ['phase', phase === undefined ? '' : `${phase.id} ${phase.title}`],
    ['category', batch.category ?? ''],
    ['level', batch.level],
    ['state', batch.state],
    ['needs', batch.needs.join(', ')],
    ['breaker', batch.breaker === undefined ? '' : breakerSentence(batch.breaker, now).replace('breaker ', '')],
    ['to undo', batch.toUndo === undefined ? '' : countOf(batch.toUndo, 'item')],
    ['items', batch.isUnlisted ? 'listed when it may start' : formatCount(batch.total)],
    ['succeeded', formatCount(batch.succeeded)],
    ['failed', formatCount(batch.failed)],
    ['skipped', formatCount(batch.skipped)],
    [
      'left',
      `${formatCount(left)}, of them ${formatCount(batch.running)} running, ${formatCount(batch.waiting)} in retry`,
    ],
    ['usual', usualOf(batch)],
    ['memory', batch.size === undefined ? '' : `9 of 10 items below ${formatBytes(batch.size)}`],
  ]
}

/** Lines of at most `width` letters, broken between words; what is set in stays so. */
function wrap(whole: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const part of whole.split('\n')) {
    const text = clean(part)
    const indent = ' '.repeat(text.search(/[^ ]|$/))
    let line = ''
    for (const word of text.trimStart().split(' ')) {
      if (line !== '' && line.length + word.length + 1 > width) {
        lines.push(line)
        line = indent + word
      } else line = line === '' ? indent + word : `${line} ${word}`
    }
    lines.push(line)
  }
  return lines
}
