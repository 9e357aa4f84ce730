/** What changed between two pictures, so that little goes over the socket. Both ends: what `diff` leaves out, `apply` keeps. */
import type { RunSnapshot, SnapshotDelta, Span } from '../model/snapshot.ts'

/** @returns undefined where nothing did */
export function diffSnapshots(before: RunSnapshot, after: RunSnapshot): SnapshotDelta | undefined {
  const threads = changed(before.threads, after.threads)
  const batches = changed(before.batches, after.batches)
  const spans = changedSpans(before.spans, after.spans)
  const lastSeq = before.events.at(-1)?.seq ?? 0
  const events = after.events.filter(({ seq }) => seq > lastSeq)
  const hasFewer = after.threads.length < before.threads.length
  const delta: SnapshotDelta = {
    ...(same(before.head, after.head) ? {} : { head: after.head }),
    ...(same(before.phases, after.phases) ? {} : { phases: after.phases }),
    ...(threads.length === 0 ? {} : { threads }),
    ...(hasFewer ? { threadCount: after.threads.length } : {}),
    ...(batches.length === 0 ? {} : { batches }),
    ...(same(before.memory, after.memory) ? {} : { memory: after.memory }),
    ...(spans === undefined ? {} : { spans }),
    ...(events.length === 0 ? {} : { events }),
  }
  for (const _ in delta) return delta
  return undefined
}

/** Rows that differ. They know their own place: a thread's number, a batch's index. */
function changed<Row>(before: readonly Row[], after: readonly Row[]): Row[] {
  return after.filter((row, place) => !same(before[place], row))
}

/** Spans only ever change near their end, or lose their oldest part as a whole. */
function changedSpans(before: readonly Span[], after: readonly Span[]): SnapshotDelta['spans'] | undefined {
  let from = 0
  while (from < before.length && from < after.length && sameSpan(before[from], after[from])) from += 1
  if (from === before.length && from === after.length) return undefined
  return { from, spans: after.slice(from) }
}

/** There may be thousands of them ten times a second: field by field. */
function sameSpan(left: Span | undefined, right: Span | undefined): boolean {
  return (
    left?.thread === right?.thread &&
    left?.batch === right?.batch &&
    left?.from === right?.from &&
    left?.to === right?.to
  )
}

/** Pictures are plain data built the same way each time: equal text is equal data. */
function same(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right)
}
