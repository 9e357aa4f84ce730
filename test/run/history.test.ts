import { expect, test } from 'vitest'
import type { RunEvent } from '../../src/model/event.ts'
import { itemIndex } from '../../src/model/ids.ts'
import { wallTime } from '../../src/model/units.ts'
import { History } from '../../src/run/history.ts'
import { STATUS } from '../../src/run/state.ts'
import { listedPlan } from '../helpers/edit-plan.ts'
import { chunk, recovery, succeeded } from '../helpers/facts.ts'

const first = listedPlan([{ id: 'a', items: ['x', 'y'] }])
const second = listedPlan([
  { id: 'b', items: ['n'] },
  { id: 'a', items: ['y', 'x'] },
])

function tell(history: History, events: readonly RunEvent[]) {
  return events.map((event) => history.apply({ seq: history.state.seq + 1, at: wallTime(1000), event }))
}

test('events are read by the plan that held when they happened', () => {
  const history = new History([first, second])
  tell(history, [chunk(0, [0, 1]), succeeded(0, [0])])
  const [carried] = tell(history, [recovery(second, { planVersion: 2 })])
  expect(carried).toMatchObject({ new: 1, gone: 0 })
  expect(history.state.plan).toBe(second)
  expect([...history.state.items.status]).toEqual([STATUS.queued, STATUS.queued, STATUS.succeeded])
  expect([...history.state.deaths]).toEqual([[1, 1]])
  tell(history, [chunk(1, [1]), succeeded(1, [1])])
  expect(history.state).toMatchObject({ planVersion: 2, seq: 5, batches: [{}, { applied: { succeeded: 2 } }] })
  expect(tell(history, [recovery(second, { planVersion: 2 })])).toEqual([undefined])
})

test('changed work runs again where the recovery says so', () => {
  const other = listedPlan([{ id: 'a', items: ['x', 'y'], with: 1 }])
  for (const [changed, status] of [
    ['rerun', STATUS.queued],
    ['keep', STATUS.succeeded],
  ] as const) {
    const history = new History([first, other])
    tell(history, [chunk(0, [0]), succeeded(0, [0]), recovery(other, { planVersion: 2, changed })])
    expect(history.state.items.status[0]).toBe(status)
  }
})

test('it goes on from facts that it is given, with the plan as it was read last', () => {
  const before = new History([first])
  tell(before, [chunk(0, [0]), succeeded(0, [0])])
  const again = listedPlan([{ id: 'a', items: ['x', 'y'] }])
  const history = new History([again], before.state)
  tell(history, [recovery(again)])
  expect(history.state.plan).toBe(again)
  expect(history.state.items.status[itemIndex(0)]).toBe(STATUS.succeeded)
})

test('a plan that came after this reader looked is no bug of the run', () => {
  const history = new History([first])
  expect(() => tell(history, [recovery(second, { planVersion: 2 })])).toThrow('version 2 of its plan')
})
