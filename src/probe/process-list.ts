/**
 * Memory and CPU of process trees where there is no procfs (macOS), from systeminformation's process list, which runs
 * `ps`. Coarser than on Linux: resident memory with shared file pages, and trees by parent alone. No test covers it.
 */
import type { Systeminformation } from 'systeminformation'
import { bytes } from '../model/units.ts'
import type { TreeUse } from './process-trees.ts'

type Listed = Systeminformation.ProcessesProcessData

/** A list costs some hundred ms of CPU in `ps`; looks in between get the last one. */
const LEAST_MS_BETWEEN_LISTS = 2000

export function createListReader(): (roots: readonly number[]) => Promise<readonly TreeUse[]> {
  let listed: readonly Listed[] = []
  let listedAt = -Infinity
  return async (roots) => {
    if (performance.now() - listedAt >= LEAST_MS_BETWEEN_LISTS) {
      listedAt = performance.now()
      const { default: si } = await import('systeminformation')
      listed = (await si.processes()).list
    }
    return roots.map((root) => {
      const members = membersOf(listed, root)
      return {
        used: bytes(members.reduce((sum, { memRss }) => sum + memRss * 1024, 0)),
        cpu: members.reduce((sum, { cpu }) => sum + cpu / 100, 0),
        members: [],
      }
    })
  }
}

function membersOf(list: readonly Listed[], root: number): readonly Listed[] {
  const pids = new Set([root])
  let before = 0
  while (before !== pids.size) {
    before = pids.size
    for (const { pid, parentPid } of list) if (pids.has(parentPid)) pids.add(pid)
  }
  return list.filter(({ pid }) => pids.has(pid))
}
