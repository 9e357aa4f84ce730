import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Box } from '../helpers/program.ts'

const PLAN = 'plans/build-matrix.yaml'
const MADE = 'out/build-matrix'
const ODD = `src/it's a "b" $(c)/-d.ts`

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'package.json': '{ "type": "module" }\n',
  'bin/tool': Uint8Array.from({ length: 300 }, (_, place) => place % 7),
  'docs/größe.md': '# Größe\n',
  'src/main.ts': 'export const one = 1\n'.repeat(40),
  [ODD]: '// odd\n',
  'test/frames/fixtures/kept.txt': 'as it was\r\n, without end',
  'test/empty.txt': '',
}

let box: Box

beforeEach(async () => {
  box = await Box.open()
  for (const path of [PLAN, 'plans/scripts']) cpSync(path, join(box.folder, path), { recursive: true })
  for (const [path, contents] of Object.entries(FILES)) put(path, contents)
})

afterEach(() => box.close())

function put(path: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(join(box.folder, path)), { recursive: true })
  writeFileSync(join(box.folder, path), contents)
}

function git(...args: readonly string[]): void {
  execFileSync('git', [...args], { cwd: box.folder, env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } })
}

const read = (path: string) => readFileSync(join(box.folder, path))

/** Files of the fixture below a folder, in the order of their bytes, one behind the other. */
const together = (part: string) =>
  Buffer.concat(
    Object.keys(FILES)
      .filter((path) => path.startsWith(`${part}/`))
      .toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      .map(read),
  )

test('the build matrix checks, hashes, compresses and packs the files of a checkout, whatever they are called', async () => {
  git('init', '-q')
  git('add', '-A')
  put('src/unknown-to-git.ts', '')
  const { code, out } = await box.run('run', PLAN, '--json')
  expect(out.split('\n').filter((line) => line.includes('item.failed'))).toEqual([])
  expect(code).toBe(0)
  for (const path of Object.keys(FILES)) expect(gunzipSync(read(`${MADE}/gz/${path}.gz`))).toEqual(read(path))
  const sum = createHash('sha256').update(read('src/main.ts')).digest('hex')
  expect(read(`${MADE}/sums/src/main.ts.sha256`).toString()).toBe(`${sum}  src/main.ts\n`)
  expect(read(`${MADE}/sums/${ODD}.sha256`).toString()).toContain('-d.ts')
  const report = read(`${MADE}/report.md`).toString()
  for (const level of [1, 6, 9]) {
    const pack = `${MADE}/packs/src-${level}.gz`
    expect(gunzipSync(read(pack))).toEqual(together('src'))
    expect(report).toContain(`| src | ${level} | ${statSync(join(box.folder, pack)).size} |`)
  }
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: box.folder, encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
  const bytes = tracked.reduce((all, path) => all + read(path).length, 0)
  expect(report).toContain(`- ${tracked.length} files are in order: `)
  expect(report).toContain(`${bytes} bytes, 1 of them binary`)
  expect(report).not.toContain('no git checkout')
})

test('a file that is not in order fails with what is wrong, and what needs it does not run', async () => {
  git('init', '-q')
  put('docs/dos.md', 'one\r\ntwo')
  git('add', '-A')
  expect(await box.run('run', PLAN, '--json')).toMatchObject({ code: 1 })
  expect(await box.lines('items', '--state', 'failed')).toMatchObject([
    { batch: 'check', item: 'docs/dos.md', reason: { kind: 'exit', code: '1' } },
  ])
  expect((await box.run('log', 'check:docs/dos.md')).out).toBe(
    'docs/dos.md: has carriage returns\ndocs/dos.md: does not end with a line end\n',
  )
  expect(await box.lines('items', '--state', 'succeeded', '--batch', 'compress')).toEqual([])
  expect(read(`${MADE}/report.md`).toString()).toContain('- 0 files, each compressed by itself: 0 bytes')
})

test('without git the build matrix takes every file there is', async () => {
  const { code, out } = await box.run('run', PLAN, '--json')
  expect(out.split('\n').filter((line) => line.includes('item.failed'))).toEqual([])
  expect(code).toBe(0)
  expect(gunzipSync(read(`${MADE}/packs/src-9.gz`))).toEqual(together('src'))
  expect(read(`${MADE}/report.md`).toString()).toContain('- no git checkout')
})
