import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readCpuQuota, readMemoryLimit } from '../../src/probe/cgroup.ts'
import { readMachine } from '../../src/probe/machine.ts'

const MB = 2 ** 20
const NO_LIMIT_V1 = '9223372036854771712'

let folder = ''
const proc = () => join(folder, 'proc')

beforeEach(() => {
  folder = mkdtempSync(join(os.tmpdir(), 'batchtop-cgroup-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Lays a machine's files; `MOUNT` in them stands for the test's folder. */
function lay(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text.replaceAll('MOUNT', folder))
  }
}

const version2 = {
  'proc/self/cgroup': '0::/box/run\n',
  'proc/self/mountinfo':
    '22 27 0:21 / /proc rw,relatime - proc proc rw\n31 23 0:28 / MOUNT/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n',
}

const version1 = {
  'proc/self/cgroup': '4:memory:/box/run\n2:cpu,cpuacct:/box\n0::/\n',
  'proc/self/mountinfo': [
    '32 31 0:29 / MOUNT/cpu rw - cgroup cgroup rw,cpu,cpuacct',
    '35 31 0:32 / MOUNT/memory rw - cgroup cgroup rw,memory',
    '41 31 0:38 / MOUNT/unified rw - cgroup2 cgroup2 rw',
  ].join('\n'),
}

describe('memory limit', () => {
  test('there is none where no group sets one', () => {
    lay({ ...version2, 'cgroup/box/run/memory.max': 'max\n', 'cgroup/box/run/memory.high': 'max\n' })
    expect(readMemoryLimit(proc())).toBeUndefined()
    lay({ ...version1, 'memory/box/run/memory.limit_in_bytes': NO_LIMIT_V1 })
    expect(readMemoryLimit(proc())).toBeUndefined()
    expect(readMemoryLimit(join(folder, 'no-procfs-here'))).toBeUndefined()
  })

  test('the smallest limit of the own group and all above it holds', () => {
    lay({
      ...version2,
      'cgroup/box/run/memory.max': `${900 * MB}\n`,
      'cgroup/box/run/memory.current': `${100 * MB}\n`,
      'cgroup/box/memory.max': `${600 * MB}\n`,
      'cgroup/box/memory.current': `${200 * MB}\n`,
    })
    expect(readMemoryLimit(proc())).toEqual({ limit: 600 * MB, available: 400 * MB })
  })

  test('the limit and what is left may come from different groups', () => {
    lay({
      ...version2,
      'cgroup/box/run/memory.max': `${500 * MB}\n`,
      'cgroup/box/run/memory.current': `${100 * MB}\n`,
      'cgroup/box/memory.high': `${600 * MB}\n`,
      'cgroup/box/memory.current': `${580 * MB}\n`,
    })
    expect(readMemoryLimit(proc())).toEqual({ limit: 500 * MB, available: 20 * MB })
  })

  test('file cache counts as available, and more than the limit is never left', () => {
    lay({
      ...version2,
      'cgroup/box/run/memory.max': `${500 * MB}\n`,
      'cgroup/box/run/memory.current': `${400 * MB}\n`,
      'cgroup/box/run/memory.stat': `anon ${200 * MB}\ninactive_file ${100 * MB}\nactive_file ${50 * MB}\n`,
    })
    expect(readMemoryLimit(proc())?.available).toBe(250 * MB)
    lay({ 'cgroup/box/run/memory.current': `${100 * MB}\n` })
    expect(readMemoryLimit(proc())?.available).toBe(500 * MB)
  })

  test('version 1 groups are read, cache of their subgroups included', () => {
    lay({
      ...version1,
      'memory/box/run/memory.limit_in_bytes': NO_LIMIT_V1,
      'memory/box/memory.limit_in_bytes': String(800 * MB),
      'memory/box/memory.usage_in_bytes': String(500 * MB),
      'memory/box/memory.stat': `inactive_file 1\ntotal_inactive_file ${60 * MB}\ntotal_active_file ${40 * MB}\n`,
    })
    expect(readMemoryLimit(proc())).toEqual({ limit: 800 * MB, available: 400 * MB })
  })

  test('a container that sees only its part of the tree is limited by what it sees', () => {
    lay({
      'proc/self/cgroup': '0::/host/slice/container\n',
      'proc/self/mountinfo': '31 23 0:28 /host/slice/container MOUNT/a\\040b rw - cgroup2 cgroup2 rw\n',
      'a b/memory.max': String(300 * MB),
      'a b/memory.current': '0',
    })
    expect(readMemoryLimit(proc())?.limit).toBe(300 * MB)
    lay({ 'proc/self/cgroup': '0::/elsewhere\n' })
    expect(readMemoryLimit(proc())?.limit).toBe(300 * MB)
  })
})

describe('CPU quota', () => {
  test('the smallest quota of the own group and all above it holds, in cores', () => {
    lay({ ...version2, 'cgroup/box/run/cpu.max': 'max 100000\n' })
    expect(readCpuQuota(proc())).toBeUndefined()
    lay({ 'cgroup/box/cpu.max': '150000 100000\n' })
    expect(readCpuQuota(proc())).toBe(1.5)
  })

  test('version 1 quotas are read', () => {
    lay({ ...version1, 'cpu/box/cpu.cfs_quota_us': '-1', 'cpu/box/cpu.cfs_period_us': '100000' })
    expect(readCpuQuota(proc())).toBeUndefined()
    lay({ 'cpu/box/cpu.cfs_quota_us': '50000' })
    expect(readCpuQuota(proc())).toBe(0.5)
  })
})

describe('machine', () => {
  test('a limit below the physical memory is the memory, and said to come from a group', () => {
    lay({ ...version2, 'cgroup/box/run/memory.max': String(64 * MB), 'cgroup/box/run/cpu.max': '20000 100000' })
    expect(readMachine(proc())).toEqual({ cores: 1, memory: 64 * MB, limitedBy: 'cgroup' })
  })

  test('this machine has at least a core and no more memory than is built in', () => {
    const { cores, memory } = readMachine()
    expect(cores).toBeGreaterThanOrEqual(1)
    expect(cores).toBeLessThanOrEqual(os.availableParallelism())
    expect(memory).toBeGreaterThan(0)
    expect(memory).toBeLessThanOrEqual(os.totalmem())
  })
})
