// oxlint-disable oxc/no-map-spread -- fixtures may cost a few copies
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ItemIndex } from '../../src/model/ids.ts'
import { itemIndex } from '../../src/model/ids.ts'
import type { Batch, Plan } from '../../src/model/plan.ts'
import { itemName } from '../../src/model/plan.ts'
import type { CarriedOver } from '../../src/run/carry-over.ts'
import { carryOver } from '../../src/run/carry-over.ts'
import type { RunState } from '../../src/run/state.ts'
import { becauseOf, queued, STATUS } from '../../src/run/state.ts'
import type { ListedBatch } from '../helpers/edit-plan.ts'
import { listedPlan } from '../helpers/edit-plan.ts'
import { chunk, failed, live, retrying, returned, runOf, succeeded } from '../helpers/facts.ts'
import { anyFates, checkSums, RandomRun } from '../helpers/random-run.ts'
import { factsOf } from '../helpers/run-facts.ts'

/** What one item has, by batch and name: the model that carried facts are held against. */
interface Item {
  readonly status: number
  readonly attempts: number
  readonly failures: number
  readonly ms: number
  readonly reason: unknown
  readonly because: unknown
  readonly losses: number | undefined
  readonly deaths: number | undefined
  readonly appetite: unknown
  readonly due: number | undefined
}

const FRESH: Item = {
  status: STATUS.queued,
  attempts: 0,
  failures: 0,
  ms: 0,
  reason: undefined,
  because: undefined,
  losses: undefined,
  deaths: undefined,
  appetite: undefined,
  due: undefined,
}
const OTHER_WORK = {
  failures: 0,
  reason: undefined,
  losses: undefined,
  deaths: undefined,
  appetite: undefined,
  due: undefined,
} as const

const keyOf = (batch: Batch, place: number) => `${batch.id} ${itemName(batch, place)}`

function each<Value>(plan: Plan, of: (item: ItemIndex, batch: Batch, place: number) => Value): Map<string, Value> {
  return new Map(
    plan.batches.flatMap((batch) =>
      Array.from(
        { length: batch.count },
        (_, place) => [keyOf(batch, place), of(itemIndex(batch.first + place), batch, place)] as const,
      ),
    ),
  )
}

function itemsOf(state: RunState): Map<string, Item> {
  const { status, attempts, failures, ms } = state.items
  return each(state.plan, (item) => ({
    status: status[item] ?? -1,
    attempts: attempts[item] ?? -1,
    failures: failures[item] ?? -1,
    ms: ms[item] ?? -1,
    reason: state.reasons.get(item),
    because: becauseOf(state, item),
    losses: state.losses.get(item),
    deaths: state.deaths.get(item),
    appetite: state.appetites.get(item),
    due: state.backoff.at(item),
  }))
}

const byKey = ([left]: [string, unknown], [right]: [string, unknown]) => (left < right ? -1 : 1)

/** What an item runs, as text. */
function worksOf(plan: Plan): Map<string, string> {
  return each(plan, (_, { work, special }, place) => {
    if (work.kind !== 'module') throw new Error('no module')
    const own = special[String(place)]
    const given = own?.with === undefined ? work.with : own.with
    const sorted = JSON.stringify(given, (_key, value: unknown) =>
      typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).toSorted(byKey)) : value,
    )
    return [own?.task ?? work.task, sorted, work.cwd, ...Object.keys(work.env).toSorted()].join('|')
  })
}

const layoutOf = (plan: Plan) =>
  [...each(plan, () => 0).keys(), ...plan.batches.map(({ id, count }) => `${id} ${count}`)].join()
const needsOf = (plan: Plan) =>
  plan.batches
    .map(({ id, needs }) => [id, ...needs.map(({ index }) => plan.batches[index]?.id ?? '').toSorted()].join())
    .join(' ')

const isEnded = ({ status, because }: Item) =>
  status === STATUS.skipped
    ? (because as { kind?: string } | undefined)?.kind === 'user'
    : status === STATUS.succeeded || status === STATUS.failed

function modelOf(state: RunState, plan: Plan, changed: 'rerun' | 'keep') {
  const [was, works, next] = [itemsOf(state), worksOf(state.plan), worksOf(plan)]
  const others = [...next.keys()].filter((key) => was.has(key) && works.get(key) !== next.get(key))
  const ended = others.filter((key) => isEnded(was.get(key) as Item))
  const items = new Map([...next.keys()].map((key) => [key, was.get(key) ?? FRESH]))
  for (const key of others) {
    const item = items.get(key) as Item
    const status = item.status === STATUS.waiting ? STATUS.queued : item.status
    if (!isEnded(item)) items.set(key, { ...item, ...OTHER_WORK, status })
    else if (changed === 'rerun') items.set(key, { ...item, ...OTHER_WORK, status: STATUS.queued, because: undefined })
  }
  const requeued = changed === 'rerun' ? ended.length : 0
  if (requeued > 0 || layoutOf(state.plan) !== layoutOf(plan) || needsOf(state.plan) !== needsOf(plan)) {
    const freed = { status: STATUS.queued, failures: 0, because: undefined, losses: undefined, deaths: undefined }
    for (const [key, item] of items) {
      if (item.status === STATUS.skipped && !isEnded(item)) items.set(key, { ...item, ...freed })
    }
  }
  const gone = [...was.keys()].filter((key) => !next.has(key))
  const isVoid = (key: string) =>
    was.get(key)?.status === STATUS.succeeded && (gone.includes(key) || (changed === 'rerun' && ended.includes(key)))
  const ids = new Set(plan.batches.map(({ id }) => id))
  const voids = [...was.keys()].filter((key) => isVoid(key) && ids.has(key.split(' ')[0] as string))
  const fresh = [...next.keys()].filter((key) => !was.has(key))
  return { items, counts: { changed: ended.length, requeued, new: fresh.length, gone: gone.length }, voids }
}

const name = fc.nat(7).map((number) => `x${number}`)
const work = fc.constantFrom<Partial<ListedBatch>>(
  {},
  {},
  { task: '/tasks/two.ts' },
  { with: { a: 1, b: [{ c: null }] } },
  { with: { b: [{ c: null }], a: 1 } },
  { env: { TOKEN: 'one' } },
  { env: { TOKEN: 'two' } },
  { cwd: '/elsewhere' },
)
const own = fc.constantFrom({ task: '/tasks/two.ts' }, { with: { a: 1, b: [{ c: null }] } }, { estimate: 5 as never })
const items = fc.oneof(
  { weight: 3, arbitrary: fc.uniqueArray(name, { maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ from: fc.nat(3), count: fc.nat(6) })
      .map(({ from, count }) => ({ prefix: 'x', width: 0, suffix: '', from, count })),
  },
)
const batch = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    items,
    work,
    special: fc.dictionary(name, own, { maxKeys: 2 }),
    needs: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')),
  })
  .map(({ work: some, special, ...spec }) => ({ ...spec, ...some, special: 'count' in spec.items ? {} : special }))
const anyPlan = fc.uniqueArray(batch, { minLength: 1, maxLength: 4, selector: ({ id }) => id }).map((specs) =>
  specs.map((spec, place) => ({
    ...spec,
    needs: spec.needs.filter((id) => specs.slice(0, place).some((one) => one.id === id)),
  })),
)

/** Another version of a plan: its own batches in any order, or others, or both. */
const versions = anyPlan.chain((old) =>
  fc.tuple(
    fc.constant(old),
    fc.oneof(
      anyPlan,
      fc.shuffledSubarray(old, { minLength: 1 }).map((some) => some.map((one) => ({ ...one, needs: [] }))),
      anyPlan.map((other) => old.map((one, place) => ({ ...(other[place] ?? one), id: one.id, needs: one.needs }))),
      fc
        .record({ place: fc.nat(3), work })
        .map(({ place, work: some }) => old.map((one, at) => (at === place ? { ...one, ...some } : one))),
    ),
  ),
)

function lived(
  plan: Plan,
  fates: ConstructorParameters<typeof RandomRun>[1],
  part: number,
): { readonly state: RunState } {
  const { journal } = new RandomRun(plan, fates).live()
  return {
    state: live(
      runOf(plan),
      journal.slice(0, Math.ceil(part * journal.length)).map(({ event }) => event),
    ),
  }
}

const share = fc.nat(1000).map((part) => part / 1000)

test('items keep what they have by batch, name and work, whatever is added, taken out, moved or changed', () => {
  fc.assert(
    fc.property(versions, anyFates, share, fc.constantFrom('rerun', 'keep'), ([from, to], fates, part, changed) => {
      const { state } = lived(listedPlan(from), fates, part)
      const plan = listedPlan(to)
      const before = structuredClone(factsOf(state))
      const model = modelOf(state, plan, changed)
      const carried = carryOver(state, plan, changed)
      expect(itemsOf(carried.state)).toEqual(model.items)
      expect(carried).toMatchObject(model.counts)
      expect(voidsOf(carried)).toEqual(model.voids.toSorted())
      expect(carried.isSameLayout).toBe(layoutOf(state.plan) === layoutOf(plan))
      checkSums(carried.state)
      expect(carried.state.batches.map(({ durable }) => durable)).toEqual(
        carried.state.batches.map(({ applied }) => applied),
      )
      expect(factsOf(state)).toEqual(before)
    }),
    { numRuns: 200 },
  )
})

function voidsOf({ voids }: CarriedOver): string[] {
  return [...voids].flatMap(([id, names]) => names.map((one) => `${id} ${one}`)).toSorted()
}

test('the same plan, compiled again, changes nothing', () => {
  fc.assert(
    fc.property(anyPlan, anyFates, share, fc.constantFrom('rerun', 'keep'), (specs, fates, part, changed) => {
      const { state } = lived(listedPlan(specs), fates, part)
      const carried = carryOver(state, listedPlan(specs), changed)
      expect(factsOf(carried.state)).toEqual(factsOf(state))
      expect(carried).toMatchObject({ new: 0, gone: 0, changed: 0, requeued: 0, isSameLayout: true })
      expect(carried.voids.size).toBe(0)
    }),
    { numRuns: 50 },
  )
})

const statuses = (carried: CarriedOver) => [...carried.state.items.status]

/** What names batches and items by number. */
const numbers = ({ state: { spans, events, threads } }: CarriedOver) => ({
  spans: spans.map((span) => [span.thread, span.batch]),
  newest: threads.map(({ span }) => span && spans.indexOf(span)),
  events: events.map(({ event, name: one, batch: of }) => [
    event.type,
    'item' in event ? event.item : 'batch' in event ? event.batch : '',
    one ?? of,
  ]),
})
describe('one change', () => {
  const a: ListedBatch = { id: 'a', items: ['x', 'y', 'z'] }
  const b: ListedBatch = { id: 'b', items: ['u', 'v'], needs: ['a'] }
  const plan = listedPlan([a, b])
  /** x succeeded, y failed for good, z is on a thread; b was skipped for it. */
  const state = () => {
    const because = { kind: 'need', id: 'a' } as const
    return runOf(plan, [
      chunk(0, [0, 1, 2]),
      succeeded(0, [0]),
      failed(1),
      { type: 'items.skipped', batch: 1 as never, items: 'rest', count: 2, because },
    ])
  }
  const { queued: waits, handed, succeeded: good, failed: bad, skipped } = STATUS

  test('an item added before all others moves nobody’s facts', () => {
    const carried = carryOver(state(), listedPlan([{ ...a, items: ['w', 'x', 'y', 'z'] }, b]), 'keep')
    expect(statuses(carried)).toEqual([waits, good, bad, handed, waits, waits])
    expect(carried).toMatchObject({ new: 1, gone: 0, changed: 0 })
    expect([0, 1, 2].map((item) => carried.itemOf(itemIndex(item)))).toEqual([1, 2, 3])
  })

  test('taking out what failed lets those who needed it run', () => {
    const carried = carryOver(state(), listedPlan([{ ...a, items: ['x', 'z'] }, b]), 'keep')
    expect(statuses(carried)).toEqual([good, handed, waits, waits])
    expect(carried.gone).toBe(1)
    expect(carried.itemOf(itemIndex(1))).toBeUndefined()
    expect(carried.state.batches[1]?.because).toBeUndefined()
  })

  test('other work runs again where that is asked for, and who needed it waits for it; else both stay', () => {
    const next = listedPlan([{ ...a, task: '/tasks/two.ts' }, b])
    const rerun = carryOver(state(), next, 'rerun')
    expect(statuses(rerun)).toEqual([waits, waits, handed, waits, waits])
    expect(rerun).toMatchObject({ changed: 2, requeued: 2 })
    expect(rerun.voids).toEqual(new Map([['a', ['x']]]))
    expect(rerun.state.items.attempts.slice(0, 3)).toEqual(Uint16Array.of(1, 1, 1))
    const keep = carryOver(state(), next, 'keep')
    expect(statuses(keep)).toEqual([good, bad, handed, skipped, skipped])
    expect(keep).toMatchObject({ changed: 2, requeued: 0, voids: new Map() })
  })

  test('a batch that waits for something else is not skipped for what it needed before', () => {
    const carried = carryOver(state(), listedPlan([a, { ...b, needs: [] }]), 'keep')
    expect(statuses(carried)).toEqual([good, bad, handed, waits, waits])
    expect(carried.isSameLayout).toBe(true)
  })

  test.each([0, 3])('a list of %i names that becomes a range of the same ones is the same layout', (count) => {
    const range = { prefix: 'x', width: 0, suffix: '', from: 1, count }
    const list = ['x1', 'x2', 'x3'].slice(0, count)
    for (const [from, to] of [[list, range] as const, [range, list] as const]) {
      const carried = carryOver(runOf(listedPlan([{ ...a, items: from }])), listedPlan([{ ...a, items: to }]), 'keep')
      expect(carried).toMatchObject({ new: 0, gone: 0, isSameLayout: true })
    }
  })

  test('a title, a limit or a number of tries is no other work', () => {
    const [first, second] = plan.batches as [Batch, Batch]
    const next = {
      ...plan,
      batches: [{ ...first, title: 'A', parallel: 1, retry: { ...first.retry, attempts: 9 } }, second],
    }
    expect(carryOver(state(), next, 'rerun').changed).toBe(0)
  })

  test('a batch under another name is another batch', () => {
    const carried = carryOver(state(), listedPlan([{ ...a, id: 'c' }]), 'rerun')
    expect(statuses(carried)).toEqual([waits, waits, waits])
    expect(carried).toMatchObject({ new: 3, gone: 5, changed: 0 })
    expect(carried.voids.size).toBe(0)
  })

  test('what an unfinished item has behind it counts no more where its work is other, but for its attempts', () => {
    const lost = live(runOf(plan), [chunk(0, [0, 1]), returned(0, [0], 'lost'), retrying(1, 9000)])
    const { state: next } = carryOver(lost, listedPlan([{ ...a, with: 1 }, b]), 'keep')
    expect([...next.items.attempts.slice(0, 2), ...next.items.failures.slice(0, 2)]).toEqual([1, 1, 0, 0])
    expect([next.losses.size, next.reasons.size, next.backoff.at(itemIndex(1))]).toEqual([0, 0, undefined])
    expect(queued(next.batches[0] as RunState['batches'][number])).toBe(3)
  })

  test('batches keep their times by id, and a batch that is not complete any more has not ended', () => {
    const done = live(
      state(),
      [
        succeeded(0, [2]),
        { type: 'batch.finished', batch: 0 as never, succeeded: 2, failed: 1, skipped: 0, ms: 5 as never },
      ],
      { at: 7000 },
    )
    const moved = carryOver(done, listedPlan([{ ...b, needs: [] }, a]), 'keep').state.batches[1]
    expect(moved).toMatchObject({ endedAt: 7000, applied: { succeeded: 2, failed: 1 } })
    expect(moved?.durations.count).toBe(2)
    const more = carryOver(done, listedPlan([{ ...a, items: ['x', 'y', 'z', 'more'] }, b]), 'keep').state.batches[0]
    expect(more?.endedAt).toBeUndefined()
  })

  test('the timeline and the last events follow their batches and items; those of what is gone are dropped', () => {
    const old = live(state(), [chunk(1, [3], 2)], { at: 9000 })
    expect(
      numbers(
        carryOver(
          old,
          listedPlan([
            { ...b, needs: [] },
            { ...a, items: ['y'] },
          ]),
          'keep',
        ),
      ),
    ).toEqual({
      spans: [
        [1, 1],
        [2, 0],
      ],
      newest: [0, 1],
      events: [
        ['item.failed', 2, 'y'],
        ['items.skipped', 0, 'b'],
      ],
    })
    expect(numbers(carryOver(old, listedPlan([{ ...b, needs: [] }]), 'keep'))).toEqual({
      spans: [[2, 0]],
      newest: [undefined, 0],
      events: [['items.skipped', 0, 'b']],
    })
  })
})

test('a million items of a range are carried over by whole stretches', () => {
  const range = { prefix: 'x', width: 0, suffix: '', count: 1_000_000 }
  const [old, next] = [1, 100_001].map((from) => listedPlan([{ id: 'a', items: { ...range, from } }])) as [Plan, Plan]
  const state = runOf(old)
  state.items.status.fill(STATUS.succeeded)
  const carried = carryOver(state, next, 'keep')
  expect(carried).toMatchObject({ new: 100_000, gone: 100_000 })
  expect(carried.state.batches[0]?.applied.succeeded).toBe(900_000)
})
