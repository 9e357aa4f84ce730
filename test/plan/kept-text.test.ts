import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPlan } from '../../src/plan/load.ts'
import { readPlanName } from '../../src/plan/plan-name.ts'
import { folderWith, optionsOf } from './rig.ts'

const TEXT = 'batches:\n  - { id: a, task: ./t.mjs, items: { file: list.txt }, cwd: sub }\n'
const FILES = {
  'package.json': '{ "type": "module" }',
  't.mjs': 'export default () => 1\n',
  'list.txt': 'x\ny\n',
  'sub/x': '',
}

test('a plan whose file is gone is compiled from its text, as if it still stood there', async () => {
  const folder = folderWith({ ...FILES, 'p.yaml': TEXT })
  const path = join(folder, 'p.yaml')
  const before = await loadPlan(path, optionsOf())
  unlinkSync(path)
  await expect(loadPlan(path, optionsOf())).rejects.toMatchObject({ code: 'plan-not-found' })
  expect(await loadPlan(path, { ...optionsOf(), text: TEXT })).toEqual(before)
})

test('the text that is given goes before the file', async () => {
  const path = join(folderWith({ ...FILES, 'p.yaml': TEXT }), 'p.yaml')
  writeFileSync(path, 'name: other\n')
  expect(await loadPlan(path, { ...optionsOf(), text: TEXT })).toMatchObject({ ok: true, plan: { name: 'p' } })
})

test('a plan that names itself nothing keeps the name that it is known by, one with a name its own', async () => {
  const path = join(folderWith({ ...FILES, 'p.yaml': TEXT }), 'p.yaml')
  const nameOf = async (text: string) => {
    const loaded = await loadPlan(path, { ...optionsOf(), name: 'known', text })
    return loaded.ok && loaded.plan.name
  }
  expect([await nameOf(TEXT), await nameOf(`name: own\n${TEXT}`)]).toEqual(['known', 'own'])
})

test('the time between checkpoints of the command line goes before the file, and must be a second', async () => {
  const path = join(folderWith({ ...FILES, 'p.yaml': `checkpoint: 10m\n${TEXT}` }), 'p.yaml')
  const load = (checkpoint: number) => loadPlan(path, optionsOf({ overrides: { checkpoint: checkpoint as never } }))
  expect(await load(60_000)).toMatchObject({ plan: { checkpoint: 60_000 } })
  await expect(load(500)).rejects.toThrow('--checkpoint-interval 500ms: must be at least 1s.')
})

test('the name of a plan is told whatever else is wrong with it', async () => {
  const folder = folderWith({
    'named.yaml': 'name: 7\ntreads: 3\n',
    'unnamed.yml': 'batches: 3\n',
    'list.yaml': '[]\n',
    'broken.yaml': 'name: [\n',
  })
  const names = ['named.yaml', 'unnamed.yml', 'list.yaml', 'broken.yaml', 'missing.yaml']
  expect(await Promise.all(names.map((name) => readPlanName(join(folder, name))))).toEqual([
    '7',
    'unnamed',
    undefined,
    undefined,
    undefined,
  ])
})
