import { expect, test } from 'vitest'
import { runId } from '../../src/model/ids.ts'
import { itemJson, itemLine, itemWidths } from '../../src/output/items.ts'

const widths = itemWidths({ items: 1200, names: ['US-001', 'a'], batches: ['a', 'longer'] })
const row = { index: 16, name: 'US-001', batch: 'a', state: 'succeeded', attempts: 1, ms: 320 } as const

test('an item is one line in columns', () => {
  expect(itemLine({ ...row, value: '{"n":1}' }, widths)).toBe(
    '  @17  US-001  a       succeeded            0.3 s  {"n":1}',
  )
  expect(itemLine({ ...row, state: 'failed', attempts: 5, reason: 'boom' }, widths)).toBe(
    '  @17  US-001  a       failed     5 tries   0.3 s  boom',
  )
})

test('as JSON it has its value as it was returned, and the reason as data', () => {
  const run = runId('7f3a')
  expect(itemJson(run, { ...row, value: '[1.10]' })).toBe(
    '{"v":1,"run":"7f3a","batch":"a","item":"US-001","number":17,"state":"succeeded","attempts":1,"ms":320,"value":[1.10]}',
  )
  const why = { because: { kind: 'need', id: 'b' } } as const
  expect(JSON.parse(itemJson(run, { ...row, state: 'skipped', why }))).toMatchObject(why)
})
