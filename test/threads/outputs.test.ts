import { chmod, lstat, mkdir, readdir, readFile, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeName } from '../../src/model/names.ts'
import { Outputs } from '../../src/threads/outputs.ts'
import { scratchFolder } from '../helpers/scratch.ts'

test('folders are made before, and the first file that is not there after a success is told', async () => {
  const folder = await scratchFolder()
  const outputs = new Outputs(['out/deep/a.md', join(folder, 'b', 'b.md')], folder)
  expect(await outputs.prepare()).toBeUndefined()
  expect((await stat(join(folder, 'out/deep'))).isDirectory()).toBe(true)
  expect(await outputs.missing()).toBe('out/deep/a.md')
  await writeFile(join(folder, 'out/deep/a.md'), '')
  expect(await outputs.missing()).toBe(join(folder, 'b', 'b.md'))
  await mkdir(join(folder, 'b', 'b.md'))
  expect(await outputs.missing()).toBeUndefined()
})

test('a link to nothing is not there', async () => {
  const folder = await scratchFolder()
  const outputs = new Outputs(['a'], folder)
  await outputs.prepare()
  await symlink('nowhere', join(folder, 'a'))
  expect(await outputs.missing()).toBe('a')
})

test('after a failure new and changed files are removed, and nothing else', async () => {
  const folder = await scratchFolder()
  const at = (name: string) => join(folder, name)
  const names = [
    'new',
    'longer',
    'touched',
    'replaced',
    'same',
    'folder',
    'new-folder',
    'new-link',
    'old-link',
    'never',
  ]
  const kept = ['same', 'folder', 'new-folder', 'old-link']
  for (const name of ['longer', 'touched', 'replaced', 'same', 'beside']) await writeFile(at(name), 'old')
  const time = new Date(1_700_000_000_000)
  for (const name of ['longer', 'replaced', 'touched']) await utimes(at(name), time, time)
  await mkdir(at('folder'))
  await symlink('beside', at('old-link'))
  const outputs = new Outputs(names, folder)
  await outputs.prepare()
  // The attempt.
  for (const name of ['new', 'longer', 'new-target', 'beside']) await writeFile(at(name), 'longer')
  await utimes(at('longer'), time, time)
  await writeFile(at('touched'), 'NEW')
  await writeFile(at('other'), 'new')
  await utimes(at('other'), time, time)
  await rename(at('other'), at('replaced'))
  await mkdir(at('new-folder'))
  await writeFile(at('folder/inside'), 'new')
  await symlink('new-target', at('new-link'))
  expect(await outputs.clean()).toEqual({ removed: ['new', 'longer', 'touched', 'replaced', 'new-link'] })
  expect((await readdir(folder)).toSorted()).toEqual([...kept, 'beside', 'new-target'].toSorted())
  expect(await readFile(at('same'), 'utf8')).toBe('old')
  expect(await readdir(at('folder'))).toEqual(['inside'])
  expect((await lstat(at('old-link'))).isSymbolicLink()).toBe(true)
})

test('names that are no UTF-8 are files of just these bytes', async () => {
  const folder = await scratchFolder()
  const bytes = Buffer.concat([Buffer.from(`${folder}/o`), Buffer.from([0xff]), Buffer.from('/x')])
  const name = decodeName(bytes)
  expect(name.isWellFormed()).toBe(false)
  const outputs = new Outputs([name])
  await outputs.prepare()
  expect(await outputs.missing()).toBe(name)
  await writeFile(bytes, '')
  expect(await outputs.missing()).toBeUndefined()
  expect(await outputs.clean()).toEqual({ removed: [name] })
  await expect(stat(bytes)).rejects.toThrow('ENOENT')
})

test('where there is no place for a file the attempt is told so, and nothing is removed', async () => {
  const folder = await scratchFolder()
  await writeFile(join(folder, 'out'), 'a file')
  const outputs = new Outputs(['a', 'out/x'], folder)
  expect(await outputs.prepare()).toMatch(/^there is no place for out\/x: E/)
  await writeFile(join(folder, 'a'), '')
  expect(await outputs.clean()).toEqual({ removed: [] })
})

test('what another process saw before the attempt is enough to clean up', async () => {
  const folder = await scratchFolder()
  await writeFile(join(folder, 'old'), '')
  const first = new Outputs(['old', 'new'], folder)
  await first.prepare()
  await writeFile(join(folder, 'new'), '')
  const seen = structuredClone(first.seen)
  expect(await new Outputs(['old', 'new'], folder, seen).clean()).toEqual({ removed: ['new'] })
})

test.skipIf(process.getuid?.() === 0)('what cannot be removed is told', async () => {
  const folder = await scratchFolder()
  const outputs = new Outputs(['out/x', 'y'], folder)
  await outputs.prepare()
  await writeFile(join(folder, 'out/x'), '')
  await writeFile(join(folder, 'y'), '')
  await chmod(join(folder, 'out'), 0o500)
  const { removed, problem } = await outputs.clean()
  expect(removed).toEqual(['y'])
  expect(problem).toMatch(/^out\/x cannot be removed: E/)
  await chmod(join(folder, 'out'), 0o700)
})
