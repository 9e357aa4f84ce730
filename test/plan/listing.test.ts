import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPlan } from '../../src/plan/load.ts'
import { batchOf, diagnosticsOf, folderWith, optionsOf, problemsOf } from './rig.ts'

const namesOf = async (fields: string, files: Readonly<Record<string, string>> = {}) => {
  const { names } = await batchOf(fields, { files })
  return names.kind === 'list' ? names.names : names
}

test('a glob gives files by their path from cwd, sorted by bytes', async () => {
  const files = {
    'd/b.md': '',
    'd/a.md': '',
    'd/B.md': '',
    'd/ä.md': '',
    'd/\u{1F600}.md': '',
    'd/\uff5e.md': '',
    'd/deep/c.md': '',
    'd/x.txt': '',
  }
  expect(await namesOf('id: a, items: { glob: "**/*.md" }, cwd: d', files)).toEqual([
    'B.md',
    'a.md',
    'b.md',
    'deep/c.md',
    'ä.md',
    '\uff5e.md',
    '\u{1F600}.md',
  ])
  expect(await namesOf('id: a, items: { glob: "../d/*.txt" }, cwd: d', files)).toEqual(['x.txt'])
})

test('a glob never gives a folder, nor a link to one', async () => {
  const folder = folderWith({
    'a.mts': '',
    'x/file.d': '',
    'plan.yaml': 'batches:\n  - { id: a, task: a.mts, items: { glob: "x/*" } }\n',
  })
  mkdirSync(join(folder, 'x/folder.d'))
  symlinkSync('folder.d', join(folder, 'x/link.d'))
  symlinkSync('file.d', join(folder, 'x/other.d'))
  const result = await loadPlan(join(folder, 'plan.yaml'), optionsOf())
  expect(result).toMatchObject({ ok: true, plan: { batches: [{ names: { names: ['x/file.d', 'x/other.d'] } }] } })
})

test('a file gives its lines, found from the plan file whatever the cwd', async () => {
  const files = { 'list.txt': 'one\r\n\n  two words\nthree' }
  expect(await namesOf('id: a, items: { file: list.txt }, cwd: tasks', files)).toEqual(['one', '  two words', 'three'])
})

test('a command gives the lines it prints, in its cwd and with its env', async () => {
  const fields = 'id: a, cwd: tasks, env: { WHO: Ada }, items: { command: "ls; echo $WHO >&2; echo $WHO" }'
  expect(await namesOf(fields)).toEqual(['a.ts', 'b.mjs', 'Ada'])
})

test('a command has no terminal and no input', async () => {
  const command = 'cat; if (: < /dev/tty) 2>/dev/null; then echo tty; else echo none; fi'
  expect(await namesOf(`id: a, items: { command: ${JSON.stringify(command)} }`)).toEqual(['none'])
})

test('a command that fails is told with what it said last', async () => {
  const text =
    'batches:\n  - id: a\n    task: tasks/a.ts\n    items: { command: "echo one; echo two; for i in 1 2 3 4; do echo bad $i >&2; done; exit 3" }\n'
  const [found, ...others] = await diagnosticsOf(text)
  expect(others).toEqual([])
  expect(found).toMatchObject({
    rule: 'bad-items',
    line: 4,
    column: 23,
    message: 'The command that lists the items failed: exit 3.',
    hint: 'It said: bad 2\nbad 3\nbad 4',
  })
})

test('a command that is killed is no list either', async () => {
  const [found] = await diagnosticsOf(
    'batches:\n  - { id: a, task: tasks/a.ts, items: { command: "echo x; kill -9 $$" } }\n',
  )
  expect(found?.message).toBe('The command that lists the items was ended by SIGKILL.')
})

test('commands do not run while anything else is wrong', async () => {
  const folder = folderWith({
    'a.mts': '',
    'plan.yaml': 'batches:\n  - { id: a, task: a.mts, levle: high, items: { command: "touch ran; echo x" } }\n',
  })
  const result = await loadPlan(join(folder, 'plan.yaml'), optionsOf())
  expect(result).toMatchObject({ ok: false, diagnostics: [{ rule: 'unknown-key' }] })
  expect(existsSync(join(folder, 'ran'))).toBe(false)
})

test('a name that comes twice is refused', async () => {
  const items = ['{ file: list.txt }', '{ command: "cat list.txt" }']
  for (const source of items) {
    const text = `batches:\n  - { id: a, task: tasks/a.ts, items: ${source} }\n`
    // oxlint-disable-next-line no-await-in-loop -- one plan after another
    const found = await diagnosticsOf(text, { files: { 'list.txt': 'x\ny\nx\n' } })
    expect(found).toMatchObject([
      { rule: 'bad-items', message: '`x` comes twice; items of a batch have different names.' },
    ])
  }
})

test('a source without items is a warning, a plan without items an error', async () => {
  const none = '  - { id: a, task: tasks/a.ts, items: { glob: "*.none" } }\n'
  expect(await problemsOf(`batches:\n${none}  - { id: b, task: tasks/a.ts }\n`)).toEqual(['no-items? 2:47 "*.none"'])
  expect(await problemsOf(`batches:\n${none}`)).toEqual(['no-items 1:1 batches', 'no-items? 2:47 "*.none"'])
})

test('a hundred thousand lines are read as they are', async () => {
  const lines = Array.from({ length: 100_000 }, (_, place) => `line ${place}`)
  const names = await namesOf('id: a, items: { file: list.txt }', { 'list.txt': lines.join('\n') })
  expect(names).toEqual(lines)
})
