import { expect, test } from 'vitest'
import { diagnosticsOf } from './rig.ts'

const batch = (id: string, rest: string) => `  - { id: ${id}, task: tasks/a.ts, ${rest} }\n`
const messagesOf = async (text: string) => (await diagnosticsOf(text)).map(({ message }) => message)

test('a cycle is named whole, at the needs of its first batch', async () => {
  const text = `batches:\n${batch('x', 'needs: [a]')}${batch('a', 'needs: [b]')}${batch('b', 'needs: [c]')}${batch('c', 'needs: [a]')}`
  expect(await diagnosticsOf(text)).toMatchObject([
    { rule: 'cycle', line: 3, message: 'These wait for each other: a needs b, which needs c, which needs a.' },
  ])
})

test('a batch that needs itself is a cycle', async () => {
  expect(await messagesOf(`batches:\n${batch('a', 'needs: [a]')}`)).toEqual(['These wait for each other: a needs a.'])
})

test('every cycle is told', async () => {
  const text = `batches:\n${batch('a', 'needs: [b, c]')}${batch('b', 'needs: [b]')}${batch('c', 'needs: [d]')}${batch('d', 'needs: [c]')}`
  expect(await messagesOf(text)).toHaveLength(2)
})

const phases = (isOrdered: boolean) => `phases: { ordered: ${isOrdered}, list: [{ id: p1 }, { id: p2 }] }\n`

test('a batch that needs one of a later ordered phase waits for ever, and the phases say why', async () => {
  const text = `batches:\n${batch('a', 'phase: p1, needs: [b]')}${batch('b', 'phase: p2')}`
  expect(await messagesOf(phases(true) + text)).toEqual([
    'These wait for each other: a needs b, which waits for the start of p2, which waits for the end of p1, which waits for a.',
  ])
  expect(await messagesOf(phases(false) + text)).toEqual([])
})

test('a batch that needs its own phase is a cycle', async () => {
  const text = `${phases(false)}batches:\n${batch('a', 'phase: p1, needs: [p1]')}${batch('b', 'phase: p2')}`
  expect(await messagesOf(text)).toEqual(['These wait for each other: a needs the end of p1, which waits for a.'])
})

test('needs along the phases are fine', async () => {
  const text = `${phases(true)}batches:\n${batch('b', 'phase: p2, needs: [p1, a]')}${batch('a', 'phase: p1')}${batch('c', 'needs: [p2]')}`
  expect(await messagesOf(text)).toEqual([])
})

test('a cycle of thousands is told in short', async () => {
  const count = 3000
  const chain = Array.from({ length: count }, (_, place) => batch(`b${place}`, `needs: [b${(place + 1) % count}]`))
  const [message = ''] = await messagesOf(`batches:\n${chain.join('')}`)
  expect(message).toContain('goes on (by 2976 more)')
  expect(message).toMatch(/b0 needs b1, .*, which needs b0\.$/)
})
