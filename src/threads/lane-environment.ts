/** The environment that all commands of a thread have in common. */
import type { HostOptions } from './host-process.ts'

export function laneEnvironment({
  number,
  run,
  epoch,
  folder,
}: Pick<HostOptions, 'number' | 'run' | 'epoch' | 'folder'>): NodeJS.ProcessEnv {
  return {
    ...process.env,
    BATCHTOP_RUN: run,
    BATCHTOP_FOLDER: folder,
    BATCHTOP_EPOCH: String(epoch),
    BATCHTOP_THREAD: String(number),
    PARALLEL_JOBSLOT: String(number),
  }
}
