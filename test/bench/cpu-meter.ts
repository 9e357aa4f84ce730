/**
 * CPU that a command and everything it starts uses. A control group counts all of it, whoever its processes belong to in the end; where none
 * can be made, what the system adds up for children that were waited for has to do, which leaves out those that others inherited.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../helpers/until.ts'

export interface CpuMeter {
  readonly how: string
  /** Folder of the group that a process has to enter; empty where there is none. */
  readonly group: string
  /** Milliseconds so far, of everything. */
  readonly read: () => number
  /** Waits for processes that end a moment after the command. */
  readonly settle: () => Promise<void>
  readonly close: () => void
}

/** Clock ticks a second in /proc/<pid>/stat; fixed on Linux whatever the kernel's own rate. */
const TICKS = 100

export function openCpuMeter(): CpuMeter {
  return openGroup() ?? waitedChildren
}

/** User and system time in ms of one process, and of its children that it has waited for; undefined where it is gone. */
export function cpuOf(pid: number | 'self'): { readonly own: number; readonly waited: number } | undefined {
  const stat = readText(`/proc/${pid}/stat`)
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const sum = (from: number) => (((fields[from] ?? 0) + (fields[from + 1] ?? 0)) / TICKS) * 1000
  return stat === '' ? undefined : { own: sum(11), waited: sum(13) }
}

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const waitedChildren: CpuMeter = {
  how: 'processes that were waited for',
  group: '',
  read: () => cpuOf('self')?.waited ?? 0,
  settle: () => Promise.resolve(),
  close: () => {},
}

function openGroup(): CpuMeter | undefined {
  for (const { folder, usage } of groupFolders()) {
    const group = join(folder, `batchtop-bench-${process.pid}`)
    const isEmpty = () => readText(join(group, 'cgroup.procs')) === ''
    try {
      mkdirSync(group)
    } catch {
      continue
    }
    const close = () => rmdirSync(group)
    if (canEnter(group) && !Number.isNaN(usage(group))) {
      const settle = () => until(isEmpty, { instead: () => readText(join(group, 'cgroup.procs')) })
      return { how: 'a control group', group, read: () => usage(group), settle, close }
    }
    close()
  }
  return undefined
}

function canEnter(group: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'echo $$ > "$0/cgroup.procs"', group]).status === 0
}

/** Version 1 where its controller is mounted, else version 2, which counts CPU in every group. */
function groupFolders(): readonly { readonly folder: string; readonly usage: (group: string) => number }[] {
  const own = /^0::(.*)$/m.exec(readText('/proc/self/cgroup'))?.[1] ?? ''
  return readText('/proc/self/mounts')
    .split('\n')
    .flatMap((line) => {
      const [, folder = '', type, options = ''] = line.split(' ')
      if (type === 'cgroup' && options.split(',').includes('cpuacct')) return [{ folder, usage: usageOfVersion1 }]
      return type === 'cgroup2' ? [{ folder: join(folder, own), usage: usageOfVersion2 }] : []
    })
}

function usageOfVersion1(group: string): number {
  return Number.parseInt(readText(join(group, 'cpuacct.usage')), 10) / 1e6
}

function usageOfVersion2(group: string): number {
  return Number(/^usage_usec (\d+)$/m.exec(readText(join(group, 'cpu.stat')))?.[1]) / 1000
}
