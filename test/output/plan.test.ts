import { expect, test } from 'vitest'
import { batchIndex } from '../../src/model/ids.ts'
import type { Batch } from '../../src/model/plan.ts'
import { bytes } from '../../src/model/units.ts'
import { planText } from '../../src/output/plan.ts'
import { buildPlan } from '../helpers/build-plan.ts'

test('a plan in the order of work, with only the columns that say something', () => {
  const plan = buildPlan({
    phases: ['week-1'],
    batches: [
      { id: 'a', count: 2, needs: [{ kind: 'batch', index: 1, when: 'ended' }] },
      { id: 'b', count: 1200, phase: 0, level: 'high', threads: [1, 2], threadsOnly: true, parallel: 4, attempts: 3 },
    ],
  })
  expect(planText(plan, [batchIndex(1), batchIndex(0)]).split('\n')).toEqual([
    'test: 1,202 items in 2 batches on 2 threads, 2 GB each of 12 GB, 4 GB reserved',
    'batch  phase   level   items  names           needs    threads               tries',
    'b      week-1  high    1,200  b-001 … b-1200           1, 2 only; at most 4  3',
    'a              medium      2  a-001, a-002    b ended',
    '',
  ])
})

test('what items need, and a line to act at that somebody chose, are shown', () => {
  const built = buildPlan({
    batches: [
      { id: 'a', count: 1 },
      { id: 'b', count: 1 },
    ],
  })
  const [a, b] = built.batches as readonly [Batch, Batch]
  const plan = {
    ...built,
    memory: { ...built.memory, act: 0.9 },
    batches: [a, { ...b, memory: bytes(300 * 2 ** 20) }],
  }
  expect(planText(plan, [batchIndex(0), batchIndex(1)]).split('\n')).toEqual([
    'test: 2 items in 2 batches on 2 threads, 2 GB each of 12 GB, 4 GB reserved, the governor acts at 90 %',
    'batch  level   items  names  memory',
    'a      medium      1  a-001',
    'b      medium      1  b-001  300 MB',
    '',
  ])
})

test('what commands run, and where items come from that are listed when their batch may start', () => {
  const built = buildPlan({
    batches: [
      { id: 'make', count: 2, run: 'make -s\nmake check' },
      { id: 'look', count: 0, run: 'cat {}' },
    ],
  })
  const [make, look] = built.batches as readonly [Batch, Batch]
  const late = { kind: 'glob', pattern: 'out/*.txt', cwd: '/plans', isListed: false } as const
  const plan = { ...built, batches: [make, { ...look, late }] }
  expect(planText(plan, [batchIndex(0), batchIndex(1)]).split('\n')).toEqual([
    'test: 2 items and those of 1 late batch in 2 batches on 2 threads, 2 GB each of 12 GB, 4 GB reserved',
    'batch  level   items  names                                command',
    'make   medium      2  make-001, make-002                   make -s …',
    'look   medium   late  listed when it may start: out/*.txt  cat {}',
    '',
  ])
})
