/** The system's memory, as far as this process may have it. Loads systeminformation at the first look. */
import type { Sample } from '../model/chunk.ts'
import { bytes } from '../model/units.ts'
import { type MemoryLimit, readMemoryLimit } from './cgroup.ts'
import { findHierarchies, type Hierarchy } from './cgroup-tree.ts'
import { readPressure } from './pressure.ts'

export interface SystemLook {
  readonly system: Sample['system']
  /** What control groups leave of it, where they set a limit. */
  readonly group: MemoryLimit | undefined
}

/** Where the own groups stand takes longer to find out than what they say, and hardly ever changes. */
const LOOKS_PER_SEARCH = 20

/** systeminformation knows each system's way to say "available", but neither control groups nor pressure. */
export function createSystemReader(): () => Promise<SystemLook> {
  let looks = 0
  let hierarchies: readonly Hierarchy[] = []
  return async () => {
    const { default: si } = await import('systeminformation')
    const { total, available } = await si.mem()
    if (looks++ % LOOKS_PER_SEARCH === 0) hierarchies = findHierarchies('memory')
    const group = readMemoryLimit('/proc', hierarchies)
    const pressure = readPressure('/proc', hierarchies)
    const system = {
      total: bytes(Math.min(total, group?.limit ?? Infinity)),
      available: bytes(Math.min(available, group?.available ?? Infinity)),
      ...(pressure === undefined ? {} : { pressure }),
    }
    return { system, group }
  }
}
