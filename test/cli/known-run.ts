/** Runs as a state folder lists them, from what a test cares about. */
import type { KnownRun } from '../../src/cli/runs.ts'
import type { RunInfo } from '../../src/journal/run-info.ts'
import { runId } from '../../src/model/ids.ts'
import { wallTime } from '../../src/model/units.ts'

export interface KnownRunSpec {
  readonly plan?: string
  readonly isLive?: boolean
  readonly isHere?: boolean
  /** How a run that is not live ended; `none`: it was interrupted. */
  readonly end?: 'succeeded' | 'failed' | 'stopped' | 'none'
}

export function knownRun(run: string, spec: KnownRunSpec = {}): KnownRun {
  const { plan = 'p', isLive = false, isHere = true, end = 'succeeded' } = spec
  const info: RunInfo = {
    format: 1,
    run: runId(run),
    plan,
    planPath: `/plans/${plan}.yaml`,
    stateDir: '/state',
    folder: `/state/runs/${run}`,
    startedAt: wallTime(0),
    epoch: 1,
    planVersion: 1,
    pid: 1,
    bootId: '',
    isForeground: false,
    options: {},
    items: 3,
    threads: 1,
    ...(isLive || end === 'none' ? {} : { ended: endOf(end) }),
  }
  return { info, isLive, isHere }
}

function endOf(outcome: 'succeeded' | 'failed' | 'stopped'): NonNullable<RunInfo['ended']> {
  const failed = outcome === 'failed' ? 1 : 0
  const left = outcome === 'stopped' ? 2 : 0
  const exit = { succeeded: 0, failed: 1, stopped: 3 }[outcome]
  return { at: wallTime(1), outcome, succeeded: 3 - failed - left, failed, skipped: 0, left, ms: 1, exit }
}
