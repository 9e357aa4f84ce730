import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readResults } from '../../src/threads/results.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const line = (item: string, value: unknown) => `${JSON.stringify({ item, value })}\n`

async function read(source: Parameters<typeof readResults>[0]): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const { item, value } of readResults(source)) found.push([item, value])
  return found
}

test('values are read over all files in order, up to what is durable', async () => {
  const folder = await scratchFolder()
  const files = [join(folder, 'a-1'), join(folder, 'a-2')]
  await writeFile(files[0] as string, line('x', 1) + line('y', 2))
  await writeFile(files[1] as string, line('z', 3) + line('late', 4))
  const end = (line('x', 1) + line('y', 2) + line('z', 3)).length
  expect(await read({ batch: 'a', files, end })).toEqual([
    ['x', 1],
    ['y', 2],
    ['z', 3],
  ])
})

test('a void line is left out; what the same item returned after it counts', async () => {
  const folder = await scratchFolder()
  const files = [join(folder, 'a-1'), join(folder, 'a-2')]
  const first = line('ü', 'old') + line('gone', 1)
  await writeFile(files[0] as string, first + line('stays', 2))
  await writeFile(files[1] as string, line('ü', 'new'))
  const before = Buffer.byteLength(first + line('stays', 2))
  const end = before + Buffer.byteLength(line('ü', 'new'))
  const voids = [{ before, names: ['ü', 'gone'] }]
  expect(await read({ batch: 'a', files, end, voids })).toEqual([
    ['stays', 2],
    ['ü', 'new'],
  ])
})

test('a value is one line whatever it holds, and however long it is', async () => {
  const folder = await scratchFolder()
  const file = join(folder, 'a-1')
  const odd = 'a\u2028b\u2029c\rd'
  const long = 'ü'.repeat(100_000)
  const text = line('x', odd) + line('long', long) + line('y', 2)
  await writeFile(file, text)
  const voids = [{ before: Buffer.byteLength(line('x', odd) + line('long', long)), names: ['y'] }]
  expect(await read({ batch: 'a', files: [file], end: Buffer.byteLength(text), voids })).toEqual([
    ['x', odd],
    ['long', long],
    ['y', 2],
  ])
})

test('of a batch that was gone meanwhile all that was returned before is void', async () => {
  const folder = await scratchFolder()
  const file = join(folder, 'a-1')
  await writeFile(file, line('x', 'old') + line('x', 'new'))
  const end = (line('x', 'old') + line('x', 'new')).length
  const voids = [{ before: line('x', 'old').length, names: 'all' }] as const
  expect(await read({ batch: 'a', files: [file], end, voids })).toEqual([['x', 'new']])
})
