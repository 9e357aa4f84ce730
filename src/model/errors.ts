/** Expected problems: each has a code for scripts, a hint for people and the exit code of the contract. Bugs just throw. */

/** Exit codes of the contract, section 2. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  stopped: 3,
  notFound: 4,
  nodeTooOld: 69,
  bug: 70,
  busy: 75,
  /** Plus the signal's number. */
  signal: 128,
} as const

interface Details {
  /** What to do about it, a sentence or command line. */
  readonly hint?: string
  readonly exit?: number
  readonly cause?: unknown
}

/** A problem that is not a bug. The message says what and where, the hint what to do. */
export class BatchtopError extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly exit: number

  constructor(code: string, message: string, { hint, exit = EXIT.usage, cause }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'BatchtopError'
    this.code = code
    this.hint = hint
    this.exit = exit
  }
}

/** Ends every switch over a union: a new variant then fails to compile. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected variant: ${JSON.stringify(value)}`)
}
