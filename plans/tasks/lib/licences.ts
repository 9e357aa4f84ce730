/** A package's licence: what its package.json declares, held against the licence texts it ships. */

export type Licence = {
  /** As declared: an SPDX expression such as `(MIT OR Apache-2.0)`; empty where nothing is. */
  readonly declared: string
  /** Files in the package's own folder that by their name hold a licence text. */
  readonly files: readonly string[]
  /** SPDX ids of the texts that were recognised in them. */
  readonly found: readonly string[]
  readonly verdict: Verdict
}

/**
 * - match: the texts that are there are the declared ones (of alternatives, one is enough)
 * - mismatch: texts were recognised, and a declared one is not among them
 * - no text: declared, but no licence file
 * - unknown text: there is a licence file, but nothing in it was recognised
 * - undeclared: package.json does not say, though there is a licence file
 * - own terms: package.json says "SEE LICENSE IN ..." or UNLICENSED
 * - none: neither declared nor shipped
 */
export type Verdict = 'match' | 'mismatch' | 'no text' | 'unknown text' | 'undeclared' | 'own terms' | 'none'

/** @param texts the contents of the licence files, by name */
export function judgeLicence(manifest: unknown, texts: ReadonlyMap<string, string>): Licence {
  const declared = declaredLicence(manifest)
  const found = [...new Set([...texts.values()].flatMap(recognise))].toSorted()
  return { declared, files: [...texts.keys()], found, verdict: judge(declared, texts.size > 0, found) }
}

function judge(declared: string, hasText: boolean, found: readonly string[]): Verdict {
  if (declared === '') return hasText ? 'undeclared' : 'none'
  if (/^(?:see licen[cs]e|unlicensed$)/i.test(declared)) return 'own terms'
  if (!hasText) return 'no text'
  if (found.length === 0) return 'unknown text'
  return isCovered(declared, found) ? 'match' : 'mismatch'
}

/** Whether a file in the package's own folder is a licence text, by its name. */
export function isLicenceFile(name: string): boolean {
  return (
    /^(?:licen[cs]es?|copying|unlicense|mit-licen[cs]e)(?:[-._][^/]*)?$/i.test(name) &&
    !/\.[cm]?[jt]s$|\.json$/i.test(name)
  )
}

/** `license`, or the forms of old: `{ type }`, `licenses: [{ type }]`, which mean a choice. */
function declaredLicence(manifest: unknown): string {
  const { license, licenses } = (typeof manifest === 'object' && manifest ? manifest : {}) as Record<string, unknown>
  const types = [license ?? licenses]
    .flat()
    .map(typeOf)
    .filter((type) => type !== '')
  return types.length > 1 ? `(${types.join(' OR ')})` : (types[0] ?? '')
}

function typeOf(licence: unknown): string {
  if (typeof licence === 'string') return licence.trim()
  const type = typeof licence === 'object' && licence && 'type' in licence ? licence.type : undefined
  return typeof type === 'string' ? type.trim() : ''
}

/** Sentences that are in a licence's text and in no other's, in lower case without punctuation. */
const MARKS: readonly (readonly [id: string, has: readonly string[], hasNot?: string])[] = [
  [
    'MIT',
    [
      'permission is hereby granted free of charge to any person obtaining',
      'this permission notice shall be included in all',
    ],
  ],
  [
    'MIT-0',
    ['permission is hereby granted free of charge to any person obtaining'],
    'permission notice shall be included',
  ],
  [
    'ISC',
    [
      'permission to use copy modify and or distribute this software for any purpose',
      'permission notice appear in all copies',
    ],
  ],
  ['0BSD', ['permission to use copy modify and or distribute this software for any purpose'], 'appear in all copies'],
  ['BSD-3-Clause', ['redistribution and use in source and binary forms', 'endorse or promote products']],
  [
    'BSD-2-Clause',
    ['redistribution and use in source and binary forms', 'must reproduce the above'],
    'endorse or promote products',
  ],
  ['Apache-2.0', ['apache license version 2 0 january 2004']],
  ['MPL-2.0', ['mozilla public license version 2 0']],
  ['GPL-2.0', ['gnu general public license version 2 june 1991']],
  ['GPL-3.0', ['gnu general public license version 3 29 june 2007']],
  ['LGPL-2.1', ['gnu lesser general public license version 2 1 february 1999']],
  ['LGPL-3.0', ['gnu lesser general public license version 3 29 june 2007']],
  ['AGPL-3.0', ['gnu affero general public license version 3 19 november 2007']],
  ['Unlicense', ['this is free and unencumbered software released into the public domain']],
  ['CC0-1.0', ['creative commons legal code cc0 1 0 universal']],
  ['CC-BY-4.0', ['creative commons attribution 4 0 international']],
  ['BlueOak-1.0.0', ['blue oak model license']],
  ['Python-2.0', ['python software foundation license version 2']],
  ['Zlib', ['altered source versions must be plainly marked as such']],
  ['Artistic-2.0', ['the artistic license 2 0']],
  ['WTFPL', ['do what the fuck you want to public license']],
]

/** SPDX ids of the licences whose text this is; several where a file holds several. */
function recognise(text: string): readonly string[] {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, ' ')
  return MARKS.filter(
    ([, has, hasNot]) => has.every((mark) => plain.includes(mark)) && !(hasNot !== undefined && plain.includes(hasNot)),
  ).map(([id]) => id)
}

/** Whether texts were found for an SPDX expression: all sides of an AND, one of an OR. AND binds closer. */
function isCovered(expression: string, found: readonly string[]): boolean {
  const words = expression.replaceAll(/[()]/g, ' $& ').split(/\s+/).filter(Boolean)
  const takes = (word: string) => words[0]?.toUpperCase() === word && words.shift() !== undefined
  const one = (): boolean => {
    if (takes('(')) {
      const inside = either()
      takes(')')
      return inside
    }
    const id = words.shift() ?? ''
    // An exception adds permissions to the text; it is no text of its own that must be there.
    if (takes('WITH')) words.shift()
    return found.some((text) => plainId(text) === plainId(id))
  }
  const both = (): boolean => {
    let isMet = one()
    while (takes('AND')) isMet = one() && isMet
    return isMet
  }
  const either = (): boolean => {
    let isMet = both()
    while (takes('OR')) isMet = both() || isMet
    return isMet
  }
  return either()
}

/** `GPL-3.0-or-later`, `GPL-3.0+` and `GPL-3.0-only` share one text. */
function plainId(id: string): string {
  return id.toLowerCase().replace(/(?:\+|-only|-or-later)$/, '')
}
