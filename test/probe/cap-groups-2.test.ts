/** Groups of version 2, on a folder that behaves as their file system. */
import { mkdir, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runId, threadNumber } from '../../src/model/ids.ts'
import { bytes } from '../../src/model/units.ts'
import { openCapGroups } from '../../src/probe/cap-groups.ts'
import { scratchFolder } from '../helpers/scratch.ts'
import { until } from '../helpers/until.ts'
import { type FakeOptions, fakeCgroup2, kernelError } from './fake-cgroup2.ts'

const MB = 2 ** 20
const SELF = process.pid
const [SHELL, CLIENT, REAPER, HOST, STRANGER] = [90_001, 90_002, 90_003, 90_004, 90_005]
const [first, second] = [threadNumber(1), threadNumber(2)]
const run = `/scope/batchtop-beef-${SELF}`
const nobody = () => false

/** A machine on which a shell started the client, the client this process, and this process a reaper and a host. */
async function machine(options: FakeOptions & { readonly own?: string } = {}) {
  const folder = await scratchFolder()
  const [proc, root] = [join(folder, 'proc'), join(folder, 'groups')]
  await mkdir(join(proc, 'self'), { recursive: true })
  await mkdir(root)
  await writeFile(join(proc, 'self/cgroup'), `0::${options.own ?? '/scope'}\n`)
  await writeFile(join(proc, 'self/mountinfo'), `31 23 0:28 / ${root} rw - cgroup2 cgroup2 rw\n`)
  const exe = await readlink('/proc/self/exe').catch(() => process.execPath)
  const add = async (pid: number, parent: number, command: readonly string[]) => {
    await mkdir(join(proc, String(pid)))
    await writeFile(join(proc, String(pid), 'stat'), `${pid} (a) b) S ${parent} 1 1 0`)
    await writeFile(join(proc, String(pid), 'cmdline'), command.join('\0'))
    await symlink(command[0] === 'node' ? exe : `/bin/${command[0]}`, join(proc, String(pid), 'exe'))
  }
  await add(SHELL, 1, ['sh'])
  await add(CLIENT, SHELL, ['node', '/opt/bin/batchtop', 'run'])
  await add(SELF, CLIENT, ['node', '/opt/dist/supervisor/main.js', 'batchtop-supervisor'])
  await add(REAPER, SELF, ['sh'])
  await add(HOST, SELF, ['node', '/opt/dist/threads/host.js'])
  await add(STRANGER, 1, ['sleep'])
  const files = fakeCgroup2(root, options)
  files.lay('', [])
  const open = () => openCapGroups({ run: runId('beef'), budget: bytes(1000 * MB), cap: bytes(200 * MB), proc, files })
  return { files, open, proc, limit: (path: string) => Number(files.read(join(root, path, 'memory.max'))), root }
}

test('in a group that is ours alone everybody moves to a leaf, and the run gets a group with the budget', async () => {
  const { files, open, limit } = await machine()
  files.lay('/scope', [CLIENT, SELF, REAPER])
  const groups = open()
  expect(groups.backing).toBe('cgroup2')
  expect(files.picture()).toEqual({
    '': ' | ',
    '/scope': ' | memory',
    '/scope/batchtop-supervisor': `${[CLIENT, SELF, REAPER].map(String).toSorted().join(' ')} | `,
    [run]: ' | memory',
  })
  expect(limit(run)).toBeGreaterThanOrEqual(1000 * MB)
  expect(limit(run)).toBeLessThan(1050 * MB)
})

test('a thread’s group has its cap, no swap, and dies as a whole', async () => {
  const { files, open, limit, root } = await machine()
  files.lay('/scope', [SELF])
  const groups = open()
  void groups.join(first, HOST)
  await until(() => files.picture()[`${run}/thread-1`] === `${HOST} | `, {
    instead: () => JSON.stringify(files.picture()),
  })
  expect(limit(`${run}/thread-1`)).toBe(262 * MB)
  const read = (name: string) => files.read(join(root, run, 'thread-1', name)).trim()
  expect([read('memory.swap.max'), read('memory.oom.group')]).toEqual(['0', '1'])
  groups.setCap(bytes(400 * MB), nobody)
  void groups.join(second, REAPER)
  expect([limit(`${run}/thread-1`), limit(`${run}/thread-2`)]).toEqual([492 * MB, 492 * MB])
})

test('a thread that is spared keeps its limit until its next process, and a new thread has the new one at once', async () => {
  const { files, open, limit } = await machine()
  files.lay('/scope', [SELF])
  const groups = open()
  void groups.join(first, HOST)
  groups.setCap(bytes(100 * MB), (thread) => thread === first)
  void groups.join(second, REAPER)
  expect([limit(`${run}/thread-1`), limit(`${run}/thread-2`)]).toEqual([262 * MB, 147 * MB])
  void groups.join(first, HOST)
  expect(limit(`${run}/thread-1`)).toBe(147 * MB)
})

test('a kernel without swap is as good', async () => {
  const { files, open, limit } = await machine({ lacks: ['memory.swap.max'] })
  files.lay('/scope', [SELF])
  const groups = open()
  void groups.join(first, HOST)
  expect([groups.backing, limit(`${run}/thread-1`)]).toEqual(['cgroup2', 262 * MB])
})

test('kills, and how often a thread came to its limit, are what the kernel counted', async () => {
  const { files, open } = await machine()
  files.lay('/scope', [SELF])
  const groups = open()
  void groups.join(first, HOST)
  expect([groups.kills(first), groups.kills(second)]).toEqual([0, 0])
  files.set(`${run}/thread-1`, 'memory.events', 'oom 3\noom_kill 2\noom_group_kill 1\n')
  expect([groups.kills(first), groups.kills(second)]).toEqual([2, 0])
  expect([groups.hits(first), groups.hits(second)]).toEqual([3, 0])
})

test('a limit is never set below what its group holds, file cache not counted', async () => {
  const { files, open, limit } = await machine()
  files.lay('/scope', [SELF])
  const groups = open()
  void groups.join(first, HOST)
  files.set(`${run}/thread-1`, 'memory.current', `${600 * MB}\n`)
  files.set(`${run}/thread-1`, 'memory.stat', `anon 1\ninactive_file ${150 * MB}\nactive_file ${50 * MB}\n`)
  groups.setCap(bytes(100 * MB), nobody)
  expect(limit(`${run}/thread-1`)).toBe(432 * MB)
  // Once it holds less, or its next process comes.
  files.set(`${run}/thread-1`, 'memory.current', '0\n')
  void groups.join(first, HOST)
  expect(limit(`${run}/thread-1`)).toBe(147 * MB)
})

test('a group with somebody else in it is left alone', async () => {
  for (const others of [[STRANGER], [SHELL], [SHELL, CLIENT], [0]]) {
    const { files, open } = await machine()
    files.lay('/scope', [SELF, ...others])
    const before = files.picture()
    expect(open().backing).toBe('polling')
    expect(files.picture()).toEqual(before)
  }
})

test('a group that has no memory to pass on is left alone', async () => {
  const { files, open } = await machine()
  files.lay('/scope', [SELF])
  files.set('/scope', 'cgroup.controllers', 'cpu pids\n')
  const before = files.picture()
  expect(open().backing).toBe('polling')
  expect(files.picture()).toEqual(before)
})

test('whatever the kernel refuses on the way, all is as it was before', async () => {
  for (const code of ['EACCES', 'EROFS', 'EBUSY', 'ENOENT']) {
    for (let allowed = 0; ; allowed += 1) {
      let changes = 0
      // One refusal may be tried once more (EBUSY): from there on this change is refused for good.
      let refused: string | undefined
      const refuse = (change: string) => {
        if (changes++ === allowed) refused = change
        return change === refused ? kernelError(code, change) : undefined
      }
      const { files, open } = await machine({ refuse })
      files.lay('/scope', [CLIENT, SELF, REAPER])
      const before = files.picture()
      const { backing } = open()
      if (backing === 'cgroup2') break
      expect({ refused, picture: files.picture() }).toEqual({ refused, picture: before })
    }
  }
})

test('a second run started by the same client finds the leaf and makes its group beside the first', async () => {
  const { files, open, proc } = await machine()
  files.lay('/scope', [CLIENT, SELF])
  const before = open()
  void before.join(first, HOST)
  await writeFile(join(proc, 'self/cgroup'), '0::/scope/batchtop-supervisor\n')
  const groups = openCapGroups({ run: runId('feed'), budget: bytes(MB), cap: bytes(MB), proc, files })
  expect(groups.backing).toBe('cgroup2')
  expect(Object.keys(files.picture())).toContain(`/scope/batchtop-feed-${SELF}`)
  groups.close()
  expect(Object.keys(files.picture())).not.toContain(`/scope/batchtop-feed-${SELF}`)
  expect(Object.keys(files.picture())).toContain(`${run}/thread-1`)
})

test('closing removes the run’s groups once they are empty, those of items that were runs as well', async () => {
  const { files, open, root } = await machine()
  files.lay('/scope', [SELF])
  const groups = open()
  void groups.join(first, HOST)
  await until(() => files.picture()[`${run}/thread-1`] === `${HOST} | `, {
    instead: () => JSON.stringify(files.picture()),
  })
  groups.close()
  expect(Object.keys(files.picture())).toContain(`${run}/thread-1`)
  files.set(`${run}/thread-1`, 'cgroup.procs', '')
  files.makeGroup(join(root, run, 'thread-1/batchtop-cafe-1'))
  groups.close()
  expect(Object.keys(files.picture())).toEqual(['', '/scope', '/scope/batchtop-supervisor'])
})
