/** A picture and what changed since → the next picture. Pure; the old one stays as it is. */
import type { RunSnapshot, SnapshotDelta } from '../model/snapshot.ts'

/** As many events as a fresh picture holds. */
const MOST_EVENTS = 200

export function applyDelta(snapshot: RunSnapshot, delta: SnapshotDelta): RunSnapshot {
  return {
    head: delta.head ?? snapshot.head,
    phases: delta.phases ?? snapshot.phases,
    threads: replaceRows(snapshot.threads, delta.threads, ({ thread }) => thread - 1).slice(0, delta.threadCount),
    batches: replaceRows(snapshot.batches, delta.batches, ({ index }) => index),
    memory: delta.memory ?? snapshot.memory,
    spans: delta.spans ? [...snapshot.spans.slice(0, delta.spans.from), ...delta.spans.spans] : snapshot.spans,
    events: delta.events ? [...snapshot.events, ...delta.events].slice(-MOST_EVENTS) : snapshot.events,
  }
}

function replaceRows<Row>(
  rows: readonly Row[],
  changed: readonly Row[] | undefined,
  placeOf: (row: Row) => number,
): readonly Row[] {
  if (!changed) return rows
  const next = [...rows]
  for (const row of changed) next[placeOf(row)] = row
  return next
}
