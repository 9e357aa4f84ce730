/** A run that an earlier supervisor left goes on, and is watched as any other: what `recover` and `run --recover` have in common. */
import path from 'node:path'
import type { RunInfo } from '../journal/run-info.ts'
import { EXIT } from '../model/errors.ts'
import { checkStartOptions } from './check-options.ts'
import { withKept } from './given.ts'
import { launch } from './launch.ts'
import type { StartOptions } from './options.ts'
import { loadPlanOf } from './plan-of-run.ts'

/** @param options those of this command; those of the run's start hold where it gives none */
export async function recoverRun(info: RunInfo, options: StartOptions): Promise<number> {
  const merged = withKept(info.options, options)
  checkStartOptions({ ...options, ...(merged.events === undefined ? {} : { events: merged.events }) })
  const loaded = await loadPlanOf(info, merged)
  if (!loaded) return EXIT.usage
  const recover = { folder: info.folder, changed: options.changed ?? 'fail' }
  return await launch({ loaded, options: merged, stateDir: stateDirOf(info), recover })
}

/** Where the run is now: a state folder may have been moved as a whole. */
export function stateDirOf({ folder }: Pick<RunInfo, 'folder'>): string {
  return path.dirname(path.dirname(folder))
}
