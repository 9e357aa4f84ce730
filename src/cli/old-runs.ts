/**
 * Old runs go in passing where a run starts. They are looked for while its supervisor starts and removed once that holds the plan's lock: what
 * goes wrong with it is no reason for anything else to.
 */
import type { Prunable } from '../journal/prune.ts'
import { findLiveRuns } from '../link/liveness.ts'
import type { Plan } from '../model/plan.ts'
import { wallTime } from '../model/units.ts'
import { removedLine } from '../output/prune.ts'

export interface OldRuns {
  /**
   * @param plan whose lock a supervisor now holds, so that nobody else can take up one of its old runs
   * @returns the line that says what went; undefined where nothing did
   */
  readonly remove: (plan: Pick<Plan, 'path' | 'name'>) => Promise<string | undefined>
}

/** @param isNew whether a run begins that is not there yet: it will be one of those that are kept */
export function findOldRuns(stateDir: string, isNew: boolean): OldRuns {
  const finding = find(stateDir, isNew).catch(() => [])
  return { remove: async (plan) => await remove(stateDir, await finding, plan).catch(() => undefined) }
}

async function find(stateDir: string, isNew: boolean): Promise<readonly Prunable[]> {
  const { DEFAULT_KEEP, findPrunable, removeLeftovers } = await import('../journal/prune.ts')
  const live = new Set<string>((await findLiveRuns()).map(({ run }) => run))
  const now = wallTime(Date.now())
  await removeLeftovers(stateDir, now)
  const keep = isNew ? DEFAULT_KEEP - 1 : DEFAULT_KEEP
  const found = await findPrunable(stateDir, { now, keep, isLive: ({ run }) => live.has(run) })
  return found.filter(({ kept }) => kept === undefined)
}

async function remove(
  stateDir: string,
  found: readonly Prunable[],
  { path, name }: Pick<Plan, 'path' | 'name'>,
): Promise<string | undefined> {
  if (found.length === 0) return undefined
  const { removeRun } = await import('../journal/prune.ts')
  const gone: Prunable[] = []
  for (const one of found) {
    const isLockHeld = one.info.planPath === path && one.info.plan === name
    if (await removeRun(stateDir, one.info, { isLockHeld })) gone.push(one)
  }
  return gone.length === 0 ? undefined : removedLine(gone)
}
