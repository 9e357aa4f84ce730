import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readTail } from '../../src/cli/log-tail.ts'
import { threadNumber } from '../../src/model/ids.ts'
import { logFolder, packedFile } from '../../src/threads/logs.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const thread = threadNumber(1)

async function tailOf(text: string, lines = 10): Promise<readonly string[]> {
  const folder = await scratchFolder()
  mkdirSync(logFolder(folder))
  writeFileSync(packedFile(folder, thread, 1), text)
  return readTail(folder, { thread, log: { file: 1, offset: 0, length: Buffer.byteLength(text) } }, lines)
}

test('the last lines of a log, whether the last has an end or not', async () => {
  expect(await tailOf('one\ntwo\r\nthree\n', 2)).toEqual(['two', 'three'])
  expect(await tailOf('one\ntwo', 2)).toEqual(['one', 'two'])
  expect(await tailOf('')).toEqual([])
})

test('a bar that writes its line again and again is what it wrote last', async () => {
  expect(await tailOf('fetching\n10 %\r55 %\r100 %\ndone\n')).toEqual(['fetching', '100 %', 'done'])
  expect(await tailOf('10 %\r20 %\r')).toEqual(['20 %'])
  expect(await tailOf('\r\r\n\nend\n')).toEqual(['', '', 'end'])
})

test('of a long log no line is cut at its beginning', async () => {
  const line = 'x'.repeat(1000)
  const tail = await tailOf(`${line}\n`.repeat(200), 1000)
  expect(tail.length).toBeGreaterThan(50)
  expect(new Set(tail)).toEqual(new Set([line]))
})
