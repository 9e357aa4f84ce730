import { expect, test } from 'vitest'
import type { Batch, CommandWork, Plan } from '../../src/model/plan.ts'
import { bytes, millis } from '../../src/model/units.ts'
import { carryOver } from '../../src/run/carry-over.ts'
import { compareWork } from '../../src/run/same-work.ts'
import { STATUS } from '../../src/run/state.ts'
import type { ListedBatch } from '../helpers/edit-plan.ts'
import { listedPlan } from '../helpers/edit-plan.ts'
import { chunk, runOf, succeeded } from '../helpers/facts.ts'

const planOf = (items: ListedBatch['items']) => listedPlan([{ id: 'a', items }])

const tableOf = (columns: readonly string[], ...rows: readonly (readonly string[])[]) => planOf({ columns, rows })

/** Whether the item of each name in the old plan differs in the new one, both standing at these places. */
function differs(old: Plan, next: Plan, ...places: readonly (readonly [number, number])[]): readonly boolean[] {
  const found = compareWork(old.batches[0] as Batch, next.batches[0] as Batch)
  return places.map(([was, is]) => (typeof found === 'boolean' ? found : found(was, is)))
}

test('an item whose row differs in any column is other work, wherever its row stands', () => {
  const old = tableOf(['id', 'beta'], ['x', '0.1'], ['y', '0.2'])
  const next = tableOf(['id', 'beta'], ['y', '0.2'], ['x', '0.10'])
  expect(differs(old, next, [0, 1], [1, 0])).toEqual([true, false])
  const turned = tableOf(['beta', 'id'], ['0.1', 'x'], ['0.2', 'y'])
  expect(differs(old, turned, [0, 0], [1, 1])).toEqual([false, false])
  const more = tableOf(['id', 'beta', 'seed'], ['x', '0.1', '1'], ['y', '0.2', '1'])
  expect(differs(old, more, [0, 0], [1, 1])).toEqual([true, true])
  expect(differs(more, old, [0, 0], [1, 1])).toEqual([true, true])
})

test('a list that becomes a table or a product gives its items columns, so they are other work', () => {
  const list = planOf(['a=1', 'a=2'])
  const values = { kind: 'list', values: ['1', '2'] } as const
  const product = planOf({ product: [{ name: 'a', values }] })
  expect(differs(list, product, [0, 0])).toEqual([true])
  expect(differs(tableOf(['id'], ['a=1']), product, [0, 0])).toEqual([true])
  // The same columns with the same values, whatever they come from.
  const table = tableOf(['a'], ['1'])
  const called: Plan = {
    ...table,
    batches: [
      { ...(table.batches[0] as Batch), names: { ...(table.batches[0] as Batch).names, names: ['a=1'] } as never },
    ],
  }
  expect(differs(called, product, [0, 0])).toEqual([false])
})

const range = (count: number) => ({ kind: 'pattern', prefix: '', from: 1, width: 0, suffix: '', count }) as const
const sweepOf = (count: number) => planOf({ product: [{ name: 'a', values: range(count) }] }).batches[0] as Batch
const rowsOf = (count: number) => planOf(range(count)).batches[0] as Batch

test('items without columns, and those of one product, are compared at once, however many', () => {
  expect(compareWork(sweepOf(5_000_000), sweepOf(9_000_000))).toBe(false)
  expect(compareWork(rowsOf(5), rowsOf(9))).toBe(false)
})

test('items whose rows have changed run again, the others keep what they have', () => {
  const old = tableOf(['id', 'beta'], ['x', '1'], ['y', '2'], ['z', '3'])
  const next = tableOf(['id', 'beta'], ['z', '3'], ['new', '9'], ['x', '5'], ['y', '2'])
  const carried = carryOver(runOf(old, [chunk(0, [0, 1, 2]), succeeded(0, [0, 1, 2])]), next, 'rerun')
  expect(carried).toMatchObject({ new: 1, gone: 0, changed: 1, requeued: 1 })
  expect([...carried.voids]).toEqual([['a', ['x']]])
  expect([...carried.state.items.status]).toEqual([STATUS.succeeded, STATUS.queued, STATUS.queued, STATUS.succeeded])
})

test('a command is other work with another folder or another set of variables for each item', () => {
  const work = {
    kind: 'command',
    run: { kind: 'words', text: 'make {}', words: [['make'], [{ slot: 'item' }]] },
    cwd: '/plans',
    env: { LANG: 'C' },
  } as const satisfies CommandWork
  const [batch] = planOf(['x']).batches as [Batch]
  const compared = (next: CommandWork) => compareWork({ ...batch, work }, { ...batch, work: next })
  expect(compared({ ...work, env: {}, itemEnv: { LANG: [{ slot: 'item' }] } })).toBe(false)
  expect(compared({ ...work, itemEnv: { NAME: [{ slot: 'item' }] } })).toBe(true)
  expect(compared({ ...work, itemCwd: ['out/', { slot: 'item' }] })).toBe(true)
})

test('what follows a failure, what must come of an item and how much is kept of its output is not what it runs', () => {
  const [batch] = planOf(['x']).batches as [Batch]
  const work = { kind: 'command', run: { kind: 'words', text: 'ls', words: [['ls']] }, cwd: '/', env: {} } as const
  const next: Batch = {
    ...batch,
    outputs: [['out/', { slot: 'item' }]],
    undo: work,
    breaker: { failures: 0.5, of: 20, wait: millis(60_000) },
    logLimit: bytes(1024),
    retry: { ...batch.retry, never: [2] },
  }
  expect(compareWork(batch, next)).toBe(false)
  expect(compareWork(next, { ...next, undo: { ...work, cwd: '/x' } })).toBe(false)
})
