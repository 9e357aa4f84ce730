import { expect, test } from 'vitest'
import { load, planOf } from './rig.ts'

const text = `
phases: { list: [{ id: p1 }, { id: p2 }, { id: p3 }] }
batches:
  - { id: a, phase: p1, task: tasks/a.ts, items: [1, 2] }
  - { id: b, phase: p1, task: tasks/a.ts, needs: [a] }
  - { id: c, phase: p2, task: tasks/a.ts, items: { command: "exit 1" } }
  - { id: d, phase: p3, task: tasks/a.ts, needs: [b], items: [x, y, z] }
  - { id: e, phase: p3, task: tasks/a.ts, needs: [p1] }
  - { id: f, task: tasks/a.ts }
`
const only = (names: readonly string[], noNeeds = false) => planOf(text, { overrides: { only: names, noNeeds } })

test('a batch comes with all it needs, and everything is numbered anew', async () => {
  const plan = await only(['d'])
  expect(plan.items).toBe(6)
  expect(plan.phases.map(({ id }) => id)).toEqual(['p1', 'p3'])
  expect(
    plan.batches.map(({ id, index, first, phase, needs }) => ({
      id,
      index,
      first,
      phase,
      needs: needs.map((need) => need.index),
    })),
  ).toEqual([
    { id: 'a', index: 0, first: 0, phase: 0, needs: [] },
    { id: 'b', index: 1, first: 2, phase: 0, needs: [0] },
    { id: 'd', index: 2, first: 3, phase: 1, needs: [1] },
  ])
})

test('a needed phase comes whole', async () => {
  const plan = await only(['e'])
  expect(plan.batches.map(({ id }) => id)).toEqual(['a', 'b', 'e'])
  expect(plan.batches[2]?.needs).toEqual([{ kind: 'phase', index: 0, when: 'succeeded' }])
})

test('a phase can be named too', async () => {
  const plan = await only(['p1', 'f'])
  expect(plan.batches.map(({ id }) => id)).toEqual(['a', 'b', 'f'])
})

test('without needs, only what is named is left and waits for nothing', async () => {
  const plan = await only(['d', 'e'], true)
  expect(plan.batches).toMatchObject([
    { id: 'd', needs: [] },
    { id: 'e', needs: [] },
  ])
})

test('what a run is not about is not listed either', async () => {
  const result = await load(text)
  expect(result).toMatchObject({ ok: false, diagnostics: [{ rule: 'bad-items' }] })
  await expect(only(['a'])).resolves.toMatchObject({ items: 2 })
})

test('an unknown name is refused with the candidates', async () => {
  await expect(only(['zz'])).rejects.toMatchObject({
    code: 'no-such-batch',
    exit: 4,
    hint: 'The batches and phases: a, b, c, d, e, f, p1, p2 and 1 more.',
  })
})
