/** What the streams of this process are good for. */
import process from 'node:process'
import { createSink } from '../output/sink.ts'

/** Somebody sits there who can see a full screen and press keys. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && !isAutomatic() && process.env['TERM'] !== 'dumb'
}

/** Nobody watches: then a run belongs to the command that started it. */
export function isUnattended(): boolean {
  return isAutomatic() || ![process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY)
}

function isAutomatic(): boolean {
  const { CI } = process.env as { readonly CI?: string }
  return CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0'
}

/** @param option false: `--no-color` */
export function wantsColor(option: boolean, stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR } = process.env as { readonly NO_COLOR?: string }
  return option && stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '')
}

/** A message for people; standard output is for results. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Writes a result; a reader that has gone away (`| head`) is no problem. */
export async function print(text: string): Promise<void> {
  await createSink(process.stdout).write(text)
}
