/**
 * The most memory a process held since it was asked last, as the kernel counted it: exact, where looks now and then miss what comes and
 * goes between them. 10 us to reset and 15 us to read. May import model. Linux only; elsewhere, and for processes of others, callers do without.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Bytes, bytes } from '../model/units.ts'
import { readKilobytes } from './process-trees.ts'

/** To `clear_refs`: the high-water mark of resident memory begins anew at what is resident now. */
const RESET_HIGH_WATER = '5'

/**
 * The most that the process held at once, file pages as they are now left out: they are shared, and hardly change. Its children are
 * not in it. Undefined where the process is gone or the kernel does not tell.
 */
export function readPeak(pid: number): Bytes | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const most = readKilobytes(status, 'VmHWM')
    // One that has ended and was not waited for has no memory to tell of.
    return most > 0 ? bytes(Math.max(0, most - readKilobytes(status, 'RssFile'))) : undefined
  } catch {
    return undefined
  }
}

/** Lets the peak begin anew. False where that cannot be done: then `readPeak` tells of the process's whole life. */
export function resetPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, RESET_HIGH_WATER, { flag: 'r+' })
    return true
  } catch {
    return false
  }
}
