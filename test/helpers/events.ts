/** Any event a run may journal, for property tests. */
// oxlint-disable oxc/no-map-spread -- fixtures may cost a few copies
import fc from 'fast-check'
import type { LogRef, RunEvent, ValueRef } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { Reason } from '../../src/model/reason.ts'
import { bytes, millis, wallTime } from '../../src/model/units.ts'

const thread = fc.integer({ min: 1, max: 512 }).map(threadNumber)
const batch = fc.nat(20).map(batchIndex)
const item = fc.nat(2 ** 31).map(itemIndex)
const attempt = fc.integer({ min: 1, max: 65_535 })
/** Times as a journal keeps them: whole hundredths. */
const ms = fc.oneof(fc.nat(100_000_000), fc.nat(300)).map((value) => millis(value / 100))
const at = fc.nat(2 ** 42).map(wallTime)
const count = fc.nat(2 ** 40)
const text = fc.string({ unit: 'binary', maxLength: 20 })

const value: fc.Arbitrary<ValueRef> = fc.record({ offset: count, length: fc.nat(65_536) })
/** Sizes as a journal keeps them: whole KiB. */
const peak = fc.oneof(fc.nat(2 ** 42), fc.nat(2 ** 21)).map((size) => bytes(size * 1024))
const log: fc.Arbitrary<LogRef> = fc.record({ file: fc.nat(99), offset: count, length: count })

const reason: fc.Arbitrary<Reason> = fc.oneof(
  fc.record({ kind: fc.constant('threw' as const), message: text }),
  fc.record({ kind: fc.constant('threw' as const), message: text, code: text }),
  fc.record({ kind: fc.constantFrom('timeout' as const, 'user' as const), message: text }),
  fc.record({ kind: fc.constantFrom('exit' as const, 'signal' as const), message: text, code: text }),
  fc.record({ kind: fc.constant('output' as const), message: text }),
  fc.record({ kind: fc.constant('memory' as const), message: text, peak, cap: peak }),
)

/** Items in any order, often consecutive. */
const items = fc.oneof(
  fc.array(item, { maxLength: 8 }),
  fc
    .tuple(fc.nat(1_000_000), fc.nat(120))
    .map(([from, length]) => Array.from({ length }, (_, place) => itemIndex(from + place))),
)

function maybe<T, K extends string>(key: K, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<{ readonly [P in K]?: T }> {
  return fc.oneof(
    fc.constant({}),
    arbitrary.map((some) => ({ [key]: some }) as { readonly [P in K]?: T }),
  )
}

const succeeded = items.chain((list) => {
  const each = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.oneof(
      fc.array(arbitrary, { minLength: list.length, maxLength: list.length }),
      arbitrary.map((same) => list.map(() => same)),
    )
  return fc
    .tuple(
      fc.record({ thread, batch, attempts: each(attempt), ms: each(ms) }),
      maybe('values', each(fc.option(value))),
      maybe('logs', each(fc.option(log))),
      maybe('peaks', each(fc.option(peak))),
      maybe('leftovers', each(fc.nat(99))),
    )
    .map(([fields, values, logs, peaks, leftovers]): RunEvent => {
      return { type: 'items.succeeded', items: list, ...fields, ...values, ...logs, ...peaks, ...leftovers }
    })
})

const ended = fc
  .tuple(
    fc.record({ item, thread, attempt, ms, reason }),
    maybe('log', log),
    maybe('peak', peak),
    maybe('leftover', fc.nat(99)),
  )
  .map(([fields, ...some]) => ({ ...fields, ...some[0], ...some[1], ...some[2] }))

const how = fc.constantFrom('untouched', 'interrupted', 'orphaned', 'lost', 'postponed', 'evicted')

export const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  succeeded,
  fc.record({ thread, batch, items }).map((fields): RunEvent => ({ type: 'chunk.started', ...fields })),
  fc
    .tuple(fc.record({ thread, batch, items, how }), maybe('retryAt', at), maybe('peak', peak))
    .map(([fields, ...some]): RunEvent => ({ type: 'items.returned', ...fields, ...some[0], ...some[1] })),
  fc.tuple(ended, at).map(([fields, retryAt]): RunEvent => ({ type: 'item.retrying', ...fields, retryAt })),
  ended.map((fields): RunEvent => ({ type: 'item.failed', ...fields })),
  fc.record({ thread, reason }).map((fields): RunEvent => ({ type: 'thread.replaced', ...fields })),
  fc
    .record({ batch, failures: count, of: count, until: at })
    .map((fields): RunEvent => ({ type: 'breaker.opened', ...fields })),
  batch.map((index): RunEvent => ({ type: 'breaker.closed', batch: index })),
  fc
    .tuple(fc.record({ item, thread, ms }), maybe('reason', reason), maybe('log', log))
    .map(([fields, ...some]): RunEvent => ({ type: 'item.undone', ...fields, ...some[0], ...some[1] })),
  fc
    .record({ batch, items, count, id: text })
    .map(({ id, ...fields }): RunEvent => ({ type: 'items.skipped', ...fields, because: { kind: 'need', id } })),
  fc
    .record({ batch, succeeded: count, failed: count, skipped: count, ms })
    .map((fields): RunEvent => ({ type: 'batch.finished', ...fields })),
  fc.record({ plan: text, items: count, threads: fc.nat(512) }).map(
    (fields): RunEvent => ({
      type: 'run.started',
      run: runId('7f3a'),
      epoch: 1,
      memory: { total: bytes(4), reserve: bytes(1), budget: bytes(3), perThread: bytes(1), isCapGiven: false },
      ...fields,
    }),
  ),
)
