/** What a shell's `$?` says of how a command ended. */
import { constants } from 'node:os'
import type { Reason } from '../model/reason.ts'

/** What a shell adds to the number of a signal. A command that exits with more than this by itself cannot be told from one. */
const SIGNAL_BASE = 128

const signals = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

/** Words for codes that shells give by themselves. */
const SHELL_CODES: Readonly<Record<number, string>> = {
  126: 'exit 126: it cannot be executed',
  127: 'exit 127: command not found',
}

/** Undefined: it succeeded. */
export function reasonOfStatus(status: number): Reason | undefined {
  if (status === 0) return undefined
  const signal = signals.get(status - SIGNAL_BASE)
  if (signal !== undefined) return { kind: 'signal', message: `ended by ${signal}`, code: signal }
  return { kind: 'exit', message: SHELL_CODES[status] ?? `exit ${status}`, code: String(status) }
}
