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
