/**
 * Names of items are texts here and bytes outside: a file's name may be no UTF-8. A byte that is none is kept as one half of a surrogate
 * pair (U+DC80 to U+DCFF), as Python does it: such a text survives JSON, and whoever writes it as UTF-8 shows U+FFFD.
 */

const ESCAPE = 0xdc00
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The name that stands for these bytes. */
export function decodeName(bytes: Uint8Array): string {
  const whole = decoded(bytes)
  if (whole !== undefined) return whole
  let name = ''
  for (let at = 0; at < bytes.length; ) {
    const end = at + lengthAt(bytes, at)
    const character = end <= bytes.length ? decoded(bytes.subarray(at, end)) : undefined
    name += character ?? String.fromCharCode(ESCAPE + (bytes[at] ?? 0))
    at = character === undefined ? at + 1 : end
  }
  return name
}

/** The bytes that a name, or a text with names in it, stands for. */
export function encodeName(name: string): Uint8Array {
  if (name.isWellFormed()) return encoder.encode(name)
  const bytes: number[] = []
  for (const character of name) {
    const code = character.length === 1 ? character.charCodeAt(0) - ESCAPE : -1
    if (code >= 0x80 && code <= 0xff) bytes.push(code)
    else bytes.push(...encoder.encode(character))
  }
  return Uint8Array.from(bytes)
}

/** A name in a sentence or a cell: on one line, what is no UTF-8 as U+FFFD. Names that differ may look alike by it. */
export function nameText(name: string): string {
  return UNSPEAKABLE.test(name) ? name.toWellFormed().replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ') : name
}

const UNSPEAKABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u

/** A name in JSON for others: what is no UTF-8 as U+FFFD, with the exact bytes beside it. */
export function nameFields(name: string): { readonly item: string; readonly itemBase64?: string } {
  if (name.isWellFormed()) return { item: name }
  const bytes = Array.from(encodeName(name), (byte) => String.fromCharCode(byte))
  return { item: name.toWellFormed(), itemBase64: btoa(bytes.join('')) }
}

/** Undefined: no UTF-8. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** How long the character would be that begins with this byte. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return 1
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}
