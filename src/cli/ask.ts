/** A question on the terminal that one key answers. There is no default: Enter, pressed by habit, decides nothing. */
import { constants } from 'node:os'
import process from 'node:process'
import { EXIT } from '../model/errors.ts'

interface Input extends NodeJS.ReadableStream {
  setRawMode?: (isRaw: boolean) => unknown
}

export interface Terminal {
  readonly input: Input
  readonly output: { write(text: string): unknown }
}

const ESCAPE = '\u001B'
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const CANCEL: ReadonlySet<string> = new Set([ESCAPE, CTRL_C, CTRL_D, 'q'])

/**
 * Asks until one of the keys is pressed. What comes as more than one character is pasted text or a key with a name, and no answer.
 * @param question only its last line is asked again: what stands above says what it is about
 * @returns undefined for Esc, Ctrl-C, `q`, and where the terminal goes away
 */
export async function ask<Answer>(
  question: string,
  answers: Readonly<Record<string, Answer>>,
  { input, output }: Terminal = thisTerminal(),
): Promise<Answer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
  const again = question.slice(question.lastIndexOf('\n') + 1)
  const decide = (answer: Answer | undefined): void => {
    input.off('data', heard)
    resolve(answer)
  }
  const heard = (data: Buffer | string): void => {
    const key = String(data).toLowerCase()
    const shown = /^[a-z]$/.test(key) ? key : ''
    output.write(`${shown}\n`)
    if (Object.hasOwn(answers, key)) decide(answers[key])
    else if (CANCEL.has(key)) decide(undefined)
    else output.write(again)
  }
  const gone = () => decide(undefined)
  const release = keepClean(input)
  input.setRawMode?.(true)
  input.on('data', heard).on('end', gone).on('error', gone)
  input.resume()
  output.write(question)
  try {
    return await promise
  } finally {
    input.off('data', heard).off('end', gone).off('error', gone)
    input.pause()
    input.setRawMode?.(false)
    release()
  }
}

/** Who is ended while the question stands leaves a terminal that echoes. */
function keepClean(input: Input): () => void {
  const end = (signal: NodeJS.Signals): void => {
    input.setRawMode?.(false)
    process.exit(EXIT.signal + constants.signals[signal])
  }
  process.on('SIGTERM', end).on('SIGHUP', end)
  return () => process.off('SIGTERM', end).off('SIGHUP', end)
}

function thisTerminal(): Terminal {
  return { input: process.stdin, output: process.stderr.isTTY ? process.stderr : process.stdout }
}
