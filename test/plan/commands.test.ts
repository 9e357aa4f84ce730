import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fill } from '../../src/model/template.ts'
import { diagnosticsOf, planOf, problemsOf } from './rig.ts'

/** A plan of one batch `a` with these lines. */
const plan = (batch: string, top = '') => `${top}batches:\n  - id: a\n${batch}`

/** The first batch of it. */
async function batchOf(batch: string, setting = {}, top = '') {
  const { batches, folder } = await planOf(plan(batch, top), setting)
  const [first] = batches
  if (!first) throw new Error('no batch')
  return { ...first, folder }
}

const item = { item: 'x/y.txt', number: 1, thread: 1, batch: 'a' }

test('a command is the work of a batch', async () => {
  const { work, folder, special } = await batchOf('    items: [x, y]\n    run: gzip -k {}\n')
  const words = [['gzip'], ['-k'], [{ slot: 'item' }]]
  expect(work).toEqual({ kind: 'command', run: { kind: 'words', text: 'gzip -k {}', words }, cwd: folder, env: {} })
  expect(special).toEqual({})
})

test('a number or a flag as command is the text that it is written as', async () => {
  const { work } = await batchOf('    run: true\n    undo: 1.50\n    outputs: [1.0]\n')
  expect(work).toMatchObject({ run: { text: 'true', words: [['true']] } })
})

test('a shell is a program with its options', async () => {
  const { work, undo } = await batchOf('    run: ls {}\n    shell: bash  -euo pipefail\n    undo: ls\n')
  expect(work).toMatchObject({ run: { kind: 'script', shell: ['bash', '-euo', 'pipefail'] } })
  expect(undo).toMatchObject({ run: { kind: 'script', shell: ['bash', '-euo', 'pipefail'], script: ['ls'] } })
})

test('items of a list may have commands of their own, and then the batch needs none', async () => {
  const { work, special } = await batchOf('    items: [x, { id: y, run: "cat {} | wc", estimate: 3s }]\n    run: ls\n')
  expect(work).toMatchObject({ run: { text: 'ls' } })
  expect(special).toMatchObject({ 1: { run: { kind: 'script', text: 'cat {} | wc' }, estimate: 3000 } })
  const own = await batchOf('    items: [{ id: x, run: ls }, { id: y, run: "cat {}" }]\n')
  expect(own.work).toMatchObject({ kind: 'command', run: { text: 'ls' } })
  const modules = await batchOf('    items: [{ id: x, task: tasks/a.ts }, { id: y, task: tasks/b.mjs }]\n')
  expect(modules.work).toMatchObject({ kind: 'module', task: join(modules.folder, 'tasks/a.ts') })
})

test('folder and variables may differ from item to item', async () => {
  const text = '    run: ls\n    cwd: "{//}/../x"\n    env: { A: "1 {{}}", B: "{/}", C: "${x}" }\n'
  const { work, folder } = await batchOf(text)
  if (work.kind !== 'command') throw new Error('no command')
  expect(work).toMatchObject({ cwd: folder, env: { A: '1 {}', C: '${x}' }, itemEnv: { B: [{ slot: 'base' }] } })
  expect(fill(work.itemCwd ?? [], item)).toBe('x/../x')
})

test('a folder that is the same for all is found from the plan file', async () => {
  const { work, folder } = await batchOf('    run: ls\n    cwd: tasks/../{{}}\n', { files: { '{}/x': '' } })
  expect(work).toEqual(expect.objectContaining({ cwd: join(folder, '{}'), env: {} }))
})

test('in a batch of modules, folder and variables are taken as they are written', async () => {
  const text = '    task: tasks/a.ts\n    cwd: "{}"\n    env: { A: "{}", "B-1": "{{}}" }\n'
  const { work, folder } = await batchOf(text, { files: { '{}/x': '' } })
  expect(work).toMatchObject({ kind: 'module', cwd: join(folder, '{}'), env: { A: '{}', 'B-1': '{{}}' } })
})

test('outputs are filled in as they are, also those of modules', async () => {
  const { outputs = [] } = await batchOf('    task: tasks/a.ts\n    outputs: ["out/{/.}.md", "{{}}"]\n')
  expect(outputs.map((path) => fill(path, item))).toEqual(['out/y.md', '{}'])
  expect((await batchOf('    run: ls\n    outputs: []\n')).outputs).toBeUndefined()
})

test('an undo is a command, also of modules', async () => {
  const { undo, folder } = await batchOf(
    '    task: tasks/a.ts\n    undo: rm -f {}\n    cwd: tasks\n    env: { A: "{}" }\n',
  )
  expect(undo).toMatchObject({
    kind: 'command',
    run: { text: 'rm -f {}' },
    cwd: join(folder, 'tasks'),
    env: { A: '{}' },
  })
})

test('a breaker has sensible numbers where it says none', async () => {
  expect((await batchOf('    run: ls\n    breaker: {}\n')).breaker).toEqual({ failures: 0.5, of: 20, wait: 60_000 })
  const { breaker } = await batchOf('    run: ls\n    breaker: { failures: 100%, of: 3, wait: 200ms }\n')
  expect(breaker).toEqual({ failures: 1, of: 3, wait: 200 })
  expect((await batchOf('    run: ls\n')).breaker).toBeUndefined()
})

test('limits of logs and codes that are never tried again come from the batch, else from the plan', async () => {
  const top = 'logLimit: 1MB\nretry: { attempts: 3, never: [2, 64] }\n'
  expect(await batchOf('    run: ls\n', {}, top)).toMatchObject({
    logLimit: 2 ** 20,
    retry: { attempts: 3, never: [2, 64] },
  })
  const own = await batchOf('    run: ls\n    logLimit: 2kB\n    retry: { never: [] }\n', {}, top)
  expect(own).toMatchObject({ logLimit: 2048, retry: { attempts: 3, never: [] } })
  const { logLimit, retry } = await batchOf('    run: ls\n')
  expect([logLimit, retry]).toEqual([undefined, { attempts: 1, min: 2000, max: 60_000 }])
})

test('columns of a product are placeholders', async () => {
  const { work, outputs } = await batchOf(
    '    items: { product: { b: [1, 2], s: 1..3 } }\n    run: ls {b} {s} {x}\n    outputs: ["{s}.md"]\n',
  )
  expect(work).toMatchObject({ run: { kind: 'script', script: ['ls ', { name: 'b' }, ' ', { name: 's' }, ' {x}'] } })
  expect(outputs).toEqual([[{ slot: 'column', name: 's' }, '.md']])
})

test('columns of a table are known once it is read', async () => {
  const files = { 't.csv': 'id,first name\nx,Ada\n' }
  const { work } = await batchOf('    items: { csv: t.csv }\n    run: ls {first name} {id}\n    cwd: "{id}"\n', {
    files,
  })
  expect(work).toMatchObject({
    run: { words: [['ls'], [{ slot: 'column', name: 'first name' }], [{ slot: 'column', name: 'id' }]] },
    itemCwd: [{ slot: 'column', name: 'id' }],
  })
})

test('a column in quotes is found when its table is read, and what is no column is left alone', async () => {
  const files = { 't.csv': 'id,print\nx,1\n', 'u.csv': 'id\nx\n' }
  expect(await problemsOf(plan(`    items: { csv: t.csv }\n    run: awk '{print}' {}\n`), { files })).toEqual([
    'bad-command 4:15 {print}',
  ])
  expect(await problemsOf(plan(`    items: { csv: u.csv }\n    run: awk '{print}' {}\n`), { files })).toEqual([])
  expect(await problemsOf(plan(`    items: { csv: u.csv }\n    run: awk '{}' {}\n`), { files })).toEqual([
    'bad-command 4:15 {}',
  ])
})

test('while nobody knows the columns of a late table, every word in braces is one', async () => {
  const late = '    items: { csv: t.csv, late: true }\n'
  const { work } = await batchOf(`${late}    run: ls {seed} {a b}\n    cwd: "{dir}"\n`)
  expect(work).toMatchObject({
    run: { kind: 'script', script: ['ls ', { slot: 'column', name: 'seed' }, ' {a b}'] },
    itemCwd: [{ slot: 'column', name: 'dir' }],
  })
  expect(await problemsOf(plan(`${late}    run: awk '{print}' {}\n`))).toEqual(['bad-command 4:15 {print}'])
})

test.each([
  ['a placeholder in quotes', '    run: cp "{}" x\n', ['bad-command 3:14 {}']],
  ['one in a quoted text', `    run: "cp '{}' x"\n`, ['bad-command 3:15 {}']],
  ['one in an escaped text', '    run: "cp \\"{}\\" x"\n', ['bad-command 3:10 "cp \\"{}\\" x"']],
  ['one in a text of several lines', "    run: |\n      ls\n      cp '{}' x\n", ['bad-command 5:11 {}']],
  [
    'one below empty lines and a comment',
    "    run: |- # two\n\n\n        ls\n\n          cp\t'a{.}' x\n\n    undo: ls\n",
    ['bad-command 8:16 {.}'],
  ],
  ['one in a folded text', "    run: >\n      ls\n      cp '{}' x\n", ['bad-command 3:10 >']],
  ['one of an item', `    items: [{ id: x, run: "'{}'" }]\n`, ['bad-command 3:29 {}']],
  ['one of an undo', "    task: tasks/a.ts\n    undo: rm '{}'\n", ['bad-command 4:15 {}']],
  ['a placeholder for a shell of another kind', '    run: x {}\n    shell: ./fish -x\n', ['bad-command 3:10 x {}']],
  ['an empty command', '    run: " "\n', ['bad-command 3:10 " "']],
  ['a command that is none', '    run: [ls]\n', ['wrong-value 3:10 [ls]']],
  ['an empty shell', '    run: ls\n    shell: " "\n', ['wrong-value 4:12 " "']],
  ['a shell without commands', '    task: tasks/a.ts\n    shell: bash\n', ['no-command 4:5 shell']],
  ['a task and a command', '    run: ls\n    task: tasks/a.ts\n', ['two-works 3:5 run']],
  ['nothing to run', '    items: [x]\n', ['missing-key 2:5 id: a']],
  ['an item without anything to run', '    items: [x, { id: y, run: ls }]\n', ['missing-key 2:5 id: a']],
  ['a module among commands', '    run: ls\n    items: [x, { id: y, task: tasks/a.ts }]\n', ['mixed-works 4:25 task']],
  ['a command among modules', '    task: tasks/a.ts\n    items: [x, { id: y, run: ls }]\n', ['mixed-works 4:25 run']],
  ['commands and modules', '    items: [{ id: x, run: ls }, { id: y, task: tasks/a.ts }]\n', ['mixed-works 3:42 task']],
  [
    'an item of both kinds',
    '    run: ls\n    items: [{ id: x, run: ls, task: tasks/a.ts }]\n',
    ['two-works 4:31 task'],
  ],
  [
    '`with` for a command',
    '    run: ls\n    with: 1\n    items: [{ id: x, with: 2 }]\n',
    ['no-task 4:5 with', 'no-task 5:22 with'],
  ],
  ['a variable that no shell passes on', '    run: ls\n    env: { A-B: 1 }\n', ['bad-env 4:12 A-B']],
  ['a missing folder of a command', '    run: ls\n    cwd: nowhere\n', ['missing-folder 4:10 nowhere']],
  ['outputs that are no list', '    run: ls\n    outputs: x\n', ['wrong-value 4:14 x']],
  ['a breaker that never opens', '    run: ls\n    breaker: { failures: 0 }\n', ['bad-share 4:26 0']],
  ['a breaker beyond all', '    run: ls\n    breaker: { failures: 101% }\n', ['bad-share 4:26 101%']],
  ['a breaker that looks at nothing', '    run: ls\n    breaker: { of: 0 }\n', ['wrong-value 4:20 0']],
  ['a breaker that looks too far', '    run: ls\n    breaker: { of: 1001 }\n', ['wrong-value 4:20 1001']],
  ['an unknown key of a breaker', '    run: ls\n    breaker: { failure: 50% }\n', ['unknown-key 4:16 failure']],
  ['a code that is none', '    run: ls\n    retry: { never: [256] }\n', ['wrong-value 4:22 256']],
  ['a limit that is no size', '    run: ls\n    logLimit: lots\n', ['bad-size 4:15 lots']],
  ['a program that is not there', '    run: no-such-program-x {}\n', ['no-such-program? 3:10 no-such-program-x']],
  [
    'a program that is not in the PATH of the batch',
    '    run: ls {}\n    env: { PATH: /nowhere }\n',
    ['no-such-program? 3:10 ls'],
  ],
  [
    'a shell that is not there',
    '    run: ls\n    shell: no-such-shell-x -e\n',
    ['no-such-program? 4:12 no-such-shell-x'],
  ],
  ['braces of find', "    run: find . -name '*.o' -exec rm {} \\;\n", ['braces-of-another? 3:38 {}']],
  ['braces of xargs', '    run: ls | xargs -n1 -I{} cp {} x\n', ['braces-of-another? 3:27 {}']],
  ['a place of GNU parallel', '    run: cp {} {1}.bak\n', ['braces-of-another? 3:16 {1}']],
  ['`&>` in sh', '    run: make -j4 &> log\n', ['needs-bash? 3:19 &>']],
  ['`[[` in sh', '    run: if [[ -f x ]]; then ls; fi\n', ['needs-bash? 3:13 [[']],
])('%s is found where it stands', async (_, batch, problems) => {
  expect(await problemsOf(plan(batch))).toEqual(problems)
})

test.each([
  ['braces that are escaped', "    run: find {} -name '*.o' -exec rm {{}} +\n"],
  ['braces of the item behind those of find', '    run: find . -exec grep {} {{}} +\n'],
  ['an option of the same name of another program', '    run: docker exec {} ls; x -execute {}\n'],
  ['outputs in a folder for each item', '    items: [x, y]\n    run: ls\n    cwd: "{}"\n    outputs: [same]\n'],
  ['outputs of one item', '    run: ls\n    outputs: [same]\n'],
  ['`&>` and `[[` in bash', '    run: if [[ -f x ]]; then ls &> log; fi\n    shell: bash\n'],
  ['`&>` and `[[` in quotes', `    run: grep '[[ &> ' x | grep "\\" && [[ " ; ls a[[:alpha:]]\n`],
])('%s are as they should be', async (_, batch) => {
  expect(await problemsOf(plan(batch))).toEqual([])
})

test('a column that is called as a placeholder of ours is told where it is used', async () => {
  const files = { 't.csv': 'id,batch,#\nx,1,2\n' }
  const text = plan('    items: { csv: t.csv }\n    run: ls {id} {batch}\n    cwd: x{#}\n')
  expect(await problemsOf(text, { files })).toEqual(['hidden-column? 4:18 {batch}', 'hidden-column? 5:11 {#}'])
})

test('what may be a column, and is none, is told', async () => {
  const text = plan(
    '    items: { product: { seed: 1..3 } }\n    run: ls {sed} {print}\n    outputs: ["{other}/{seed}"]\n    cwd: "x{sead}"\n',
    '',
  )
  const found = await diagnosticsOf(text, { files: { 'x{sead}/x': '' } })
  expect(found.map(({ rule, line, column, length, hint }) => [rule, line, column, length, hint])).toEqual([
    ['unknown-column', 4, 13, 5, 'Did you mean `seed`?'],
    ['unknown-column', 5, 16, 7, 'The columns: seed.'],
    ['unknown-column', 6, 12, 6, 'Did you mean `seed`?'],
  ])
})

test('a command may come with a path, with shell syntax or from an item, and is not looked for', async () => {
  const text = '    items: [{ id: x, run: ./no/such }, { id: y, run: "no-such-x | y" }, { id: z, run: "{} x" }]\n'
  expect(await problemsOf(plan(text))).toEqual([])
})

test('items are listed in the folder of the plan where each runs in its own', async () => {
  const files = { 'd/x.txt': '', 'e/y.txt': '' }
  const { work, names } = await batchOf('    items: { glob: "*/*.txt" }\n    run: ls\n    cwd: "{//}"\n', { files })
  expect(names).toMatchObject({ names: ['d/x.txt', 'e/y.txt'] })
  expect(work).toMatchObject({ itemCwd: [{ slot: 'folder' }] })
})
