import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { realDisk } from '../../src/journal/disk.ts'
import { readValue, ValueReader } from '../../src/journal/value-reader.ts'
import { ValuesWriter } from '../../src/journal/values.ts'
import { listValuesFiles, truncateValues } from '../../src/journal/values-files.ts'
import { valuesStem } from '../../src/journal/values-names.ts'
import type { ValueRef } from '../../src/model/event.ts'
import { decodeName } from '../../src/model/names.ts'
import type { ItemValue } from '../../src/threads/context.ts'
import { readResults } from '../../src/threads/results.ts'
import { scratchFolder } from '../helpers/scratch.ts'

// Hundreds of times it waits for a disk, each time for as long as that takes.
vi.setConfig({ testTimeout: 300_000 })

async function runFolder(): Promise<string> {
  const folder = await scratchFolder()
  await mkdir(join(folder, 'values'))
  return folder
}

async function writer(folder: string, maxFileBytes: number): Promise<ValuesWriter> {
  const existing = await listValuesFiles(folder)
  const values = new ValuesWriter({ folder, disk: realDisk, existing, maxFileBytes })
  onTestFinished(() => values.close())
  return values
}

/** What the journal does around a frame. */
async function sync(values: ValuesWriter): Promise<void> {
  const parts = values.take()
  await values.write(parts)
  values.show(parts)
}

test('values of any batches come back by their place, however the files are cut', async () => {
  const entry = fc.record({
    batch: fc.oneof(fc.string(), fc.constantFrom('3.1', 'a b', 'A B', 'ä')),
    item: fc.string({ unit: 'binary' }),
    value: fc.json(),
    isSynced: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 40 }), fc.integer({ min: 1, max: 300 }), async (entries, size) => {
      const folder = await runFolder()
      const values = await writer(folder, size)
      const refs: ValueRef[] = []
      for (const { batch, item, value, isSynced } of entries) {
        refs.push(values.add(batch, item, value))
        if (isSynced) await sync(values)
      }
      await sync(values)
      const reader = new ValueReader(folder)
      const back: string[] = []
      for (const [place, { batch }] of entries.entries()) {
        back.push(await reader.read(batch, refs[place] as ValueRef))
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
  const batch = '3.1'
  const values = await writer(folder, 60)
  for (const item of ['a', 'b', 'c', 'd', 'e']) values.add(batch, item, '"xxxx"')
  await sync(values)
  const files = values.files(batch)
  expect(files).toEqual([1, 2, 3].map((number) => join(folder, 'values', `3.1-83b58bcd-${number}.ndjson`)))
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
    refs.push(Array.from({ length: 40 }, (_, batch) => values.add(`b${batch}`, `${round}`, `${batch * 100 + round}`)))
    await sync(values)
  }
  expect(await readdir(join(folder, 'values'))).toHaveLength(40)
  expect(await readValue(folder, 'b39', refs[2]?.[39] as ValueRef)).toBe('3902')
  expect(await readValue(folder, 'b0', refs[0]?.[0] as ValueRef)).toBe('0')
})

test('a later epoch begins files of its own and counts on', async () => {
  const folder = await runFolder()
  const batch = 'Front end'
  const first = await writer(folder, 1000)
  const early = first.add(batch, 'a', '1')
  await sync(first)
  await first.close()
  const second = await writer(folder, 1000)
  expect(second.end(batch)).toBe(first.end(batch))
  const late = second.add(batch, 'b', '22')
  await sync(second)
  expect(await readdir(join(folder, 'values'))).toEqual(['front_end-b929a97a-1.ndjson', 'front_end-b929a97a-2.ndjson'])
  expect(second.files(batch)).toHaveLength(2)
  expect(late.offset).toBeGreaterThan(first.end(batch))
  expect(await readValue(folder, batch, late)).toBe('22')
  expect(await readValue(folder, batch, early)).toBe('1')
})

test('a reader finds values that were written after it looked first', async () => {
  const folder = await runFolder()
  const batch = 'Front end'
  const values = await writer(folder, 50)
  const reader = new ValueReader(folder)
  onTestFinished(() => reader.close())
  for (let number = 0; number < 10; number++) {
    const ref = values.add(batch, `item-${number}`, `${number}`)
    await sync(values)
    expect(await reader.read(batch, ref)).toBe(`${number}`)
  }
})

test('a value that is not there is said to be missing', async () => {
  const folder = await runFolder()
  await expect(readValue(folder, 'a', { offset: 0, length: 1 })).rejects.toMatchObject({
    code: 'value-missing',
  })
})

test('file names are short and readable, and no two ids share one', () => {
  const ids = [
    '3.1',
    'Lint & types',
    'lint & types',
    'lint___types',
    '../../etc',
    '.',
    'ü',
    'x'.repeat(300),
    'x'.repeat(301),
  ]
  const stems = ids.map((id) => valuesStem(id))
  expect(new Set(stems).size).toBe(ids.length)
  for (const stem of stems) expect(stem).toMatch(/^[a-z0-9._]{1,40}-[0-9a-f]{8}$/)
  expect(stems[1]).toMatch(/^lint___types-/)
})

test('values that do not count are cut off: in the middle of a file, whole files, whole batches', async () => {
  const folder = await runFolder()
  const values = await writer(folder, 60)
  const refs = ['a', 'b', 'c', 'd', 'e'].map((item) => values.add('kept', item, '"xxxx"'))
  for (const item of ['a', 'b', 'c']) values.add('void', item, '"xxxx"')
  await sync(values)
  await values.close()
  const { offset, length } = refs[2] as ValueRef
  const ends = { kept: offset + length + 2, never: 0 }
  expect(ends.kept).toBe(84)
  await truncateValues(folder, ends)
  const left = await listValuesFiles(folder)
  expect([...left.keys()]).toEqual([valuesStem('kept')])
  expect(left.get(valuesStem('kept'))?.map(({ number, start, bytes }) => [number, start + bytes])).toEqual([
    [1, 56],
    [2, 84],
  ])
  const next = await writer(folder, 60)
  const late = next.add('kept', 'f', '"yyyy"')
  await sync(next)
  expect(late.offset).toBeGreaterThan(ends.kept)
  const read = await Promise.all([...refs.slice(0, 3), late].map((ref) => readValue(folder, 'kept', ref)))
  expect(read).toEqual(['"xxxx"', '"xxxx"', '"xxxx"', '"yyyy"'])
  await expect(readValue(folder, 'kept', refs[4] as ValueRef)).rejects.toMatchObject({ code: 'value-missing' })
})

test('values that should be there and are not are no reason to give their places out again', async () => {
  const folder = await runFolder()
  const values = await writer(folder, 60)
  values.add('a', 'x', '1')
  await sync(values)
  await expect(truncateValues(folder, { a: 1000 })).rejects.toMatchObject({ code: 'value-missing' })
  expect(await readdir(join(folder, 'values'))).toHaveLength(1)
})

test('whoever reads the values of a batch gets the names of its items, whatever their bytes', async () => {
  const name = fc.uint8Array({ minLength: 1, maxLength: 8 }).map(decodeName)
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 10 }), fc.nat(80), async (names, size) => {
      const folder = await runFolder()
      const values = await writer(folder, size)
      for (const [place, item] of names.entries()) values.add('a', item, String(place))
      await sync(values)
      // Void names are compared as they were given.
      const [gone = ''] = names
      const voids = [{ before: values.end('a'), names: [gone] }]
      const found: ItemValue[] = []
      const source = { batch: 'a', files: values.files('a'), end: values.end('a'), voids }
      for await (const one of readResults(source)) found.push(one)
      await values.close()
      expect(found).toEqual(names.map((item, place) => ({ item, value: place })).slice(1))
    }),
    { numRuns: 30 },
  )
})
