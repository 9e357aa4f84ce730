/** Most bytes of one item's value as JSON. */
const MAX_VALUE = 64 * 1024

/**
 * A task's return value as JSON text; undefined for none.
 * @throws TypeError, for people, where it is no JSON or too long
 */
export function valueText(value: unknown): string | undefined {
  if (value === undefined) return undefined
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (error) {
    throw new TypeError(`the returned value is not JSON: ${firstLine(error)}`, { cause: error })
  }
  if (text === undefined) throw new TypeError(`the returned value is not JSON: it is a ${typeof value}`)
  // A character has at most 3 bytes (two halves of a pair have 4 together), so short texts need no count.
  const size = text.length * 3 > MAX_VALUE ? Buffer.byteLength(text) : 0
  if (size > MAX_VALUE) {
    throw new TypeError(
      `the returned value has ${size} bytes as JSON, more than ${MAX_VALUE}: write it to a file and return its name`,
    )
  }
  return text
}

function firstLine(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
}
