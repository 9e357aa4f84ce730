import { expect, test } from 'vitest'
import { runId } from '../../src/model/ids.ts'
import { interruptedSentence, movedSentence, recoveredLine, stoppedSentence } from '../../src/output/recovery.ts'
import { examinedText, repairedText } from '../../src/output/repair.ts'
import { START } from '../helpers/story-run.ts'

const run = runId('7f3a')

const found = {
  epoch: 2,
  seq: 10,
  succeeded: 5210,
  failed: 0,
  skipped: 0,
  requeued: 12,
  new: 3,
  gone: 1,
  paused: 0,
}

test('one line says what a recovery found', () => {
  expect(recoveredLine(run, found)).toBe('run 7f3a recovered: 5,210 done, 12 requeued, 3 new, 1 gone')
  expect(recoveredLine(run, { ...found, failed: 2, skipped: 4, requeued: 0, new: 0, gone: 0, paused: 2 })).toBe(
    'run 7f3a recovered: 5,210 done, 2 failed, 4 skipped, 0 requeued, 0 new, 0 gone; 2 threads are still paused: batchtop resume',
  )
  expect(recoveredLine(run, { ...found, paused: 1 })).toContain('; 1 thread is still paused')
})

test('how far a run had got is a line, also where that cannot be read', () => {
  const left = { run, plan: 'stories' }
  expect(interruptedSentence({ ...left, reached: { at: START, ended: 5210, total: 12_000 } })).toBe(
    'Run 7f3a of stories was interrupted 2026-11-20 09:00:00 UTC, 5,210 of 12,000 items done.',
  )
  expect(interruptedSentence(left)).toBe(
    'Run 7f3a of stories was interrupted; how far it got cannot be read: batchtop repair 7f3a',
  )
  expect(stoppedSentence({ run, left: 1 })).toContain('was stopped with 1 item left: batchtop recover 7f3a')
  expect(movedSentence({ run, planPath: '/p.yaml' })).toBe(
    'run 7f3a of a plan of this name has work left, its file /p.yaml is gone: batchtop recover 7f3a continues it',
  )
})

test('a damaged run: where, what a repair keeps and what it loses', () => {
  const examined = {
    damages: [{ path: '/r/journal-00000001.log', offset: 123, why: 'no valid frame there' }],
    kept: { events: 40, succeeded: 17 },
    dropped: { frames: 2, events: 9 },
    isCovered: false,
  }
  expect(examinedText(run, examined).split('\n')).toEqual([
    'Run 7f3a is damaged:',
    '  /r/journal-00000001.log at byte 123: no valid frame there',
    'A repair keeps what was so until event 40: 17 items had succeeded.',
    'What came later is forgotten, and its items run again: 9 events behind the damage are set aside.',
    '',
  ])
  expect(examinedText(run, { ...examined, isCovered: true })).toContain(
    'A repair keeps what has ended: 17 items succeeded.\nThe history of the run gets a hole: 9 events',
  )
  expect(examinedText(run, { ...examined, dropped: { frames: 0, events: 0 } })).toContain('place said is lost')
  expect(examinedText(run, { ...examined, damages: [] })).toBe('Run 7f3a is not damaged.\n')
})

test('a repaired run: where its files are, and what comes next', () => {
  expect(repairedText(run, { kept: ['/r/a.damaged-1'], hasEnded: false })).toBe(
    'Run 7f3a is repaired.\nThe files as they were are kept as\n  /r/a.damaged-1\n`batchtop recover 7f3a` goes on with it.\n',
  )
  expect(repairedText(run, { kept: [], hasEnded: true })).toContain('batchtop status 7f3a')
})
