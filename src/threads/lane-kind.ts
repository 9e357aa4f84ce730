/** Which shell carries commands on this machine. */
import { spawnSync } from 'node:child_process'

export interface LaneKind {
  readonly program: string
  /**
   * True: every item gets a process group of its own (job control of bash from version 5 on). False: it shares the group of its lane, as in
   * dash, which has job control on a terminal only. The bash 3.2 of macOS was not tried with groups.
   */
  readonly isGrouped: boolean
}

export const SHARED_LANE: LaneKind = { program: '/bin/sh', isGrouped: false }

const LEAST_BASH = 5
let found: LaneKind | undefined

/** Looked for once a process: bash where it is new enough, else /bin/sh. */
export function findLane(): LaneKind {
  found ??= isNewBash() ? { program: 'bash', isGrouped: true } : SHARED_LANE
  return found
}

function isNewBash(): boolean {
  const { stdout } = spawnSync('bash', ['-p', '-c', 'echo "$BASH_VERSINFO"'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return Number.parseInt(stdout ?? '', 10) >= LEAST_BASH
}
