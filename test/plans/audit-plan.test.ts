import { execFileSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createFixture, type Fixture } from './fixture.ts'

interface PlanText {
  readonly batches: readonly { readonly items?: { readonly command: string } }[]
}

const plan = parse(readFileSync('plans/audit-dependencies.yaml', 'utf8')) as PlanText
const command = plan.batches[0]?.items?.command ?? ''
const list = (cwd: string) =>
  execFileSync('/bin/sh', ['-c', command], { cwd, encoding: 'utf8' }).split('\n').slice(0, -1)

describe('items of the dependency audit', () => {
  let fixture: Fixture

  beforeEach(() => {
    fixture = createFixture()
  })

  afterEach(() => {
    fixture.remove()
  })

  test('packages are listed by their folders, scoped and nested ones too, in order', () => {
    const names = [
      '@types/node',
      'a',
      'a/node_modules/@s/b',
      'a/node_modules/@s/b/node_modules/c',
      'a.b',
      'lodash_',
      'node_modules-x',
    ]
    fixture.lay(Object.fromEntries(names.map((name) => [`${name}/package.json`, '{}'])))
    expect(list(fixture.root)).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)))
  })

  test('what only looks like a package is left out', () => {
    fixture.lay({
      'real/package.json': '{}',
      'real/esm/package.json': '{ "type": "module" }',
      'real/test/fixtures/node_modules/fake/package.json': '{}',
      'real/node_modules/.bin/package.json': '{}',
      '.bin/package.json': '{}',
      '.vite/deps/package.json': '{}',
      '@scope/package.json': '{}',
      'no-manifest/index.js': '',
      'folder/package.json/README.md': '',
    })
    symlinkSync('real', join(fixture.modules, 'linked'))
    expect(list(fixture.root)).toEqual(['real'])
  })

  test('nothing is listed where nothing is installed', () => {
    expect(list(fixture.root)).toEqual([])
  })

  test('this checkout has its dependencies listed', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, object>
    expect(list('.')).toEqual(
      expect.arrayContaining([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})]),
    )
  })
})
