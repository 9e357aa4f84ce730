import { expect, test } from 'vitest'
import { runId } from '../../src/model/ids.ts'
import type { RunSummary } from '../../src/output/summary.ts'
import { summaryText } from '../../src/output/summary.ts'

const summary: RunSummary = {
  run: runId('7f3a'),
  plan: 'stories',
  outcome: 'succeeded',
  succeeded: 426,
  failed: 0,
  skipped: 0,
  left: 0,
  ms: 2_472_000,
  failures: [],
}

const failure = { index: 251, name: 'US-252', batch: '3.4', state: 'failed', attempts: 5, reason: 'boom' } as const

test('a run without failures is one line', () => {
  expect(summaryText(summary)).toBe('run 7f3a of stories succeeded after 00:41:12: 426 succeeded\n')
})

test('the name of a plan steers no terminal and takes no second line', () => {
  expect(summaryText({ ...summary, plan: 'two\n\u001b[31mlines' })).toContain('of two lines succeeded')
})

test('failures are named, with the way to their output', () => {
  const text = summaryText({ ...summary, outcome: 'failed', succeeded: 403, failed: 23, failures: [failure] })
  expect(text.split('\n')).toEqual([
    'run 7f3a of stories failed after 00:41:12: 403 succeeded, 23 failed',
    'failed  batch  tries  reason',
    'US-252  3.4        5  boom',
    'and 22 more: batchtop items --state failed -R 7f3a',
    'their output: batchtop log US-252 -R 7f3a',
    '',
  ])
})

test('a name that a shell would take apart is given by its number', () => {
  const text = summaryText({
    ...summary,
    outcome: 'stopped',
    failed: 1,
    left: 9,
    failures: [{ ...failure, name: 'a b' }],
  })
  expect(text).toContain('run 7f3a of stories was stopped after 00:41:12: 426 succeeded, 1 failed, 9 left')
  expect(text).toContain('batchtop log @252 -R 7f3a')
})

test('a run that was stopped is told with what goes on with it', () => {
  const stopped = { ...summary, outcome: 'stopped', left: 9 } as const
  expect(summaryText(stopped).split('\n')).toEqual([
    'run 7f3a of stories was stopped after 00:41:12: 426 succeeded, 9 left',
    'what is left: batchtop recover 7f3a',
    '',
  ])
})

test('what is not undone is named, a few of it', () => {
  const rows = [failure, { ...failure, index: 3, name: 'a b' }]
  const failed = { ...summary, outcome: 'failed', failed: 9, failures: [failure] } as const
  const lines = summaryText({ ...failed, undoFailures: { rows, count: 7 } }).split('\n')
  expect(lines.at(-2)).toBe('not undone: US-252, @4 and 5 more: batchtop log US-252 --undo -R 7f3a')
})
