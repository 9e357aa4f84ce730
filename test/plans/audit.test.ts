import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import zlib from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditPackage } from '../../plans/tasks/lib/audit.ts'
import { createFixture, type Fixture } from './fixture.ts'

const FILES = 'find . -name node_modules -prune -o -type f -print0'
const SCRIPTS = "find . -name node_modules -prune -o -type f \\( -name '*.js' -o -name '*.mjs' -o -name '*.cjs' \\)"
const isolated = { step: () => undefined }

let fixture: Fixture
const audit = (name: string) => auditPackage(fixture.modules, name, isolated)

beforeEach(() => {
  fixture = createFixture()
})

afterEach(() => {
  fixture.remove()
})

/** JavaScript that compresses like real code. */
function code(lines: number): string {
  return Array.from(
    { length: lines },
    (_, n) => `export function value${n}(a, b) { return a * ${n % 97} + b.get('k${n}') }\n`,
  ).join('')
}

/** A package with a bit of everything. */
function layMixed(name: string): void {
  fixture.lay({
    [`${name}/package.json`]: JSON.stringify({ name, version: '1.2.3', license: 'MIT' }),
    [`${name}/index.js`]: code(300),
    [`${name}/lib/module.mjs`]: code(40).replaceAll('\n', '\r\n'),
    [`${name}/lib/common.cjs`]: `#!/usr/bin/env node\n'use strict'\nmodule.exports = 1\nreturn\n`,
    [`${name}/lib/bom.js`]: `\uFEFFexport default 1\n`,
    [`${name}/lib/types.d.ts`]: `declare const a: string\nexport = a\n`,
    [`${name}/empty.js`]: '',
    [`${name}/image.png`]: Uint8Array.from({ length: 70_000 }, (_, n) => (n * 31) % 256),
    [`${name}/a name with blanks & 'quotes'.txt`]: 'text\n',
    [`${name}/back\\slash\nand line.txt`]: 'text\n',
    [`${name}/Ünï/ö.md`]: '# ö\n',
    [`${name}/Z.md`]: 'capitals come first in bytes\n',
    [`${name}/node_modules/inner/package.json`]: '{ "name": "inner", "version": "9.0.0" }',
    [`${name}/node_modules/inner/index.js`]: code(1000),
    [`${name}/lib/node_modules/deep/index.js`]: code(1000),
  })
  symlinkSync('index.js', join(fixture.modules, name, 'link.js'))
  symlinkSync('..', join(fixture.modules, name, 'circle'))
  mkdirSync(join(fixture.modules, name, 'empty-folder'))
}

describe.each(['mixed', '@scope/mixed', 'host/node_modules/mixed'])('audit of %s', (name) => {
  beforeEach(() => layMixed(name))

  test('files and bytes are those that find and du count', () => {
    const { files, bytes, version } = audit(name)
    expect(version).toBe('1.2.3')
    expect(files).toBe(Number(fixture.shell(name, `${FILES} | tr -dc '\\000' | wc -c`)))
    const du = fixture.shell(name, `${FILES} | du -cb --apparent-size --files0-from=- | tail -1 | cut -f1`)
    expect(bytes).toBe(Number(du))
  })

  test('the hash is what the line of shell in its description prints', () => {
    const line = /^ \* {5}(find .*)$/m.exec(readFileSync('plans/tasks/lib/tree-hash.ts', 'utf8'))?.[1] ?? 'no such line'
    expect(`${audit(name).sha256}  -`).toBe(fixture.shell(name, line))
  })

  test('compressed sizes are the sums over single files', () => {
    const { javascript } = audit(name)
    const scripts = fixture.shell(name, `${SCRIPTS} -print`).split('\n')
    const sum = (size: (data: Buffer) => number) =>
      scripts.reduce((total, script) => total + size(readFileSync(join(fixture.modules, name, script))), 0)
    expect(javascript.files).toBe(scripts.length)
    expect(javascript.bytes).toBe(sum((data) => data.length))
    expect(javascript.gzip).toBe(sum((data) => zlib.gzipSync(data, { level: 9 }).length))
    expect(javascript.brotli).toBe(
      sum(
        (data) =>
          zlib.brotliCompressSync(data, {
            params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_LGWIN]: 22 },
          }).length,
      ),
    )
  })

  test('the gzip size is that of gzip -9n, but for what two versions of deflate differ in', () => {
    const { javascript } = audit(name)
    const gzip = Number(fixture.shell(name, `${SCRIPTS} -exec sh -c 'gzip -9n < "$1"' sh {} \\; | wc -c`))
    expect(Math.abs(javascript.gzip - gzip)).toBeLessThanOrEqual(gzip * 0.02)
  })

  test('nothing is wrong with good files', () => {
    const { unparsable, notUtf8 } = audit(name)
    expect(unparsable).toEqual({ count: 0, first: [] })
    expect(notUtf8).toEqual({ count: 0, first: [] })
  })
})

describe('audit', () => {
  test('a package with nothing but package.json', () => {
    fixture.lay({ 'bare/package.json': '{}' })
    expect(audit('bare')).toMatchObject({
      package: 'bare',
      version: '',
      files: 1,
      bytes: 2,
      javascript: { files: 0, bytes: 0, gzip: 0, brotli: 0 },
      licence: { declared: '', files: [], found: [], verdict: 'none' },
    })
  })

  test('an empty folder has the hash of nothing', () => {
    mkdirSync(join(fixture.modules, 'hollow'))
    const { files, sha256 } = audit('hollow')
    expect(files).toBe(0)
    expect(`${sha256}  -`).toBe(fixture.shell('hollow', 'sha256sum < /dev/null'))
  })

  test('broken files are named with what is wrong, and the audit goes on', () => {
    fixture.lay({
      'broken/package.json': '{ "version": "1.0.0", }',
      'broken/bad.js': 'const = 1\n',
      'broken/bad.mjs': "export { 'a\n",
      'broken/bad.ts': 'export const a: = 1\n',
      'broken/data.json': '{ "a": ',
      'broken/latin1.md': Buffer.from('caf\u00E9\n', 'latin1'),
      'broken/latin1.js': Buffer.from('// caf\u00E9\nvar a\n', 'latin1'),
      'broken/utf16.txt': Buffer.from('\uFEFFtext', 'utf16le'),
      'broken/binary.dat': Buffer.from([0xff, 0xfe, 0, 1]),
    })
    const { unparsable, notUtf8, version, files } = audit('broken')
    expect(unparsable.first.map((line) => line.split(':')[0])).toEqual([
      'bad.js',
      'bad.mjs',
      'bad.ts',
      'data.json',
      'package.json',
    ])
    expect(unparsable.count).toBe(5)
    expect(unparsable.first[0]).toBe("bad.js: Unexpected token '='")
    expect(notUtf8).toEqual({ count: 3, first: ['latin1.js', 'latin1.md', 'utf16.txt'] })
    expect(version).toBe('')
    expect(files).toBe(9)
  })

  test('thousands of broken files still fit a value of 64 KB', () => {
    const names = Array.from({ length: 300 }, (_, n) => `many/${'long-'.repeat(40)}${n}.js`)
    fixture.lay(Object.fromEntries(names.map((name) => [name, 'const = 1'])))
    const value = audit('many')
    expect(value.unparsable.count).toBe(300)
    expect(value.unparsable.first).toHaveLength(20)
    expect(Buffer.byteLength(JSON.stringify(value))).toBeLessThan(64 * 1024)
  })

  test('progress rises from file to file and within a large one, up to the end', () => {
    fixture.lay({ 'large/a.js': code(50), 'large/b.bin': Buffer.alloc(5 * 2 ** 20, 7), 'large/c.md': 'c' })
    const steps: { fraction: number; file: string }[] = []
    const { sha256 } = auditPackage(fixture.modules, 'large', {
      step: (fraction, file) => steps.push({ fraction, file }),
    })
    expect(steps.map(({ fraction }) => fraction)).toEqual(
      steps.map(({ fraction }) => fraction).toSorted((a, b) => a - b),
    )
    expect(steps.filter(({ file }) => file === 'b.bin').length).toBeGreaterThan(4)
    expect(steps[0]?.fraction).toBe(0)
    expect(steps.at(-1)?.fraction).toBeLessThanOrEqual(1)
    expect(`${sha256}  -`).toBe(fixture.shell('large', 'sha256sum ./a.js ./b.bin ./c.md | sha256sum'))
  })

  test('what a step throws ends the audit at once', () => {
    fixture.lay({ 'large/a.js': code(10), 'large/b.js': code(10) })
    const seen: string[] = []
    const step = (_: number, file: string) => {
      seen.push(file)
      throw new DOMException('the run stops', 'AbortError')
    }
    expect(() => auditPackage(fixture.modules, 'large', { step })).toThrow('the run stops')
    expect(seen).toEqual(['a.js'])
  })

  test('a changed byte, a renamed and a new file each change the hash', () => {
    fixture.lay({ 'same/a.txt': 'one', 'same/b.txt': 'two' })
    const hashes = [audit('same').sha256]
    writeFileSync(join(fixture.modules, 'same/a.txt'), 'onE')
    hashes.push(audit('same').sha256)
    fixture.lay({ 'same/c.txt': '' })
    hashes.push(audit('same').sha256, audit('same').sha256)
    expect(new Set(hashes).size).toBe(3)
  })
})
