import { expect, test } from 'vitest'
import { runId } from '../../src/model/ids.ts'
import { bytes } from '../../src/model/units.ts'
import { itemJson, itemLine, itemWidths } from '../../src/output/items.ts'

const known = { items: 1200, names: ['US-001', 'a'], batches: ['a', 'longer'] }
const widths = itemWidths({ ...known, hasMemory: false })
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

test('where some item has an amount of memory, all lines have a column for it', () => {
  const wide = itemWidths({ ...known, hasMemory: true })
  expect(itemLine({ ...row, peak: bytes(310 * 2 ** 20), value: '1' }, wide)).toBe(
    '  @17  US-001  a       succeeded            0.3 s   310 MB  1',
  )
  expect(itemLine({ ...row, value: '1' }, wide)).toBe('  @17  US-001  a       succeeded            0.3 s           1')
})

test('as JSON the memory is in bytes, and a reason says what people need of it', () => {
  const reason = { kind: 'memory', message: 'took 2.1 GB', peak: bytes(7), cap: bytes(6), wasAlone: true } as const
  const line = itemJson(runId('7f3a'), { ...row, state: 'failed', peak: bytes(7), why: { reason } })
  expect(JSON.parse(line)).toMatchObject({ peak: 7 })
  expect(JSON.parse(line)).toHaveProperty('reason', { kind: 'memory', message: 'took 2.1 GB', peak: 7, cap: 6 })
})
