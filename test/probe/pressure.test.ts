import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readPressure } from '../../src/probe/pressure.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const waits = (percent: string) =>
  `some avg10=${percent} avg60=0.00 avg300=0.00 total=1842\nfull avg10=99.00 avg60=0.00 avg300=0.00 total=1\n`

/** Lays a machine's files; `MOUNT` in them stands for its folder. */
async function machine(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await scratchFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text.replaceAll('MOUNT', folder))
  }
  return join(folder, 'proc')
}

const version2 = {
  'proc/self/cgroup': '0::/box/run\n',
  'proc/self/mountinfo': '31 23 0:28 / MOUNT/cgroup rw - cgroup2 cgroup2 rw\n',
}

test('pressure is the share of the last ten seconds in which something waited for memory', async () => {
  expect(readPressure(await machine({ 'proc/pressure/memory': waits('12.34') }))).toBeCloseTo(0.1234)
  expect(readPressure(await machine({ 'proc/pressure/memory': waits('0.00') }))).toBe(0)
})

test('the own group counts where it waits more than the system, and so does a group above it', async () => {
  const files = { ...version2, 'proc/pressure/memory': waits('5.00') }
  expect(readPressure(await machine({ ...files, 'cgroup/box/run/memory.pressure': waits('40.00') }))).toBe(0.4)
  expect(readPressure(await machine({ ...files, 'cgroup/box/memory.pressure': waits('30.00') }))).toBe(0.3)
  expect(readPressure(await machine({ ...files, 'cgroup/box/run/memory.pressure': waits('1.00') }))).toBe(0.05)
})

test('a kernel that does not count it says nothing', async () => {
  expect(readPressure(await machine(version2))).toBeUndefined()
  expect(readPressure(await machine({ 'proc/pressure/memory': '' }))).toBeUndefined()
})
