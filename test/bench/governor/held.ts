/** What processes hold: RssAnon + RssShmem, what ending them would give back. */
import { readFileSync } from 'node:fs'

/** In bytes; 0 for one that is gone. */
export function heldBy(pid: number | 'self'): number {
  const status = readText(`/proc/${pid}/status`)
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0)
  return (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024
}

/** Empty where it is not (or no more) there. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
