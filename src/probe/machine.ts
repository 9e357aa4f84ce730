/**
 * What this machine has for a plan: cores and memory, or less where a control group allows less. May import model.
 * The command line calls it before a run starts, so it reads a few small files and loads nothing.
 */
import os from 'node:os'
import { type Bytes, bytes } from '../model/units.ts'
import { readCpuQuota, readMemoryLimit } from './cgroup.ts'

export interface Machine {
  /** Cores that can be used, at least 1. */
  readonly cores: number
  /** Memory that can be used at most, whoever uses how much of it now. */
  readonly memory: Bytes
  /** Where `memory` comes from: the machine's physical memory, or the limit of a control group (a container's, say). */
  readonly limitedBy: 'machine' | 'cgroup'
}

/** `proc`: where procfs is mounted. */
export function readMachine(proc = '/proc'): Machine {
  const physical = os.totalmem()
  // Node answers 0 or a huge number where there is no limit.
  const constrained = process.constrainedMemory() || Infinity
  const limit = Math.min(constrained, readMemoryLimit(proc)?.limit ?? Infinity)
  const cores = Math.min(os.availableParallelism(), Math.ceil(readCpuQuota(proc) ?? Infinity))
  return {
    cores: Math.max(1, cores),
    memory: bytes(Math.min(physical, limit)),
    limitedBy: limit < physical ? 'cgroup' : 'machine',
  }
}
