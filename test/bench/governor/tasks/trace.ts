/** What really ran: a line for every start and every end of an item, written by whoever runs it. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'

export interface Traced {
  /** How often each item was begun. */
  readonly starts: ReadonlyMap<string, number>
  readonly ended: ReadonlySet<string>
}

export function trace(path: string, what: 'start' | 'end', id: string): void {
  appendFileSync(path, `${what} ${id}\n`)
}

export function readTrace(path: string): Traced {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
  const starts = new Map<string, number>()
  const ended = new Set<string>()
  for (const line of lines) {
    const [what, id = ''] = line.split(' ')
    if (what === 'end') ended.add(id)
    else starts.set(id, (starts.get(id) ?? 0) + 1)
  }
  return { starts, ended }
}
