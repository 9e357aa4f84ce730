import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resultsFiles, resultsVariable } from '../../src/threads/results-files.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const line = (item: string, value: unknown) => `${JSON.stringify({ item, value })}\n`

async function filesOf(folder: string, ...texts: string[]): Promise<string[]> {
  const paths = texts.map((_, place) => join(folder, `a-${place + 1}.ndjson`))
  for (const [place, text] of texts.entries()) await writeFile(paths[place] as string, text)
  return paths
}

test('a single complete file is named itself', async () => {
  const folder = await scratchFolder()
  const text = line('x', 1) + line('ü', 2)
  const files = await filesOf(folder, text)
  const sources = [{ batch: 'a', files, end: Buffer.byteLength(text) }]
  expect(await resultsFiles(sources, folder)).toEqual({ BATCHTOP_RESULTS_a: files[0] })
  expect(await readdir(folder)).toEqual(['a-1.ndjson'])
})

test('several files, and ends that are not durable, are one file with what is', async () => {
  const folder = await scratchFolder()
  const [first, second] = [line('x', 'ü'), line('y', 2) + line('z', 3)]
  const files = await filesOf(folder, first, second + line('late', 4))
  const end = Buffer.byteLength(first + second)
  const variables = await resultsFiles([{ batch: 'tests.unit', files, end }], folder)
  const path = variables['BATCHTOP_RESULTS_tests_unit'] ?? ''
  expect(await readFile(path, 'utf8')).toBe(first + second)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(folder, 'results'))).toHaveLength(1)
})

test('void lines are left out, and other voids are another file', async () => {
  const folder = await scratchFolder()
  const text = line('x', 'old') + line('y', 2) + line('x', 'new')
  const files = await filesOf(folder, text)
  const end = text.length
  const voids = [{ before: line('x', 'old').length, names: ['x'] }]
  const all = [{ before: text.length, names: 'all' }] as const
  const one = await resultsFiles([{ batch: 'a', files, end, voids }], folder)
  const other = await resultsFiles([{ batch: 'a', files, end, voids: all }], folder)
  expect(await readFile(one['BATCHTOP_RESULTS_a'] ?? '', 'utf8')).toBe(line('y', 2) + line('x', 'new'))
  expect(await readFile(other['BATCHTOP_RESULTS_a'] ?? '', 'utf8')).toBe('')
})

test('a batch without values has an empty file', async () => {
  const folder = await scratchFolder()
  const variables = await resultsFiles([{ batch: 'a', files: [], end: 0 }], folder)
  expect(await readFile(variables['BATCHTOP_RESULTS_a'] ?? '', 'utf8')).toBe('')
})

test('a copy is written once, by however many threads it is asked for, and never half', async () => {
  const folder = await scratchFolder()
  const text = Array.from({ length: 20_000 }, (_, place) => line(`row-${place}`, place)).join('')
  const files = await filesOf(folder, text, text)
  const ask = () => resultsFiles([{ batch: 'a', files, end: text.length * 2 }], folder)
  const asked = await Promise.all([ask(), ask(), ask()])
  const paths = new Set(asked.map((one) => one['BATCHTOP_RESULTS_a']))
  const [path = ''] = paths
  expect(paths.size).toBe(1)
  expect(await readdir(join(folder, 'results'))).toHaveLength(1)
  expect(await readFile(path, 'utf8')).toBe(text + text)
  const { ino } = await stat(path)
  await ask()
  expect((await stat(path)).ino).toBe(ino)
})

test('a copy that cannot be made is told of, and asked for again it is tried again', async () => {
  const folder = await scratchFolder()
  await writeFile(join(folder, 'results'), 'in the way')
  const sources = [{ batch: 'a', files: [], end: 0 }]
  await expect(resultsFiles(sources, folder)).rejects.toThrow(
    /^the values of batch a cannot be gathered in one file: E/,
  )
  await rm(join(folder, 'results'))
  expect(Object.keys(await resultsFiles(sources, folder))).toEqual(['BATCHTOP_RESULTS_a'])
})

test('of two batches with one variable the id that is just that has it, else the first', async () => {
  const folder = await scratchFolder()
  const source = async (batch: string) => {
    const path = join(folder, batch)
    await writeFile(path, '')
    return { batch, files: [path], end: 0 }
  }
  const [dotted, dashed, plain] = [await source('a.1'), await source('a-1'), await source('a_1')]
  expect(resultsVariable('a.1')).toBe('BATCHTOP_RESULTS_a_1')
  expect(await resultsFiles([dotted, dashed], folder)).toEqual({ BATCHTOP_RESULTS_a_1: join(folder, 'a.1') })
  expect(await resultsFiles([dotted, plain, dashed], folder)).toEqual({ BATCHTOP_RESULTS_a_1: join(folder, 'a_1') })
})
