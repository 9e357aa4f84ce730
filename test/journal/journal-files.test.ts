import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { JournalFiles } from '../../src/journal/journal-files.ts'
import { runId } from '../../src/model/ids.ts'
import { wallTime } from '../../src/model/units.ts'
import { scratchFolder } from '../helpers/scratch.ts'
import type { Fault } from './failing-disk.ts'
import { FailingDisk } from './failing-disk.ts'

interface Made {
  readonly folder: string
  readonly disk: FailingDisk
  readonly files: JournalFiles
  /** Adds a frame of one event. */
  readonly add: (seq: number) => Promise<number>
  /** What the files hold: the seq of each frame. */
  readonly seqs: () => Promise<Record<string, string[]>>
}

async function make(): Promise<Made> {
  const folder = await scratchFolder()
  await mkdir(join(folder, 'values'))
  const disk = new FailingDisk()
  const files = new JournalFiles({ folder, run: runId('7f3a'), generation: 1, disk })
  await files.open()
  const seqs = async () => {
    const names = (await readdir(folder)).filter((name) => name.startsWith('journal-'))
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
    return Object.fromEntries(
      names.map((name, place) => [name, [...(texts[place] ?? '').matchAll(/^# \d+ (\d+)/gm)].map(([, seq]) => seq)]),
    ) as Record<string, string[]>
  }
  return {
    folder,
    disk,
    files,
    seqs,
    add: (seq) => files.append({ firstSeq: seq, events: 1, at: wallTime(1) }, 'J {}\n'),
  }
}

const fault = (of: Fault['of'], times = 1): Fault => ({ first: 1, times, ...(of ? { of } : {}) })

test('after a failure the file ends with its last good frame and the next one goes on', async () => {
  const { disk, files, add, seqs } = await make()
  await add(1)
  disk.arm(fault('datasync'))
  await expect(add(2)).rejects.toThrow('EIO')
  await add(2)
  await add(3)
  await files.close()
  expect(await seqs()).toEqual({ 'journal-00000001.log': ['1'], 'journal-00000002.log': ['2', '3'] })
})

test('a file without a good frame is used again, its first line untouched', async () => {
  const { folder, disk, files, add, seqs } = await make()
  disk.arm(fault('write'))
  await expect(add(1)).rejects.toThrow('EIO')
  disk.arm(fault('truncate'))
  await expect(add(1)).rejects.toThrow('EIO')
  await add(1)
  await files.close()
  expect(await seqs()).toEqual({ 'journal-00000001.log': ['1'] })
  expect(await readFile(join(folder, 'journal-00000001.log'), 'utf8')).toMatch(/^batchtop-journal 1 7f3a 1\n# 1 1 1 /)
})

test.for(['open', 'write', 'datasync', 'syncFolder'] as const)(
  'a next file that could not be begun (%s) is begun again under its number',
  async (of) => {
    const { disk, files, add, seqs } = await make()
    await add(1)
    disk.arm(fault(of, 2))
    for (let tries = 0; tries < 2; tries++) await expect(files.next()).rejects.toThrow('EIO')
    expect(await files.next()).toBe(2)
    await add(2)
    await files.close()
    expect(await seqs()).toEqual({ 'journal-00000001.log': ['1'], 'journal-00000002.log': ['2'] })
  },
)

test('a file of somebody else is never written over', async () => {
  const { folder, files, add } = await make()
  await add(1)
  await writeFile(join(folder, 'journal-00000002.log'), 'of somebody else')
  for (let tries = 0; tries < 2; tries++) await expect(files.next()).rejects.toThrow('EEXIST')
  await files.close()
  expect(await readFile(join(folder, 'journal-00000002.log'), 'utf8')).toBe('of somebody else')
})
