/**
 * How much of its time something waits for memory, as Linux counts it (PSI): for a page to be found, or read back that was
 * just given up. Of the whole system, and of the own control groups of version 2: one of them may be short of memory while
 * the system has plenty. May import model.
 */
import { join } from 'node:path'
import { findHierarchies, readText } from './cgroup-tree.ts'

/**
 * The share of the last 10 s in which something waited for memory, 0..1, where it is worst. Undefined where the kernel does
 * not count it. `proc`: where procfs is mounted; `hierarchies`: the own groups, where they are known already.
 */
export function readPressure(proc = '/proc', hierarchies = findHierarchies('memory', proc)): number | undefined {
  const groups = hierarchies.flatMap(({ version, folders }) => (version === 2 ? folders : []))
  const files = [join(proc, 'pressure/memory'), ...groups.map((folder) => join(folder, 'memory.pressure'))]
  const shares = files.flatMap((file) => {
    const percent = /^some avg10=(\d+(?:\.\d+)?)/m.exec(readText(file))?.[1]
    return percent === undefined ? [] : [Number(percent) / 100]
  })
  return shares.length === 0 ? undefined : Math.max(...shares)
}
