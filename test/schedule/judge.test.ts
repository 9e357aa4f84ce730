import { describe, expect, test } from 'vitest'
import { itemIndex, runId } from '../../src/model/ids.ts'
import type { Batch } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import { bytes } from '../../src/model/units.ts'
import type { FailedAttempt } from '../../src/schedule/judge.ts'
import { judge } from '../../src/schedule/judge.ts'
import { buildPlan } from '../helpers/build-plan.ts'

const GB = 2 ** 30
const batch = buildPlan({ batches: [{ id: 'a', count: 1, attempts: 2 }] }).batches[0] as Batch
const threw: Reason = { kind: 'threw', message: 'broken' }

function judged(attempt: Partial<FailedAttempt>, of = batch) {
  const item = { run: runId('7f3a'), item: itemIndex(0) }
  return judge(of, { ...item, reason: threw, failures: 0, memoryFailures: 0, isRetryable: true, ...attempt })
}

describe('an attempt that failed', () => {
  test('is followed by another after a while, until there were as many as its batch allows', () => {
    const verdict = judged({})
    expect(verdict.kind === 'retry' && verdict.after).toBeGreaterThanOrEqual(2000)
    expect(judged({ failures: 1 })).toEqual({ kind: 'fail', reason: threw })
  })

  test('is the last where the task says so', () => {
    expect(judged({ isRetryable: false })).toEqual({ kind: 'fail', reason: threw })
  })

  test('does not care how often memory was the reason before', () => {
    expect(judged({ memoryFailures: 2 }).kind).toBe('retry')
  })
})

const exit = (code: number): Reason => ({ kind: 'exit', message: `exit ${code}`, code: String(code) })

describe('a command that failed', () => {
  const never = { ...batch, retry: { ...batch.retry, never: [2, 40] } }

  test.each([
    exit(1),
    exit(3),
    { kind: 'signal', message: '', code: 'SIGTERM' },
    { kind: 'output', message: '' },
  ] as const)('is tried again after a while: %o', (reason) => {
    expect(judged({ reason }).kind).toBe('retry')
  })

  test.each([126, 127])('is not where there is nothing to run: exit %i', (code) => {
    expect(judged({ reason: exit(code) })).toEqual({ kind: 'fail', reason: exit(code) })
  })

  test.each([2, 40])('is not where the plan says that it is of no use: exit %i', (code) => {
    expect(judged({ reason: exit(code) }, never)).toEqual({ kind: 'fail', reason: exit(code) })
    expect(judged({ reason: exit(code) }).kind).toBe('retry')
    expect(judged({ reason: exit(1) }, never).kind).toBe('retry')
  })
})

describe('an attempt that failed for memory', () => {
  const memory = (fields: Partial<Extract<Reason, { kind: 'memory' }>> = {}): Reason => {
    return { kind: 'memory', message: 'ended to save the others', peak: bytes(GB), cap: bytes(2 * GB), ...fields }
  }
  const above = { peak: bytes(2.1 * GB) }

  test.each([
    ['is followed by another at once', { reason: memory() }],
    ['has two more, whatever else went wrong before', { reason: memory(), memoryFailures: 1, failures: 99 }],
    ['has another where the task would not try again', { reason: memory(), isRetryable: false }],
    ['has another where it passed the cap with what others had left in its process', { reason: memory(above) }],
    ['has another where nobody knows what it took', { reason: { kind: 'memory', message: '', wasAlone: true } }],
  ] as const)('%s', (_, attempt) => {
    expect(judged(attempt)).toEqual({ kind: 'retry', after: 0 })
  })

  test('is the last of three', () => {
    expect(judged({ reason: memory(), memoryFailures: 2 })).toEqual({ kind: 'fail', reason: memory() })
  })

  test.each([
    [2.1 * GB, 'needs more than the 2 GB of a thread: it took 2.1 GB in a process of its own'],
    [1.9 * GB, 'needs more than the 2 GB of a thread: its heap did not fit in a process of its own'],
    [2 * GB, 'needs more than the 2 GB of a thread: it took all of it in a process of its own'],
  ])('is the last where it passed the cap all by itself (%d bytes)', (peak, message) => {
    const reason = memory({ peak: bytes(peak), wasAlone: true })
    expect(judged({ reason })).toEqual({ kind: 'fail', reason: { ...reason, message } })
  })
})
