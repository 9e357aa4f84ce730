import { chmod, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Gates } from '../helpers/gates.ts'
import { Box } from '../helpers/program.ts'

let box: Box
let gates: Gates

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
})
afterEach(() => box.close())

/** Paths below the state folder that somebody else may read, write or enter, as `0755 runs`. */
async function open(): Promise<string[]> {
  const names = ['', ...(await readdir(box.stateDir, { recursive: true }))]
  const modes = await Promise.all(
    // What a supervisor that ends takes away meanwhile is open to nobody.
    names.map(async (name) => ({ name, mode: (await stat(join(box.stateDir, name)).catch(() => ({ mode: 0 }))).mode })),
  )
  return modes
    .filter(({ mode }) => (mode & 0o077) !== 0)
    .map(({ name, mode }) => `${(mode & 0o777).toString(8)} ${name}`)
}

test('everything of a run is its user’s alone, while it lives, when it has ended, and after a recovery', async () => {
  const plan = await gates.plan('own', { threads: 1, batches: gates.batch('a', '[x, y, z]') })
  await box.run('run', plan, '-d')
  await gates.began('x')
  await box.run('checkpoint')
  expect(await open()).toEqual([])
  await gates.go('x')
  await gates.began('y')
  await box.kill()
  await gates.go('all')
  expect((await box.run('recover')).code).toBe(0)
  expect(await open()).toEqual([])
})

test('a state folder that others can write into is refused before anything starts', async () => {
  await mkdir(box.stateDir)
  await box.write('state/somebody.txt', 'else')
  await chmod(box.stateDir, 0o777)
  const plan = await gates.plan('open', { threads: 1, batches: gates.batch('a', '[x]') })
  const { code, err } = await box.run('run', plan)
  expect(code).toBe(2)
  expect(err).toContain('Others can write into the state folder')
})

test('a file where the state folder should be is said in one sentence', async () => {
  const plan = await gates.plan('file', { threads: 1, batches: gates.batch('a', '[x]') })
  const { code, err } = await box.run('run', plan, '--new', '--state-dir', plan)
  expect(code).toBe(2)
  expect(err).toContain('A file stands where a folder is needed')
})
