import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isLicenceFile, judgeLicence } from '../../plans/tasks/lib/licences.ts'

const mit = readFileSync('LICENSE', 'utf8')
const isc = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is
hereby granted, provided that the above copyright notice and this permission notice appear in all copies.`
const apache = '                                 Apache License\n                           Version 2.0, January 2004\n'

/** Licences of a text that a package of this checkout ships. */
const found = (path: string) => judge('X', readFileSync(`node_modules/${path}`, 'utf8')).found

const judge = (license: unknown, ...texts: readonly string[]) =>
  judgeLicence({ license }, new Map(texts.map((text, n) => [`LICENSE-${n}`, text])))

describe('licence', () => {
  test.each([
    ['MIT', [mit], 'match'],
    ['ISC', [mit], 'mismatch'],
    ['MIT', [], 'no text'],
    ['MIT', ['Do as you like.'], 'unknown text'],
    ['(MIT OR Apache-2.0)', [apache], 'match'],
    ['MIT AND ISC', [mit], 'mismatch'],
    ['MIT AND ISC', [mit, isc], 'match'],
    ['MIT AND ISC', [`${mit}\n${isc}`], 'match'],
    ['ISC OR MIT AND Apache-2.0', [mit], 'mismatch'],
    ['(ISC OR MIT) AND Apache-2.0', [mit, apache], 'match'],
    ['Apache-2.0 WITH LLVM-exception', [apache], 'match'],
    ['SEE LICENSE IN TERMS.txt', [], 'own terms'],
    ['UNLICENSED', [mit], 'own terms'],
    [undefined, [mit], 'undeclared'],
    [undefined, [], 'none'],
  ] as const)('%s with %j is judged', (declared, texts, verdict) => {
    expect(judge(declared, ...texts).verdict).toBe(verdict)
  })

  test('the old forms of package.json are a choice', () => {
    expect(judge({ type: 'MIT' }, mit)).toMatchObject({ declared: 'MIT', verdict: 'match' })
    const manifest = { licenses: [{ type: 'MIT', url: 'https://example.org' }, { type: 'GPL-2.0' }] }
    expect(judgeLicence(manifest, new Map([['LICENSE', mit]]))).toMatchObject({
      declared: '(MIT OR GPL-2.0)',
      verdict: 'match',
    })
  })

  test.each([undefined, null, 'text', [], { license: 7 }, { license: null }, { licenses: 'MIT' }, { license: {} }])(
    'a manifest of any shape is read: %j',
    (manifest) => {
      expect(['', 'MIT']).toContain(judgeLicence(manifest, new Map()).declared)
    },
  )

  test.each(['MIT OR', '(MIT', 'AND', '()', 'WITH', ')))'])(
    'an expression that is none does no harm: %s',
    (declared) => {
      expect(judge(declared, isc).verdict).toBe('mismatch')
    },
  )

  test('licences that differ by a sentence are told apart', () => {
    const mit0 = mit.replace(/The above copyright notice and this permission notice[^]*?Software\.\s/, '')
    const oBsd = isc.replace(/, provided[^]*/, '.')
    expect([mit, mit0, isc, oBsd].map((text) => judge('X', text).found)).toEqual([
      ['MIT'],
      ['MIT-0'],
      ['ISC'],
      ['0BSD'],
    ])
  })

  test('texts of this checkout’s dependencies are recognised', () => {
    expect(found('typescript/LICENSE')).toEqual(['Apache-2.0'])
    expect(found('source-map-js/LICENSE')).toEqual(['BSD-3-Clause'])
    expect(found('lightningcss/LICENSE')).toEqual(['MPL-2.0'])
    expect(found('yaml/LICENSE')).toEqual(['ISC'])
  })

  test('licence files are known by their names', () => {
    const names = ['LICENSE', 'licence.md', 'LICENSE-MIT', 'COPYING', 'UNLICENSE', 'license.txt', 'MIT-LICENSE.txt']
    expect(names.filter(isLicenceFile)).toEqual(names)
    expect(['licenses.js', 'license.json', 'README.md', 'lib/LICENSE', 'licensed.txt'].filter(isLicenceFile)).toEqual(
      [],
    )
  })
})
