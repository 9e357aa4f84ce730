/**
 * Whether a line from a client is a request: whoever reaches the socket may be an older or newer batchtop, or no batchtop at all,
 * and nothing it says may bring the supervisor down.
 */
import type { Command, Verb } from '../model/command.ts'
import type { FromClient } from './protocol.ts'

type Check = (value: unknown) => boolean

type FieldsOf<V extends Verb> = {
  readonly [K in Exclude<keyof Extract<Command, { readonly verb: V }>, 'verb'>]-?: Check
}

const isFlag: Check = (value) => typeof value === 'boolean'
const isText: Check = (value) => typeof value === 'string'
const isWhole: Check = (value) => Number.isSafeInteger(value)
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isTime: Check = (value) => Number.isFinite(value) && (value as number) >= 0
const isCounts: Check = (value) => Array.isArray(value) && value.every(isCount)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

const selection = { threads: optional(isCounts), batch: optional(isText) }

/** What each verb is given. A new field of a command fails to compile until it is checked here. */
const VERBS: { readonly [V in Verb]: FieldsOf<V> } = {
  pauseThreads: { drain: isFlag, ...selection },
  resumeThreads: selection,
  setThreads: { to: optional(isCount), by: optional(isWhole) },
  retryItems: { items: (value) => value === 'failed' || isCounts(value) },
  skipItems: { items: isCounts },
  endItem: { item: isCount, attempt: optional(isCount), isNow: isFlag },
  stopRun: { isNow: isFlag, grace: optional(isTime) },
  takeCheckpoint: {},
  reclaimMemory: {},
  explainItem: { item: isCount },
  locateLog: { item: isCount },
}

export type Request =
  | FromClient
  /** A command that this version does not know. */
  | { readonly type: 'unknown'; readonly id: number; readonly verb: string }
  /** A command with a field that is missing, wrong or not known. */
  | { readonly type: 'bad'; readonly id: number; readonly verb: Verb; readonly field: string }

/** @returns undefined for what is no request at all */
export function parseRequest(line: string): Request | undefined {
  const found = parse(line)
  if (!isRecord(found)) return undefined
  const { type, id, command } = found
  if (type === 'watch' || type === 'follow') return { type }
  if (type !== 'command' || typeof id !== 'number' || !isRecord(command)) return undefined
  const { verb, ...fields } = command
  if (typeof verb !== 'string') return undefined
  if (!isVerb(verb)) return { type: 'unknown', id, verb }
  const field = badField(VERBS[verb], fields)
  if (field !== undefined) return { type: 'bad', id, verb, field }
  return { type, id, command: command as unknown as Command }
}

function badField(checks: Readonly<Record<string, Check>>, fields: Record<string, unknown>): string | undefined {
  for (const [name, check] of Object.entries(checks)) if (!check(fields[name])) return name
  return Object.keys(fields).find((name) => !Object.hasOwn(checks, name))
}

function isVerb(verb: string): verb is Verb {
  return Object.hasOwn(VERBS, verb)
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
