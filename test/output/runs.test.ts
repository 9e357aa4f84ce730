import { expect, test } from 'vitest'
import { runId } from '../../src/model/ids.ts'
import { runJson, runsText } from '../../src/output/runs.ts'
import { START } from '../helpers/story-run.ts'

const base = {
  run: runId('7f3a'),
  plan: 'stories',
  planPath: '/p.yaml',
  stateDir: '/state',
  startedAt: START,
  total: 426,
}
const counts = { succeeded: 300, failed: 2, skipped: 10 }

test('runs stand below each other; where it is not known how an interrupted one stood, nothing is made up', () => {
  const text = runsText([
    { ...base, state: 'running', elapsed: 2_472_000, counts },
    { ...base, run: runId('12'), state: 'interrupted' },
    { ...base, run: runId('13'), state: 'ended', outcome: 'succeeded', exit: 0, elapsed: 1000, counts },
  ])
  expect(text.split('\n')).toEqual([
    'run   plan     state        started                   took     done  failed  skipped',
    '7f3a  stories  running      2026-11-20 09:00:00 UTC  41:12  302/426       2       10',
    '12    stories  interrupted  2026-11-20 09:00:00 UTC           ?/426',
    '13    stories  succeeded    2026-11-20 09:00:00 UTC  00:01  302/426       2       10',
    '',
  ])
})

test('as JSON', () => {
  expect(JSON.parse(runJson({ ...base, state: 'ended', outcome: 'failed', exit: 1, elapsed: 5, counts }))).toEqual({
    v: 1,
    run: '7f3a',
    plan: 'stories',
    planPath: '/p.yaml',
    stateDir: '/state',
    state: 'ended',
    elapsed: 5,
    total: 426,
    outcome: 'failed',
    exit: 1,
    startedAt: '2026-11-20T09:00:00.000Z',
    ...counts,
  })
})
