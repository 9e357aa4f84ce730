import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { readValue, ValueReader } from '../../src/journal/value-reader.ts'
import { listValuesFiles, ValuesWriter } from '../../src/journal/values.ts'
import type { ValueRef } from '../../src/model/event.ts'
import { batchIndex } from '../../src/model/ids.ts'
import { scratchFolder } from '../helpers/scratch.ts'

async function runFolder(): Promise<string> {
  const folder = await scratchFolder()
  await mkdir(join(folder, 'values'))
  return folder
}

async function writer(folder: string, maxFileBytes: number): Promise<ValuesWriter> {
  const values = new ValuesWriter({ folder, existing: await listValuesFiles(folder), maxFileBytes })
  onTestFinished(() => values.close())
  return values
}

test('values of any batches come back by their place, however the files are cut', async () => {
  const entry = fc.record({
    batch: fc.nat(20),
    item: fc.string({ unit: 'binary' }),
    value: fc.json(),
    sync: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 40 }), fc.integer({ min: 1, max: 300 }), async (entries, size) => {
      const folder = await runFolder()
      const values = await writer(folder, size)
      const refs: ValueRef[] = []
      for (const { batch, item, value, sync } of entries) {
        refs.push(values.add(batchIndex(batch), item, value))
        if (sync) (await values.sync())()
      }
      ;(await values.sync())()
      const reader = new ValueReader(folder)
      const back: string[] = []
      for (const [place, { batch }] of entries.entries()) {
        back.push(await reader.read(batchIndex(batch), refs[place] as ValueRef))
      }
      await reader.close()
      await values.close()
      expect(back).toEqual(entries.map(({ value }) => value))
    }),
    { numRuns: 30 },
  )
})

test('a batch is one long line of places over its files, each line whole in one file', async () => {
  const folder = await runFolder()
  const batch = batchIndex(3)
  const values = await writer(folder, 60)
  for (const item of ['a', 'b', 'c', 'd', 'e']) values.add(batch, item, '"xxxx"')
  ;(await values.sync())()
  const files = values.files(batch)
  expect(files).toEqual([1, 2, 3].map((number) => join(folder, 'values', `3-${number}.ndjson`)))
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  expect(texts.join('').length).toBe(values.end(batch))
  const lines = texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line) as unknown)
  expect(lines).toEqual(['a', 'b', 'c', 'd', 'e'].map((item) => ({ item, value: 'xxxx' })))
})

test('more batches than files may be open at once', async () => {
  const folder = await runFolder()
  const values = await writer(folder, 1000)
  const refs: ValueRef[][] = []
  for (let round = 0; round < 3; round++) {
    refs.push(
      Array.from({ length: 40 }, (_, batch) => values.add(batchIndex(batch), `${round}`, `${batch * 100 + round}`)),
    )
    ;(await values.sync())()
  }
  expect(await readdir(join(folder, 'values'))).toHaveLength(40)
  expect(await readValue(folder, batchIndex(39), refs[2]?.[39] as ValueRef)).toBe('3902')
  expect(await readValue(folder, batchIndex(0), refs[0]?.[0] as ValueRef)).toBe('0')
})

test('a later epoch begins files of its own and counts on', async () => {
  const folder = await runFolder()
  const batch = batchIndex(0)
  const first = await writer(folder, 1000)
  const early = first.add(batch, 'a', '1')
  ;(await first.sync())()
  await first.close()
  const second = await writer(folder, 1000)
  expect(second.end(batch)).toBe(first.end(batch))
  const late = second.add(batch, 'b', '22')
  ;(await second.sync())()
  expect(await readdir(join(folder, 'values'))).toEqual(['0-1.ndjson', '0-2.ndjson'])
  expect(second.files(batch)).toHaveLength(2)
  expect(late.offset).toBeGreaterThan(first.end(batch))
  expect(await readValue(folder, batch, late)).toBe('22')
  expect(await readValue(folder, batch, early)).toBe('1')
})

test('a reader finds values that were written after it looked first', async () => {
  const folder = await runFolder()
  const batch = batchIndex(0)
  const values = await writer(folder, 50)
  const reader = new ValueReader(folder)
  onTestFinished(() => reader.close())
  for (let number = 0; number < 10; number++) {
    const ref = values.add(batch, `item-${number}`, `${number}`)
    ;(await values.sync())()
    expect(await reader.read(batch, ref)).toBe(`${number}`)
  }
})

test('a value that is not there is said to be missing', async () => {
  const folder = await runFolder()
  await expect(readValue(folder, batchIndex(0), { offset: 0, length: 1 })).rejects.toMatchObject({
    code: 'value-missing',
  })
})
