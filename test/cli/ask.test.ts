import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { ask } from '../../src/cli/ask.ts'

/** A terminal whose keys are typed one after another; what was shown, and whether it was left as it was. */
function terminal() {
  const input = Object.assign(new PassThrough(), {
    modes: [] as boolean[],
    setRawMode: (isRaw: boolean) => input.modes.push(isRaw),
  })
  let text = ''
  return { input, output: { write: (more: string) => (text += more) }, text: () => text }
}

const ANSWERS = { r: 'recover', n: 'new' } as const

const answered = async (...keys: readonly string[]) => await answeredTo('[r] [n]? ', keys)

async function answeredTo(question: string, keys: readonly string[]) {
  const { input, output, text } = terminal()
  const asking = ask(question, ANSWERS, { input, output })
  for (const key of keys) {
    input.write(key)
    // Each key is a chunk of its own, as from a terminal.
    await new Promise(setImmediate)
  }
  if (keys.length === 0) input.end()
  return { answer: await asking, text: text(), modes: input.modes }
}

test.each([
  ['r', 'recover'],
  ['N', 'new'],
  ['q', undefined],
  ['\u001B', undefined],
  ['\u0003', undefined],
])('%j answers with %j', async (key, answer) => {
  expect(await answered(key)).toMatchObject({ answer, modes: [true, false] })
})

test('Enter, arrows, other letters and pasted text are no answers: the question is asked again', async () => {
  const { answer, text } = await answered('\r', '\u001B[A', 'x', 'rn', 'r')
  expect(answer).toBe('recover')
  expect(text).toBe('[r] [n]? \n[r] [n]? \n[r] [n]? x\n[r] [n]? \n[r] [n]? r\n')
})

test('what stands above the question is said once', async () => {
  const { text } = await answeredTo('It was so.\n[r] [n]? ', ['\r', 'r'])
  expect(text).toBe('It was so.\n[r] [n]? \n[r] [n]? r\n')
})

test('a terminal that goes away answers nothing', async () => {
  expect(await answered()).toMatchObject({ answer: undefined, modes: [true, false] })
})
