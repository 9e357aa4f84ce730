import { expect, test } from 'vitest'
import { describeEvent } from '../../src/view/describe-event.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, runOf, succeeded } from '../helpers/facts.ts'

const plan = buildPlan({ batches: [{ id: 'a', count: 3 }] })

test('successes are worth a line only where they left processes behind, and only those that did', () => {
  const left = { ...succeeded(0, [1, 2], { ms: 5 }), leftovers: [0, 2] } as ReturnType<typeof succeeded>
  const { events } = runOf(plan, [chunk(0, [0, 1, 2]), succeeded(0, [0]), left])
  expect(events.map(describeEvent)).toEqual(['a-003 succeeded in 5 ms, left 2 processes behind, ended'])
})
