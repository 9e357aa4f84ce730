import { expect, test } from 'vitest'
import { skipLines } from '../../src/cli/skip-lines.ts'

const line = (seq?: number, item = 'x') =>
  `${JSON.stringify({ type: 't', ...(seq === undefined ? {} : { seq }), item })}\n`

async function written(tail: { readonly seq: number; readonly lines: number }, ...texts: readonly string[]) {
  let out = ''
  const sink = skipLines({ isBroken: () => false, write: async (text) => void (out += String(text)) }, tail)
  for (const text of texts) await sink.write(text)
  return out
}

test('the first lines of the event are left out, wherever the writes are cut', async () => {
  const event = [line(5, 'a'), line(5, 'b'), line(5, 'c')]
  const rest = line(5, 'c') + line(6)
  expect(await written({ seq: 5, lines: 2 }, event.join(''), line(6))).toBe(rest)
  expect(await written({ seq: 5, lines: 2 }, ...event, line(6))).toBe(rest)
})

test('lines of other events and without a number pass, among them too', async () => {
  expect(await written({ seq: 5, lines: 2 }, line(), line(5, 'a') + line() + line(5, 'b') + line(5, 'c'))).toBe(
    line() + line() + line(5, 'c'),
  )
})

test('with nothing to leave out everything passes', async () => {
  expect(await written({ seq: 0, lines: 0 }, line(1), line(2))).toBe(line(1) + line(2))
})
