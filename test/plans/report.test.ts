import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PackageAudit } from '../../plans/tasks/lib/audit.ts'
import { toCsv } from '../../plans/tasks/lib/csv.ts'
import { toSummary } from '../../plans/tasks/lib/summary.ts'
import { writeReport } from '../../plans/tasks/lib/write-report.ts'
import { createFixture, type Fixture } from './fixture.ts'

function auditOf(name: string, changes: Partial<PackageAudit> = {}): PackageAudit {
  return {
    package: name,
    version: '1.0.0',
    files: 2,
    bytes: 1000,
    javascript: { files: 1, bytes: 500, gzip: 200, brotli: 100 },
    sha256: 'ab',
    licence: { declared: 'MIT', files: ['LICENSE'], found: ['MIT'], verdict: 'match' },
    unparsable: { count: 0, first: [] },
    notUtf8: { count: 0, first: [] },
    ...changes,
  }
}

const undeclared: PackageAudit['licence'] = { declared: '', files: [], found: [], verdict: 'none' }
const other: PackageAudit['licence'] = { declared: 'MIT', files: ['COPYING'], found: ['ISC'], verdict: 'mismatch' }

describe('table', () => {
  test('has a row a package, ordered by name, after a row of titles', () => {
    const rows = toCsv([auditOf('b'), auditOf('@a/a'), auditOf('B')]).split('\n')
    expect(rows[0]).toMatch(/^package,version,files,bytes,js_files,js_bytes,js_gzip,js_brotli,licence,/)
    expect(rows.slice(1).map((row) => row.split(',')[0])).toEqual(['@a/a', 'B', 'b', ''])
    expect(rows[1]).toBe('@a/a,1.0.0,2,1000,1,500,200,100,MIT,MIT,match,0,0,ab')
  })

  test('quotes what would break a row', () => {
    const licence = { ...other, declared: 'SEE "TERMS", page\n2' }
    expect(toCsv([auditOf('a', { licence })])).toContain(',"SEE ""TERMS"", page\n2",ISC,mismatch,')
  })
})

describe('summary', () => {
  test('sums up, puts the largest first and groups by licence', () => {
    const text = toSummary([
      auditOf('small'),
      auditOf('large', { bytes: 3 * 2 ** 20, files: 1234 }),
      auditOf('none', { licence: undeclared }),
    ])
    expect(text).toContain('3 packages, 1 238 files, 3.0 MB.')
    expect(text).toContain('JavaScript: 1.5 kB in 3 files, 600 B with gzip, 300 B with brotli.')
    expect(text.indexOf('| `large` | 1.0.0 | 3.0 MB | 99.9 % | 1 234 |')).toBeGreaterThan(0)
    expect(text.indexOf('`large`')).toBeLessThan(text.indexOf('`small`'))
    expect(text).toContain('| MIT | 2 | 3.0 MB |')
    expect(text).toContain('## No licence at all\n\n- `none` 1.0.0: none\n')
  })

  test('names mismatches, broken files and packages installed twice', () => {
    const text = toSummary([
      auditOf('a', { licence: other, unparsable: { count: 22, first: ['x.js: Unexpected token'] } }),
      auditOf('b', { notUtf8: { count: 1, first: ['old.txt'] } }),
      auditOf('c/node_modules/a', { version: '2.0.0' }),
    ])
    expect(text).toContain('- `a` 1.0.0: MIT, text: ISC')
    expect(text).toContain('- `a`: x.js: Unexpected token\n- `a`: 21 more\n')
    expect(text).toContain('- `b`: old.txt')
    expect(text).toContain('- a: 1.0.0 (`a`), 2.0.0 (`c/node_modules/a`)')
  })

  test('says so when all is in order, and survives having nothing to sum up', () => {
    expect(toSummary([auditOf('a')])).toContain('Every package ships the text of the licence it declares.')
    expect(toSummary([])).toContain('0 packages, 0 files, 0 B.')
    expect(toSummary([])).not.toMatch(/NaN|undefined|Infinity/)
  })
})

describe('report', () => {
  let fixture: Fixture

  beforeEach(() => {
    fixture = createFixture()
  })

  afterEach(() => {
    fixture.remove()
  })

  test('makes the folder, writes both files whole and returns the sum', () => {
    const given = { csv: join(fixture.root, 'out/a.csv'), summary: join(fixture.root, 'out/a.md') }
    const audits = [auditOf('b'), auditOf('a')]
    expect(writeReport(given, audits)).toEqual({ packages: 2, bytes: 2000, ...given })
    expect(readFileSync(given.csv, 'utf8')).toBe(toCsv(audits))
    expect(readFileSync(given.summary, 'utf8')).toContain('2 packages')
    writeReport(given, [])
    expect(readFileSync(given.summary, 'utf8')).toContain('0 packages')
    expect(readdirSync(join(fixture.root, 'out')).toSorted()).toEqual(['a.csv', 'a.md'])
  })

  test('what cannot be put in place leaves nothing behind', () => {
    const given = { csv: join(fixture.root, 'taken'), summary: join(fixture.root, 'a.md') }
    mkdirSync(join(given.csv, 'full'), { recursive: true })
    expect(() => writeReport(given, [])).toThrow(/EISDIR|ENOTEMPTY/)
    expect(readdirSync(fixture.root).toSorted()).toEqual(['node_modules', 'taken'])
  })

  test('a plan that does not say where is told what is missing, and nothing is written', () => {
    const csv = join(fixture.root, 'a.csv')
    expect(() => writeReport({ csv }, [])).toThrow('with: { csv: FILE, summary: FILE }')
    expect(existsSync(csv)).toBe(false)
  })
})
