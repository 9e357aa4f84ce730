/** Starts Node in a control group. */
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { spawn } from 'node:child_process'
import type { MemoryGroup } from './memory-group.ts'

/** It joins the group before it becomes the program: what a process has is counted where it got it. */
export function inGroup(group: MemoryGroup | undefined, args: readonly string[], options: SpawnOptions): ChildProcess {
  const enter = 'test -z "$0" || echo $$ > "$0/cgroup.procs"; exec "$@"'
  return spawn('/bin/sh', ['-c', enter, group?.entrance ?? '', process.execPath, ...args], options)
}
