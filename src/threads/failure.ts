/** Turns what a task threw into a reason. */
import { inspect } from 'node:util'
import type { Reason } from '../model/reason.ts'
import { RetryAfter } from './context.ts'
import type { TaskModule } from './task-modules.ts'
import { SetupError } from './task-modules.ts'
import type { Failure } from './wire.ts'

/** Longest message of a reason: it is journaled and shown on one line. The log has the rest. */
const MAX_MESSAGE = 1000

export async function failureOf(error: unknown, module: TaskModule | undefined): Promise<Failure> {
  const reason = reasonOf(error)
  if (error instanceof RetryAfter) return { how: 'failed', reason, isRetryable: true, retryAfter: error.time }
  return { how: 'failed', reason, isRetryable: await isRetryable(error, module) }
}

function reasonOf(error: unknown): Reason {
  if (error instanceof SetupError) {
    const { cause } = error
    const message = cause === undefined ? error.message : `${error.message}: ${messageOf(cause)}`
    return { kind: 'setup', message: message.slice(0, MAX_MESSAGE), ...codeOf(cause) }
  }
  return { kind: 'threw', message: messageOf(error).slice(0, MAX_MESSAGE), ...codeOf(error) }
}

/** One sentence for people. */
export function messageOf(error: unknown): string {
  if (typeof error === 'string') return error
  if (error instanceof Error) return error.message || error.name
  // Errors of another realm (node:vm, a library's own) have a message too.
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string')
    return error.message
  return inspect(error)
}

function codeOf(error: unknown): { readonly code?: string } {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}
}

async function isRetryable(error: unknown, module: TaskModule | undefined): Promise<boolean> {
  try {
    return (await module?.retryable?.(error)) !== false
  } catch {
    return true
  }
}
