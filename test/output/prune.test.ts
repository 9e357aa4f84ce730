import { expect, test } from 'vitest'
import { runId } from '../../src/model/ids.ts'
import type { OverLimit } from '../../src/model/over-limit.ts'
import { bytes, millis } from '../../src/model/units.ts'
import { prunedJson, prunedText, removedLine } from '../../src/output/prune.ts'

const run = runId('7f3a')
const HOUR = 3_600_000
const old: OverLimit = { kind: 'age', hasEnded: true, past: millis(31.5 * 24 * HOUR) }
const many: OverLimit = { kind: 'count', keep: 20 }

const pruned = [
  { run, plan: 'stories', bytes: bytes(3 * 2 ** 30), over: old },
  { run: runId('12'), plan: 'audit', bytes: bytes(2 ** 20), over: many, kept: 'it is live' },
]

test('runs that are removed stand in a table with what they free; what stays says why', () => {
  expect(prunedText({ runs: pruned, isDry: false }).split('\n')).toEqual([
    'run   plan       size  why',
    '7f3a  stories  3.0 GB  ended 31 days ago',
    '12    audit      1 MB  not one of the last 20 runs; stays: it is live',
    'Removed 1 run (3.0 GB).',
    '',
  ])
  expect(prunedText({ runs: pruned, isDry: true })).toContain('Would remove 1 run (3.0 GB).')
  expect(prunedText({ runs: [], isDry: true })).toBe('Nothing would be removed.\n')
  expect(prunedText({ runs: pruned.slice(1), isDry: false })).toContain('Nothing was removed.')
  expect(removedLine(pruned.slice(0, 1))).toBe('batchtop: removed 1 old run (3.0 GB): batchtop prune -h has the rules')
})

const reasons: readonly (readonly [OverLimit, string])[] = [
  [{ kind: 'count', keep: 0 }, 'none is to be kept'],
  [{ kind: 'count', keep: 1 }, 'not the last run'],
  [{ kind: 'age', hasEnded: false, past: millis(25 * HOUR) }, 'began 1 day ago'],
  [{ kind: 'age', hasEnded: true, past: millis(23.5 * HOUR) }, 'ended 23 h ago'],
  [{ kind: 'age', hasEnded: true, past: millis(HOUR / 2) }, 'ended 30 min ago'],
  [{ kind: 'size', most: bytes(7 * 1024) }, 'with the newer ones it takes more than 7 kB'],
  [{ kind: 'size', most: bytes(2 ** 30) }, 'with the newer ones it takes more than 1 GB'],
]

test.each(reasons)('%j: %s', (over, reason) => {
  const one = { run, plan: 'p', bytes: bytes(2048), over }
  expect(prunedText({ runs: [one], isDry: true })).toContain(`  2 kB  ${reason}\n`)
  expect(JSON.parse(prunedJson(one, true))).toMatchObject({ reason })
})

test('removed runs as JSON', () => {
  expect(pruned.map((one) => JSON.parse(prunedJson(one, false)) as object)).toEqual([
    { v: 1, run: '7f3a', plan: 'stories', bytes: 3 * 2 ** 30, reason: 'ended 31 days ago', removed: true },
    {
      v: 1,
      run: '12',
      plan: 'audit',
      bytes: 2 ** 20,
      reason: 'not one of the last 20 runs',
      kept: 'it is live',
      removed: false,
    },
  ])
  expect(prunedJson(pruned[0] as never, true)).toContain('"removed":false')
})
