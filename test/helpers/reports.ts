/** What threads of a fake run report of single items. */
import type { ItemResult } from '../../src/model/chunk.ts'
import { threadNumber } from '../../src/model/ids.ts'
import { millis } from '../../src/model/units.ts'
import type { FakeRun } from './fake-run.ts'

type Failure = Extract<ItemResult, { ok: false }>
type Success = Extract<ItemResult, { ok: true }>

/** The first item of a thread's chunk fails, and nothing of the chunk is left. */
export function failItem(run: FakeRun, thread: number, how: Pick<Failure, 'reason'> & Partial<Failure>): void {
  endItem(run, thread, { ok: false, place: 0, ms: millis(1), isRetryable: true, ...how })
}

/** It succeeds with more to tell than that. */
export function succeedItem(run: FakeRun, thread: number, how: Partial<Success>): void {
  endItem(run, thread, { ok: true, place: 0, ms: millis(1), ...how })
}

function endItem(run: FakeRun, thread: number, result: ItemResult): void {
  const head = { thread: threadNumber(thread), chunk: run.chunk(thread)?.id ?? 0 }
  run.report({ type: 'items.ended', ...head, results: [result] })
  run.report({ type: 'chunk.ended', ...head })
  run.sync()
}
