import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { endCutLine, readEventTail } from '../../src/cli/event-tail.ts'
import { runId } from '../../src/model/ids.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const run = runId('7f3a')

const line = (seq: number | undefined, of: string = run, more = '') =>
  `${JSON.stringify({ v: 1, run: of, type: 'x', ...(seq === undefined ? {} : { seq }), more })}\n`

async function fileWith(text: string, flags = 'a+'): Promise<{ readonly fd: number; readonly path: string }> {
  const path = join(await scratchFolder(), 'events.jsonl')
  writeFileSync(path, text)
  const fd = openSync(path, flags)
  onTestFinished(() => closeSync(fd))
  return { fd, path }
}

const tailOf = async (text: string) => readEventTail((await fileWith(text)).fd, run)

test.each([
  ['an empty file', '', { seq: 0, lines: 0 }],
  ['lines of another run only', line(7, 'beef'), { seq: 0, lines: 0 }],
  ['lines that rise', line(1) + line(2) + line(5), { seq: 5, lines: 1 }],
  ['one event of several lines', line(1) + line(5) + line(5) + line(5), { seq: 5, lines: 3 }],
  ['lines without a number behind it', line(4) + line(undefined) + line(undefined), { seq: 4, lines: 1 }],
  ['lines without a number among it', line(4) + line(undefined) + line(4), { seq: 4, lines: 2 }],
  [
    'lines of another run behind and among it',
    line(4) + line(9, 'beef') + line(4) + line(9, 'beef'),
    { seq: 4, lines: 2 },
  ],
  ['a last line that was cut', line(4) + line(5).slice(0, -1), { seq: 4, lines: 1 }],
  ['a file that is one cut line', line(5).slice(0, 20), { seq: 0, lines: 0 }],
  [
    'what is no JSON and what only looks as if',
    `${line(4)}{"run":"7f3a","seq":\n"7f3a \\"seq\\":"\n\n`,
    { seq: 4, lines: 1 },
  ],
  ['a run whose id stands in a text', line(4) + line(9, 'beef', '"run":"7f3a","seq":12'), { seq: 4, lines: 1 }],
])('%s', async (_, text, tail) => {
  expect(await tailOf(text)).toEqual(tail)
})

test('lines longer than what is read at once, and many of them, are read as short ones are', async () => {
  const long = 'x'.repeat(70_000)
  expect(await tailOf(line(3) + line(4, run, long) + line(4, run, long))).toEqual({ seq: 4, lines: 2 })
  expect(await tailOf(line(3) + line(8).repeat(5000) + line(9, 'beef').repeat(5000))).toEqual({ seq: 8, lines: 5000 })
})

test('wherever a file is cut, what is whole of it counts', async () => {
  const seqs = [1, 2, 2, 2, 3, 5, 5]
  const texts = seqs.map((seq) => line(seq))
  const whole = texts.join('')
  const { fd, path } = await fileWith('')
  fc.assert(
    fc.property(fc.nat(whole.length), (length) => {
      writeFileSync(path, whole.slice(0, length))
      const left = seqs.filter((_, place) => texts.slice(0, place + 1).join('').length <= length)
      const seq = left.at(-1) ?? 0
      expect(readEventTail(fd, run)).toEqual({ seq, lines: left.filter((one) => one === seq).length })
    }),
  )
})

test('a cut last line is ended, a whole one and an empty file are left alone', async () => {
  for (const [text, after] of [
    ['{"cut', '{"cut\n'],
    ['{}\n', '{}\n'],
    ['', ''],
  ] as const) {
    const { fd, path } = await fileWith(text)
    endCutLine(fd)
    expect(readFileSync(path, 'utf8')).toBe(after)
  }
})

test('a file that may only be written is left alone', async () => {
  const { fd, path } = await fileWith(`${line(4)}cut`, 'a')
  expect(readEventTail(fd, run)).toBeUndefined()
  endCutLine(fd)
  expect(readFileSync(path, 'utf8')).toBe(`${line(4)}cut`)
})
