/** Whether a line from a client is a request: whoever reaches the socket may be an older or newer batchtop, or no batchtop at all. */
import type { Verb } from '../model/command.ts'
import type { FromClient } from './protocol.ts'

const VERBS: Readonly<Record<Verb, true>> = {
  pauseThreads: true,
  resumeThreads: true,
  setThreads: true,
  retryItems: true,
  skipItems: true,
  endItem: true,
  stopRun: true,
  explainItem: true,
  locateLog: true,
}

/** @returns undefined for what is no request at all; a verb that is not known comes back as text, to be answered */
export function parseRequest(
  line: string,
): FromClient | { readonly type: 'unknown'; readonly id: number; readonly verb: string } | undefined {
  const found = parse(line)
  if (!isRecord(found)) return undefined
  if (found['type'] === 'watch' || found['type'] === 'follow') return { type: found['type'] }
  const { id, command } = found
  if (
    found['type'] !== 'command' ||
    typeof id !== 'number' ||
    !isRecord(command) ||
    typeof command['verb'] !== 'string'
  )
    return undefined
  if (!(command['verb'] in VERBS)) return { type: 'unknown', id, verb: command['verb'] }
  return found as unknown as FromClient
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
