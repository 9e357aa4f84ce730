/** The environments of all processes of this user: what children inherit, whatever sessions or groups they make. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { isDead, listPids, readStat } from './procfs.ts'

/** A living process. Its variables stand as `NAME=value`, with `mark` before and behind each of them. */
export interface Environment {
  readonly pid: number
  readonly text: string
  readonly mark: string
}

export type ReadEnvironments = () => Promise<readonly Environment[]>

export function hasVariables({ text, mark }: Environment, variables: Readonly<Record<string, string>>): boolean {
  return Object.entries(variables).every(([name, value]) => text.includes(`${mark}${name}=${value}${mark}`))
}

/** Exact, but only where there is a procfs. */
export const readProcfs: ReadEnvironments = async () => {
  const found = await Promise.all(listPids().map(readProcess))
  return found.flatMap((one) => (one ? [one] : []))
}

async function readProcess(pid: number): Promise<Environment | undefined> {
  try {
    const text = `\0${await readFile(`/proc/${pid}/environ`, 'utf8')}`
    const stat = readStat(pid)
    return !stat || isDead(stat) ? undefined : { pid, text, mark: '\0' }
  } catch {
    // It is gone, or somebody else's.
    return undefined
  }
}

const run = promisify(execFile)

/** Largest list that is read. */
const MOST_BYTES = 256 * 2 ** 20

/** For systems without a procfs: the same from `ps`, where a blank stands between variables and in them. */
export const readPs: ReadEnvironments = async () => {
  const how = process.platform === 'darwin' ? '-axEww' : 'axeww'
  const { stdout } = await run('ps', [how, '-o', 'pid=,command='], { maxBuffer: MOST_BYTES })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, text] = /^\s*(\d+) (.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), text: ` ${text} `, mark: ' ' }]
  })
}

export const readEnvironments: ReadEnvironments = existsSync('/proc/self/environ') ? readProcfs : readPs
