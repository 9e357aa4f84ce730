import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeName, encodeName } from '../../src/model/names.ts'
import type { Listing } from '../../src/plan/list-items.ts'
import { listItems } from '../../src/plan/list-items.ts'
import { folderWith } from './rig.ts'

/** A file by the bytes of its path, `\xe9` for the byte E9. */
const latin = (text: string) => Buffer.from(text, 'latin1')

function make(folder: string, path: Uint8Array): void {
  const full = Buffer.concat([Buffer.from(`${folder}/`), path])
  mkdirSync(latin(dirname(full.toString('latin1'))), { recursive: true })
  writeFileSync(full, '')
}

function namesOf(listing: Listing): readonly string[] {
  if (!listing.ok) throw new Error(listing.message)
  return listing.names
}

/** The bytes of every name, as text that a failed test can show. */
const bytesOf = (names: readonly string[]) => names.map((name) => Buffer.from(encodeName(name)).toString('latin1'))

async function globbed(pattern: string, cwd: string): Promise<readonly string[]> {
  return bytesOf(namesOf(await listItems({ kind: 'glob', pattern, cwd })))
}

/** Parts of a path that a file system takes, among them many that are no UTF-8 and look alike to who thinks they are. */
const part = fc
  .array(fc.oneof(fc.constantFrom(0xe9, 0xff, 0xfe, 0xc3, 0xa9, 0xef, 0xbf, 0xbd, 0x61, 0x0a), fc.nat(255)), {
    minLength: 1,
    maxLength: 6,
  })
  .map((bytes) => Buffer.from(bytes).toString('latin1'))
  .filter((text) => !/[/\0]/.test(text) && !text.startsWith('.'))

test('a search finds every file by its own bytes, in folders whose names are no UTF-8 too', async () => {
  const paths = fc.uniqueArray(
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
    { maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(paths, async (all) => {
      // What is a folder cannot be a file.
      const files = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)))
      const folder = folderWith({})
      for (const path of files) make(folder, latin(path))
      const sorted = files.toSorted((a, b) => Buffer.compare(latin(a), latin(b)))
      expect(await globbed('**', folder)).toEqual(sorted)
      expect(await globbed('**/*', folder)).toEqual(sorted)
      const ofDepth = (depth: number) => sorted.filter((path) => path.split('/').length === depth)
      expect(await globbed('*', folder)).toEqual(ofDepth(1))
      expect(await globbed('*/*', folder)).toEqual(ofDepth(2))
      expect(await globbed('*/**/*', folder)).toEqual(sorted.filter((path) => path.includes('/')))
    }),
    { numRuns: 60 },
  )
})

test('a search in folders that are no UTF-8 asks the rest of its pattern there', async () => {
  const folder = folderWith({})
  for (const path of [
    'a\xe9/x.md',
    'a\xe9/x.txt',
    'a\xe9/b\xff/y.md',
    'b\xe9/x.md',
    'a/x.md',
    '.h\xe9/x.md',
    'a\xe9.md',
  ])
    make(folder, latin(path))
  expect(await globbed('a*/x.md', folder)).toEqual(['a/x.md', 'a\xe9/x.md'])
  expect(await globbed('**/*.md', folder)).toEqual([
    'a/x.md',
    'a\xe9.md',
    'a\xe9/b\xff/y.md',
    'a\xe9/x.md',
    'b\xe9/x.md',
  ])
  expect(await globbed('{{a*/b*,b*},c}/*.md', folder)).toEqual(['a\xe9/b\xff/y.md', 'b\xe9/x.md'])
  expect(await globbed('.h*/*', folder)).toEqual(['.h\xe9/x.md'])
  expect(await globbed(`${folder}/a*/b*/*`, folder)).toEqual(['a\xe9/b\xff/y.md'])
})

test('names that look alike as UTF-8 are files of their own, and folders and links to folders are none', async () => {
  const folder = folderWith({})
  for (const path of ['x\xe9', 'x\xff/in', 'x\xef\xbf\xbd']) make(folder, latin(path))
  symlinkSync(latin('x\xff'), Buffer.concat([Buffer.from(`${folder}/`), latin('x\xfe')]))
  symlinkSync(latin('x\xe9'), Buffer.concat([Buffer.from(`${folder}/`), latin('x\xfd')]))
  expect(await globbed('x*', folder)).toEqual(['x\xe9', 'x\xef\xbf\xbd', 'x\xfd'])
  // Links are followed where a part of the pattern says so, never by `**`.
  symlinkSync('.', Buffer.concat([Buffer.from(`${folder}/`), latin('loop\xff')]))
  expect(await globbed('**/in', folder)).toEqual(['x\xff/in'])
  expect(await globbed('*/in', folder)).toEqual(['x\xfe/in', 'x\xff/in'])
})

test('lines of a file and of what a command prints are names by their bytes', async () => {
  const line = fc
    .uint8Array({ minLength: 1, maxLength: 12 })
    .filter((bytes) => !bytes.includes(0) && !bytes.includes(10) && bytes.at(-1) !== 13)
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(line, { selector: (bytes) => bytes.join(), maxLength: 12 }), async (lines) => {
      const folder = folderWith({})
      const path = join(folder, 'list.txt')
      writeFileSync(path, Buffer.concat(lines.flatMap((bytes) => [bytes, Buffer.from('\n')])))
      const expected = lines.map((bytes) => Buffer.from(bytes).toString('latin1'))
      expect(bytesOf(namesOf(await listItems({ kind: 'file', path })))).toEqual(expected)
      const command = { kind: 'command', command: 'cat list.txt', cwd: folder, env: {} } as const
      expect(bytesOf(namesOf(await listItems(command)))).toEqual(expected)
    }),
    { numRuns: 30 },
  )
})

test('of names only NUL is refused, and what comes twice is told on one line', async () => {
  const folder = folderWith({ 'nul.txt': 'a\0b\n' })
  expect(await listItems({ kind: 'file', path: join(folder, 'nul.txt') })).toEqual({
    ok: false,
    message: 'The name of an item holds no NUL character: "a\\u0000b" does.',
  })
  writeFileSync(join(folder, 'twice.txt'), latin('\xe9\n\xe9\n'))
  expect(await listItems({ kind: 'file', path: join(folder, 'twice.txt') })).toEqual({
    ok: false,
    message: '"\\udce9" comes twice; items of a batch have different names.',
  })
  expect(decodeName(latin('\xe9'))).toBe('\udce9')
})
