import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findStateDir, isStateDirGiven } from '../../src/cli/state-dir.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'batchtop-state-dir-'))
  await mkdir(path.join(folder, 'project', 'plans'), { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

test('the option goes before the environment, and that before the project', async () => {
  const from = path.join(folder, 'project', 'plans')
  const env = { BATCHTOP_STATE_DIR: '/env' }
  expect(findStateDir({ option: '/option', env, from })).toBe('/option')
  expect(findStateDir({ env, from })).toBe('/env')
  expect(isStateDirGiven({ env, from })).toBe(true)
  expect(isStateDirGiven({ env: { BATCHTOP_STATE_DIR: '' }, from })).toBe(false)
})

test.each(['package.json', '.git'])('the project is the nearest folder above with %s', async (name) => {
  const from = path.join(folder, 'project', 'plans')
  await writeFile(path.join(folder, 'project', name), '{}')
  expect(findStateDir({ env: {}, from })).toBe(path.join(folder, 'project', 'state'))
})

test("where there is no project, state stands in the plan's own folder", () => {
  const from = path.join(folder, 'project', 'plans')
  expect(findStateDir({ env: {}, from })).toBe(path.join(from, 'state'))
})
