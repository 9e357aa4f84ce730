import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeName, encodeName, nameFields, nameText } from '../../src/model/names.ts'

/** Bytes as names of files have them: mostly UTF-8, often broken. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 24 }),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => new TextEncoder().encode(text)),
  fc
    .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }), fc.nat(24))
    .map(([text, end]) => new TextEncoder().encode(text).subarray(0, end)),
)

test('a name comes back as the bytes it was made of, by itself and within a text', () => {
  fc.assert(
    fc.property(bytes, bytes, (one, other) => {
      expect(encodeName(decodeName(one))).toEqual(one)
      // What stands between keeps the ends of both from becoming one character.
      const both = Uint8Array.from([...one, 0x2f, ...other])
      expect(encodeName(`${decodeName(one)}/${decodeName(other)}`)).toEqual(both)
    }),
    { numRuns: 1000 },
  )
})

test('names of different bytes are different texts, also after JSON', () => {
  fc.assert(
    fc.property(bytes, bytes, (one, other) => {
      const names = [one, other].map((name) => JSON.parse(JSON.stringify(decodeName(name))) as string)
      expect(names[0] === names[1]).toBe(Buffer.compare(one, other) === 0)
    }),
    { numRuns: 500 },
  )
})

test('in JSON a name that is no UTF-8 has its exact bytes beside it, every other is itself', () => {
  fc.assert(
    fc.property(bytes, (name) => {
      const { item, itemBase64 } = nameFields(decodeName(name))
      expect(item.isWellFormed()).toBe(true)
      const told = itemBase64 === undefined ? Buffer.from(item) : Buffer.from(itemBase64, 'base64')
      expect(told).toEqual(Buffer.from(name))
      expect(itemBase64 === undefined).toBe(isUtf8(name))
    }),
    { numRuns: 500 },
  )
  expect(nameFields('plain')).toEqual({ item: 'plain' })
  expect(nameFields(decodeName(Buffer.from('caf\xe9', 'latin1')))).toEqual({
    item: 'caf\ufffd',
    itemBase64: 'Y2Fm6Q==',
  })
})

test('in a sentence a name takes one line and no control characters, whatever its bytes', () => {
  fc.assert(
    fc.property(bytes, (name) => {
      const text = nameText(decodeName(name))
      expect(text.isWellFormed()).toBe(true)
      expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
    }),
  )
  expect(nameText('two\nlines\u2028 and \u001b[31m')).toBe('two lines  and  [31m')
  expect(nameText('wörd 😀')).toBe('wörd 😀')
})
