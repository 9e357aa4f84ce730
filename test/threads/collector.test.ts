import { expect, test } from 'vitest'
import { Collector } from '../../src/threads/collector.ts'
import { Table } from '../../src/threads/table.ts'
import type { WorkerNote } from '../../src/threads/wire.ts'

const MB = 2 ** 20

function collector(): { table: Table; collector: Collector; notes: WorkerNote[] } {
  const table = new Table()
  const notes: WorkerNote[] = []
  return { table, notes, collector: new Collector(table, (note) => notes.push(note)) }
}

test('after a collection in vain the next one waits until there is twice as much', () => {
  const { table, collector: one } = collector()
  const kept = [Buffer.alloc(300 * MB)]
  table.tidy(100 * MB)
  expect(one.isTidyDue()).toBe(true)
  one.tidy()
  expect(one.isTidyDue()).toBe(false)
  kept.push(Buffer.alloc(700 * MB))
  expect(one.isTidyDue()).toBe(true)
  kept.length = 0
  one.tidy()
  table.tidy(200 * MB)
  expect(one.isTidyDue()).toBe(false)
})

test('another threshold counts at once', () => {
  const { table, collector: one } = collector()
  const kept = Buffer.alloc(300 * MB)
  table.tidy(100 * MB)
  expect(one.isTidyDue()).toBe(true)
  one.tidy()
  table.tidy(200 * MB)
  expect(one.isTidyDue()).toBe(true)
  expect(kept).toHaveLength(300 * MB)
})

test('what was not asked for is not collected', () => {
  const { table, collector: one, notes } = collector()
  one.reclaim()
  expect(notes).toEqual([])
  table.reclaim(true)
  one.reclaim()
  one.reclaim()
  expect(notes).toMatchObject([{ is: 'reclaimed' }])
})

test('it tells what it gave back', () => {
  const { table, collector: one, notes } = collector()
  const kept = [1, 2, 3].map(() => Buffer.alloc(100 * MB))
  table.reclaim(true)
  kept.length = 0
  one.reclaim()
  const [note] = notes
  expect(note?.is === 'reclaimed' && note.freed).toBeGreaterThan(250 * MB)
})
