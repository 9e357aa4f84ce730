import { expect, test } from 'vitest'
import { endedAttempts } from '../../src/cli/logs.ts'
import { itemIndex } from '../../src/model/ids.ts'
import { listedPlan } from '../helpers/edit-plan.ts'
import { chunk, failed, succeeded } from '../helpers/facts.ts'
import { keptRun, recovered, started } from '../helpers/kept-run.ts'

const first = listedPlan([{ id: 'a', items: ['x', 'y'] }])
const second = listedPlan([
  { id: 'b', items: ['x', 'new'] },
  { id: 'a', items: ['y', 'x'] },
])

test('attempts of an item are those it had in every plan of the run, whatever its number was', async () => {
  const kept = await keptRun(
    first,
    [[0, started(first), chunk(0, [0, 1]), failed(0), succeeded(0, [1])]],
    [
      [900, recovered(second, { planVersion: 2, changed: 'rerun' }), chunk(0, [0]), succeeded(0, [0])],
      [950, chunk(1, [3]), failed(3, { attempt: 2 })],
    ],
  )
  const session = { ...kept, plan: second, plans: [first, second] }
  const of = async (item: number) => {
    const attempts = await endedAttempts(session, itemIndex(item))
    return attempts.map(({ attempt, how }) => [attempt, how])
  }
  expect(await of(3)).toEqual([
    [1, 'failed (broken)'],
    [2, 'failed (broken)'],
  ])
  expect(await of(2)).toEqual([[1, 'succeeded']])
  expect(await of(0)).toEqual([[1, 'succeeded']])
  expect(await of(1)).toEqual([])
})
