import { expect, test } from 'vitest'
import type { GovernorStage, RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { EventView } from '../../src/model/snapshot.ts'
import { bytes, millis, wallTime } from '../../src/model/units.ts'
import { describeEvent } from '../../src/view/describe-event.ts'
import { storyRun } from '../helpers/story-run.ts'

const AT = wallTime(1_000_000)
const thread = threadNumber(3)
const batch = batchIndex(0)
const item = itemIndex(251)
const reason = { kind: 'threw', message: 'exit 1' } as const
const attempt = { item, thread, attempt: 1, ms: millis(900), reason }
const { memory } = storyRun()

/** Amounts in MB. */
function act(stage: GovernorStage, before: number, after: number) {
  const why = '10.4 GB of 12 GB in sight'
  const amounts = { before: bytes(before * 2 ** 20), after: bytes(after * 2 ** 20), ms: millis(812) }
  return { type: 'governor.acted', stage, thread, ...amounts, why } as const
}

function byAll(one: ReturnType<typeof act>) {
  const { thread: _, ...rest } = one
  return rest
}

const cases: readonly (readonly [string, RunEvent, Partial<EventView>?])[] = [
  [
    'run started: 426 items on 6 threads',
    { type: 'run.started', run: runId('7f3a'), plan: 'p', items: 426, threads: 6, memory, epoch: 1 },
  ],
  ['thread 3 is ready', { type: 'thread.started', thread }],
  ['thread 3 paused by you', { type: 'thread.paused', thread, by: 'user' }],
  ['thread 3 resumed by the governor', { type: 'thread.resumed', thread, by: 'governor' }],
  [
    'thread 3 replaced: its process ended by signal SIGKILL',
    { type: 'thread.replaced', thread, reason: { kind: 'lost', message: 'its process ended by signal SIGKILL' } },
  ],
  ['thread 3 stopped', { type: 'thread.stopped', thread }],
  [
    'governor: thread 3 gave memory back, 1.9 → 1.2 GB in 0.8 s (10.4 GB of 12 GB in sight)',
    act('reclaim', 1900, 1200),
  ],
  [
    'governor: thread 3 had no memory to give back, 1.9 GB after 0.8 s (10.4 GB of 12 GB in sight)',
    act('reclaim', 1900, 1895),
  ],
  [
    'governor: threads gave memory back, 9.8 → 8.6 GB in 0.8 s (10.4 GB of 12 GB in sight)',
    byAll(act('reclaim', 10_000, 8800)),
  ],
  ['governor: new items wait for memory (10.4 GB of 12 GB in sight)', byAll(act('hold', 10_000, 10_000))],
  ['governor: thread 3 stands still at its cap (10.4 GB of 12 GB in sight)', act('hold', 2048, 2048)],
  ['governor: what thread 3 has not begun goes to others (10.4 GB of 12 GB in sight)', act('rebalance', 1900, 1900)],
  ['governor: smaller items first (10.4 GB of 12 GB in sight)', byAll(act('rebalance', 10_000, 10_000))],
  ['governor: thread 3 stands still at 1.9 GB (10.4 GB of 12 GB in sight)', act('pause', 1900, 1900)],
  ['governor: thread 3 goes on (10.4 GB of 12 GB in sight)', act('resume', 1900, 1900)],
  ['governor: checkpoint in 0.8 s (10.4 GB of 12 GB in sight)', byAll(act('checkpoint', 10_000, 10_000))],
  [
    'governor: the item of thread 3 goes back to the queue, 1.9 → 0.1 GB in 0.8 s (10.4 GB of 12 GB in sight)',
    act('requeue', 1900, 90),
  ],
  ['governor: thread 3 was ended, 190 → 18 MB in 0.8 s (10.4 GB of 12 GB in sight)', act('kill', 190, 18)],
  [
    'US-252 back in the queue: its memory (1.9 GB) was needed',
    { type: 'items.returned', thread, batch, items: [item], how: 'evicted', peak: bytes(1900 * 2 ** 20) },
    { name: 'US-252' },
  ],
  [
    'US-252 failed: memory: took 2.1 GB, more than the 2 GB of a thread',
    {
      type: 'item.failed',
      ...attempt,
      reason: { kind: 'memory', message: 'took 2.1 GB, more than the 2 GB of a thread' },
    },
    { name: 'US-252' },
  ],
  ['batch 2.6 started', { type: 'batch.started', batch }, { batch: '2.6' }],
  ['batch 2.6 paused by you', { type: 'batch.paused', batch, by: 'user' }, { batch: '2.6' }],
  [
    'batch 2.6 finished 7/7',
    { type: 'batch.finished', batch, succeeded: 7, failed: 0, skipped: 0, ms: millis(1) },
    { batch: '2.6' },
  ],
  [
    'batch 2.6 finished 4/7, 1 failed, 2 skipped',
    { type: 'batch.finished', batch, succeeded: 4, failed: 1, skipped: 2, ms: millis(1) },
    { batch: '2.6' },
  ],
  [
    'thread 3 took 2 items of 2.6',
    { type: 'chunk.started', thread, batch, items: [item, itemIndex(252)] },
    { batch: '2.6' },
  ],
  [
    'US-252 succeeded in 1.2 s',
    { type: 'items.succeeded', thread, batch, items: [item], attempts: [1], ms: [1234] },
    { name: 'US-252' },
  ],
  [
    'US-252 failed (exit 1), attempt 2 of 5 in 8 s',
    { type: 'item.retrying', ...attempt, retryAt: wallTime(AT + 8000) },
    { name: 'US-252', tries: 5 },
  ],
  [
    'US-252 failed (exit 1), attempt 7 at once',
    { type: 'item.retrying', ...attempt, attempt: 6, retryAt: AT },
    { name: 'US-252', tries: 5 },
  ],
  ['US-252 failed after 5 attempts: exit 1', { type: 'item.failed', ...attempt, attempt: 5 }, { name: 'US-252' }],
  [
    'US-252 failed: ended by SIGSEGV',
    {
      type: 'item.failed',
      ...attempt,
      reason: { kind: 'signal', message: 'ended by SIGSEGV', code: 'SIGSEGV' },
    },
    { name: 'US-252' },
  ],
  [
    'US-252 failed: made no out/US-252.md, left 2 processes behind, ended',
    { type: 'item.failed', ...attempt, reason: { kind: 'output', message: 'made no out/US-252.md' }, leftover: 2 },
    { name: 'US-252' },
  ],
  [
    'US-252 failed (exit 1, left 1 process behind, ended), attempt 2 of 5 at once',
    { type: 'item.retrying', ...attempt, retryAt: AT, leftover: 1 },
    { name: 'US-252', tries: 5 },
  ],
  [
    'US-252 succeeded in 1.2 s, left 3 processes behind, ended',
    { type: 'items.succeeded', thread, batch, items: [item], attempts: [1], ms: [1234], leftovers: [3] },
    { name: 'US-252' },
  ],
  [
    '@252 failed: timeout: no end after 10 min',
    { type: 'item.failed', ...attempt, reason: { kind: 'timeout', message: 'no end after 10 min' } },
  ],
  [
    'US-252 failed: ended by you',
    { type: 'item.failed', ...attempt, reason: { kind: 'user', message: '' } },
    { name: 'US-252' },
  ],
  [
    '12 items of batch 3.1 skipped: 2.6 cannot be met',
    { type: 'items.skipped', batch, items: 'rest', count: 12, because: { kind: 'need', id: '2.6' } },
    { batch: '3.1' },
  ],
  [
    'US-252 skipped: by you',
    { type: 'items.skipped', batch, items: [item], count: 1, because: { kind: 'user' } },
    { name: 'US-252' },
  ],
  [
    'US-252 back in the queue, and 12 skipped items behind it',
    { type: 'items.requeued', failed: [item], skipped: [], unskipped: [{ batch, count: 12 }] },
    { name: 'US-252' },
  ],
  [
    'US-252 lost its process on thread 3, back in the queue',
    { type: 'items.returned', thread, batch, items: [item], how: 'lost' },
    { name: 'US-252' },
  ],
  ['stopping: running items finish, nothing new starts', { type: 'run.draining', isNow: false }],
  [
    'run failed after 00:58:00: 423 succeeded, 3 failed',
    {
      type: 'run.finished',
      outcome: 'failed',
      succeeded: 423,
      failed: 3,
      skipped: 0,
      left: 0,
      ms: millis(58 * 60_000),
      exit: 1,
    },
  ],
  [
    'checkpoint, 36 kB in 3 ms',
    { type: 'checkpoint.written', bytes: bytes(36 * 1024), ms: millis(3), reason: 'interval' },
  ],
]

for (const [sentence, event, names] of cases) {
  test(sentence, () => {
    expect(describeEvent({ seq: 1, at: AT, event, ...names })).toBe(sentence)
  })
}

test('a sentence is one line without control sequences', () => {
  const message = '\n\u001B[31mfirst line\u001B[0m\nsecond line'
  const event = { type: 'item.failed', ...attempt, reason: { kind: 'threw', message } } as const
  expect(describeEvent({ seq: 1, at: AT, event, name: 'a\nb' })).toBe('a b failed: first line')
})
