import { expect, test } from 'vitest'
import { itemIndex } from '../../src/model/ids.ts'
import type { LateItems, Plan } from '../../src/model/plan.ts'
import { batchOf, itemName, numberCount } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import { carryOver } from '../../src/run/carry-over.ts'
import { carryListings, listingsOf, planAfter, withListed, withListings } from '../../src/run/listing.ts'
import type { RunState } from '../../src/run/state.ts'
import { isFinished, leftToDo, STATUS } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, listed, live, recovery, requeued, runOf, succeeded } from '../helpers/facts.ts'

const glob = (pattern: string): LateItems => ({ isListed: false, kind: 'glob', pattern, cwd: '/plans' })
const fromCommand = (env: Record<string, string>): LateItems => ({
  isListed: false,
  kind: 'command',
  command: 'ls',
  cwd: '/plans',
  env,
})
const planFrom = (env: Record<string, string>) =>
  buildPlan({ batches: [{ id: 'a', count: 0, late: fromCommand(env) }] })
const NOT_LISTED: Reason = { kind: 'setup', message: 'exit 3' }

function planOf({ pattern = '*', before = 2 } = {}): Plan {
  return buildPlan({
    batches: [
      { id: 'first', count: before },
      { id: 'late', count: 0, late: glob(pattern) },
      { id: 'last', count: 3 },
      { id: 'later', count: 0, late: glob('later') },
    ],
  })
}

/** Every item by number, as `batch:name`; a number that is nobody's is left out. */
function numbered({ plan }: Pick<RunState, 'plan'>): Record<number, string> {
  return Object.fromEntries(
    plan.batches.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, place) => [
        batch.first + place + 1,
        `${batch.id}:${itemName(batch, place)}`,
      ]),
    ),
  )
}

const notListed = (batch: number, name: string) => ({ ...listed(batch, [name]), isFailed: true }) as const

test('items of a late batch stand behind all others, and what others have stays theirs', () => {
  const state = runOf(planOf(), [chunk(0, [0]), succeeded(0, [0]), chunk(2, [2]), failed(2)])
  const before = numbered(state)
  live(state, [listed(3, ['x']), listed(1, ['p', 'q']), chunk(1, [6, 7]), succeeded(1, [6], { ms: 7 })])
  expect(numbered(state)).toEqual({ ...before, 6: 'later:x', 7: 'late:p', 8: 'late:q' })
  expect([...state.items.status]).toEqual([
    STATUS.succeeded,
    STATUS.queued,
    STATUS.failed,
    STATUS.queued,
    STATUS.queued,
    STATUS.queued,
    STATUS.succeeded,
    STATUS.handed,
  ])
  expect(state.items.ms[6]).toBe(7)
  expect(state.reasons.get(itemIndex(2))?.message).toBe('broken')
  expect([0, 2, 5, 6, 7].map((item) => batchOf(state.plan, itemIndex(item)).id)).toEqual([
    'first',
    'last',
    'later',
    'late',
    'late',
  ])
})

test('a late batch is not over before it is listed, and counts as one that is left', () => {
  const state = runOf(planOf())
  expect(isFinished(state.batches[1] as never)).toBe(false)
  expect(leftToDo(state, 'durable')).toBe(5 + 2)
  live(state, [listed(1, [])])
  expect(isFinished(state.batches[1] as never)).toBe(true)
  expect(leftToDo(state, 'durable')).toBe(5 + 1)
})

test('a listing counts for others once it is on disk', () => {
  const state = live(runOf(planOf()), [listed(1, [])], { isDurable: false })
  expect([leftToDo(state, 'applied'), leftToDo(state, 'durable')]).toEqual([6, 7])
})

test('what stands for a listing that failed goes when it works, and nobody gets its number', () => {
  const state = runOf(planOf(), [notListed(1, 'late'), failed(5, { reason: NOT_LISTED }), listed(3, ['x'])])
  expect(numbered(state)).toMatchObject({ 6: 'late:late', 7: 'later:x' })
  expect([state.batches[1]?.durable.failed, state.items.attempts[5]]).toEqual([1, 1])
  live(state, [requeued(5), listed(1, ['p', 'q'])])
  expect(numbered(state)).toMatchObject({ 7: 'later:x', 8: 'late:p', 9: 'late:q' })
  expect(numbered(state)[6]).toBeUndefined()
  expect([state.plan.items, numberCount(state.plan), leftToDo(state, 'applied')]).toEqual([8, 9, 8])
  expect([state.reasons.get(itemIndex(5)), state.batches[1]?.durable.failed]).toEqual([undefined, 0])
})

test('a listing that fails again is another attempt of the same item', () => {
  const again = [notListed(1, 'late'), failed(5, { attempt: 2, reason: NOT_LISTED })]
  const state = runOf(planOf(), [notListed(1, 'late'), failed(5, { reason: NOT_LISTED }), requeued(5), ...again])
  expect([state.plan.items, numberCount(state.plan), state.items.attempts[5]]).toEqual([6, 6, 2])
  expect(state.batches[1]?.durable.failed).toBe(1)
})

test('a supervisor that died between a failed listing and its failure lists again', () => {
  const plan = planOf()
  const state = live(runOf(plan), [notListed(1, 'late'), recovery(plan)])
  expect([state.items.status[5], state.batches[1]?.handed]).toEqual([STATUS.queued, 0])
  live(state, [listed(1, ['p'])])
  expect(numbered(state)[7]).toBe('late:p')
})

test('a compiled plan and what was listed make the plan of the moment', () => {
  const { plan } = runOf(planOf(), [
    notListed(1, 'late'),
    failed(5),
    listed(3, ['x']),
    requeued(5),
    listed(1, ['p', 'q']),
  ])
  expect(withListings(planOf(), structuredClone(listingsOf(plan)))).toEqual(plan)
  expect(listingsOf(planOf())).toBeUndefined()
})

test('under another plan a listing stays, behind as many or as few items as there are now', () => {
  const state = runOf(planOf(), [listed(1, ['p', 'q']), chunk(1, [5, 6]), succeeded(1, [5, 6]), listed(3, ['x'])])
  const carried = carryOver(state, planOf({ before: 4 }), 'rerun')
  expect(numbered(carried.state)).toMatchObject({ 8: 'late:p', 9: 'late:q', 10: 'later:x' })
  expect([...carried.state.items.status.subarray(7, 9)]).toEqual([STATUS.succeeded, STATUS.succeeded])
  expect([carried.changed, carried.gone, carried.new]).toEqual([0, 0, 2])
})

test('what was said of a listing is said of the same batch wherever it stands now', () => {
  const state = runOf(planOf(), [listed(1, ['p'])])
  const next = buildPlan({ batches: [{ id: 'late', count: 0, late: glob('*') }] })
  expect(carryOver(state, next, 'keep').state.events).toMatchObject([{ batch: 'late', event: { batch: 0, count: 1 } }])
  const without = buildPlan({ batches: [{ id: 'first', count: 2 }] })
  expect(carryOver(state, without, 'keep').state.events).toEqual([])
})

test('the same plan, compiled again, changes nothing', () => {
  const { plan } = runOf(planOf(), [listed(3, ['x']), listed(1, ['p'])])
  expect(carryListings(planOf(), plan, 'rerun')).toEqual(plan)
})

test('items that come from elsewhere now are other work: to be kept as they are, or listed anew', () => {
  const state = runOf(planOf(), [listed(1, ['p', 'q']), chunk(1, [5]), succeeded(1, [5]), listed(3, ['x'])])
  const next = planOf({ pattern: '*.txt' })
  const kept = carryOver(state, next, 'keep')
  expect([kept.changed, kept.gone, numbered(kept.state)[6]]).toEqual([1, 0, 'late:p'])
  const anew = carryOver(state, next, 'rerun')
  expect([anew.gone, anew.voids.get('late'), numbered(anew.state)[8]]).toEqual([2, ['p'], 'later:x'])
  expect([anew.state.batches[1]?.applied.listing, leftToDo(anew.state, 'applied')]).toEqual(['due', 5 + 1 + 1])
})

test('values of variables do not make it another source, other names of them do', () => {
  const old = withListed(planFrom({ TOKEN: 'one' }), listed(0, ['x']))
  expect(carryListings(planFrom({ TOKEN: 'two' }), old, 'rerun').items).toBe(1)
  expect(carryListings(planFrom({ OTHER: 'one' }), old, 'rerun').items).toBe(0)
})

test('who only follows numbers gets the same plans from events as the facts do', () => {
  const plans = [planOf(), planOf({ before: 4 })]
  const events = [listed(1, ['p']), recovery(plans[1] as Plan, { planVersion: 2 }), listed(3, ['x'])]
  const end = events.reduce((plan, event) => planAfter(plan, event, plans), plans[0] as Plan)
  expect(numbered({ plan: end })).toMatchObject({ 8: 'late:p', 9: 'later:x' })
})
