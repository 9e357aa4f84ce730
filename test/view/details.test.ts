import { expect, test } from 'vitest'
import type { RunSnapshot } from '../../src/model/snapshot.ts'
import { bytes } from '../../src/model/units.ts'
import { type DetailsOf, detailsRows } from '../../src/view/details.ts'
import { pressedRun } from '../helpers/snapshots.ts'
import { MB, NOW } from '../helpers/story-run.ts'

const snapshot = pressedRun()

/** Facts by name. */
function factsOf(of: DetailsOf, columns = 120): Map<string, string> {
  const area = { columns, rows: 30, looks: { ascii: false, color: false }, isFocused: false }
  const rows = detailsRows({ snapshot, now: NOW, area, of, why: undefined, log: undefined })
  const lines = rows.map((row) => row.map(({ text }) => text).join(''))
  return new Map(lines.map((line) => [line.slice(1, 13).trim(), line.slice(13).trim()]))
}

const threadOf = (place: number): DetailsOf => ({
  kind: 'thread',
  thread: snapshot.threads[place] as RunSnapshot['threads'][number],
})

test.each([200, 120, 80, 60])(
  'a thread says in %i columns what its memory is and what its item is expected to need',
  (columns) => {
    const facts = factsOf(threadOf(3), columns)
    expect(facts.get('memory')).toBe('1.5 GB of 2 GB: heap 922 MB, buffers 461 MB')
    expect(facts.get('expected')).toBe('1.6 GB')
    expect(facts.get('state')).toBe('paused, by the governor for 00:00:12')
  },
)

test('a thread without an item expects nothing, and says what it waits for', () => {
  const facts = factsOf(threadOf(5))
  expect(facts.has('expected')).toBe(false)
  expect(facts.get('state')).toBe('waiting: memory: needs 1.2 GB, others leave 0.3 GB')
})

test('a batch says what its items take once that is known', () => {
  const [batch] = snapshot.batches as readonly [RunSnapshot['batches'][number]]
  expect(factsOf({ kind: 'batch', batch }).has('memory')).toBe(false)
  expect(factsOf({ kind: 'batch', batch: { ...batch, size: bytes(310 * MB) } }).get('memory')).toBe(
    '9 of 10 items below 310 MB',
  )
})

test('what a command says in lines of its own stays set in as it is', () => {
  const why = 'alpha runs on thread 1.\nCommand:\n  for one in a b; do\n    cat "$one" > /dev/null\n  done'
  const area = { columns: 36, rows: 30, looks: { ascii: false, color: false }, isFocused: false }
  const rows = detailsRows({ snapshot, now: NOW, area, of: threadOf(0), why, log: undefined })
  const texts = rows.map((row) => row.at(-1)?.text.trimEnd())
  const from = texts.indexOf('Command:') + 1
  expect(texts.slice(from, from + 4)).toEqual(['  for one in a b; do', '    cat "$one" >', '    /dev/null', '  done'])
})
