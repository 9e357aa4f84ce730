import { expect, test } from 'vitest'
import { diagnosticsOf, problemsOf } from './rig.ts'

/** A plan of one batch `a` with these further lines. */
const plan = (batch: string, top = '') => `${top}batches:\n  - id: a\n    task: ./tasks/a.ts\n${batch}`

/** Aliases of aliases of aliases: a million texts. */
const bomb = () => {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
  for (const [place, name] of ['b', 'c', 'd', 'e', 'f'].entries()) {
    lines.push(`${name}: &${name} [${Array(10).fill(`*${'abcde'[place]}`).join(',')}]`)
  }
  return `${lines.join('\n')}\nbatches: [{ id: a, task: tasks/a.ts, with: *f }]\n`
}

test.each([
  ['a key that nobody knows', plan('', 'treads: 6\n'), ['unknown-key 1:1 treads']],
  ['a field of a later version', plan('    uses: { db: 1 }\n'), ['not-yet 4:5 uses']],
  ['a line to act at that is none', plan('', 'memory: { act: 95 }\n'), ['bad-share 1:16 95']],
  ['a line to act at below half', plan('', 'memory: { act: 49% }\n'), ['bad-share 1:16 49%']],
  ['a line to act at that is too late', plan('', 'memory: { act: 100% }\n'), ['bad-share 1:16 100%']],
  ['an item larger than a thread', plan('    memory: 3GB\n', 'memory: { perThread: 2GB }\n'), ['over-cap 5:13 3GB']],
  ['a table that is missing', plan('    items: { csv: x.csv, id: name }\n'), ['missing-file 4:19 x.csv']],
  [
    'a need for a share',
    plan('    needs: [{ batch: a, progress: 50% }]\n'),
    ['cycle 4:12 [{ batch: a, progress: 50% }]', 'not-yet 4:25 progress'],
  ],
  ['a need for one item', plan('  - id: b\n    task: tasks/a.ts\n    needs: ["a:x"]\n'), ['not-yet 6:13 "a:x"']],
  ['a need for a gate', plan('    needs: [{ gate: g }]\n'), ['not-yet 4:15 gate']],
  ['too many threads', plan('', 'threads: 513\n'), ['wrong-value 1:10 513']],
  ['a wrong word', plan('    level: urgent\n'), ['wrong-value 4:12 urgent']],
  ['a bad size', plan('', 'memory: { reserve: lots }\n'), ['bad-size 1:20 lots']],
  ['a bad time', plan('    timeout: soon\n'), ['bad-time 4:14 soon']],
  ['a time of nothing', plan('    timeout: 0\n'), ['bad-time 4:14 0']],
  ['a bad range', plan('    items: US-5..US-1\n'), ['bad-range 4:12 US-5..US-1']],
  ['one name where a range is due', plan('    items: Ada\n'), ['bad-range 4:12 Ada']],
  ['an estimate that goes down', plan('    estimate: 5d..3d\n'), ['wrong-value 4:15 5d..3d']],
  ['an empty source of items', plan('    items: {}\n'), ['wrong-value 4:12 {}']],
  ['a need without a name', plan('    needs: [{ when: ended }]\n'), ['wrong-value 4:13 { when: ended }']],
  ['what JSON cannot say', plan('    with: { x: .nan }\n'), ['wrong-value 4:11 { x: .nan }']],
  ['a batch that is no map', plan('  - 7\n'), ['wrong-value 4:5 7']],
  ['no batches', 'name: x\n', ['missing-key 1:1 name: x']],
  ['an empty file', '', ['wrong-value 1:1 ']],
  ['a list of no batches', 'batches: []\n', ['wrong-value 1:10 []']],
  ['a batch without id', 'batches:\n  - task: tasks/a.ts\n', ['missing-key 2:5 task: tasks/a.ts']],
  ['a batch without anything to run', 'batches:\n  - id: a\n', ['missing-key 2:5 id: a']],
  ['an id with blanks', 'batches:\n  - { id: a b, task: tasks/a.ts }\n', ['bad-id 2:11 a b']],
  ['an id with a colon', 'batches:\n  - { id: "a:b", task: tasks/a.ts }\n', ['bad-id 2:11 "a:b"']],
  ['two batches of one name', plan('  - { id: a, task: tasks/a.ts }\n'), ['duplicate-id 4:11 a']],
  [
    'a batch named as a phase',
    plan('', 'phases: { list: [{ id: a }] }\n'),
    ['empty-phase? 1:24 a', 'duplicate-id 3:9 a'],
  ],
  ['an unknown phase', plan('    phase: week-1\n'), ['unknown-phase 4:12 week-1']],
  ['an unknown category', plan('    category: coer\n', 'priority: [core]\n'), ['unknown-category 5:15 coer']],
  ['a category twice', plan('', 'priority: [a, b, a]\n'), ['duplicate-category 1:18 a']],
  ['an unknown need', plan('    needs: [b]\n'), ['unknown-need 4:13 b']],
  ['an item twice', plan('    items: [x, y, { id: x }]\n'), ['duplicate-item 4:25 x']],
  ['a name with NUL', plan('    items: ["x\\0y"]\n'), ['bad-name 4:13 "x\\0y"']],
  ['a pattern without a number', plan('    items: { count: 3, name: row }\n'), ['bad-name 4:30 row']],
  ['waits that shrink', plan('', 'retry: { min: 5m }\n'), ['bad-retry 1:8 { min: 5m }']],
  ['checkpoints without a pause', plan('', 'checkpoint: 999ms\n'), ['bad-checkpoint 1:13 999ms']],
  ['threads that are not there', plan('    threads: [9]\n', 'threads: 2\n'), ['no-such-thread? 5:14 [9]']],
  ['only its threads, but which', plan('    threadsOnly: true\n'), ['threads-only 4:5 threadsOnly']],
  ['a variable with =', plan('    env: { "A=B": 1 }\n'), ['bad-env 4:12 "A=B"']],
  ['a variable that is set for each item', plan('    env: { BATCHTOP_RUN: 1 }\n'), ['bad-env 4:12 BATCHTOP_RUN']],
  ['an output with NUL', plan('    outputs: ["x\\0y"]\n'), ['bad-output 4:15 "x\\0y"']],
  ['an output of all items', plan('    items: [x, y]\n    outputs: [same, "{}"]\n'), ['shared-output? 5:15 same']],
  ['a missing folder', plan('    cwd: nowhere\n'), ['missing-folder 4:10 nowhere']],
  ['a missing list', plan('    items: { file: list.txt }\n'), ['missing-file 4:20 list.txt']],
  ['a phase without batches', plan('', 'phases: { list: [{ id: p }] }\n'), ['empty-phase? 1:24 p']],
  ['a key twice', plan('    title: x\n    title: y\n'), ['duplicate-key 5:5 title']],
  ['two documents', plan('---\nname: x\n'), ['one-document 4:1 ---']],
  ['a lost anchor', plan('    with: *gone\n'), ['yaml 4:11 *gone']],
  ['a value that holds itself', plan('    with: &a [*a]\n'), ['yaml 4:15 *a']],
  ['a batch merged with itself', 'batches:\n  - &x { <<: *x, id: a, task: tasks/a.ts }\n', ['yaml 2:14 *x']],
  ['an empty id', 'batches:\n  - { id: "", task: tasks/a.ts }\n', ['wrong-value 2:11 ""']],
  [
    'a file with a byte order mark',
    '\ufefftreads: 6\nbatches: [{ id: a, task: tasks/a.ts }]\n',
    ['unknown-key 1:1 treads'],
  ],
  ['more aliases than any plan needs', bomb(), ['yaml 1:1 a: &a [x,x,x,x,x,x,x,x,x,x]']],
  ['broken YAML', plan('    with: [1, 2\n    title: x\n'), ['yaml 5:5 t']],
  ['a pattern of too many items', plan('    items: { count: 1000000000000 }\n'), ['too-many-items 1:1 batches']],
])('%s is found where it stands', async (_, text, problems) => {
  expect(await problemsOf(text)).toEqual(problems)
})

test.each([
  ['a missing module', 'tasks/aa.ts', {}, 'missing-task', 'Did you mean `tasks/a.ts`?'],
  ['a folder', 'tasks', {}, 'missing-task', ''],
  ['a file of another kind', 'x.py', { 'x.py': '' }, 'task-kind', ''],
  ['an enum', 'e.ts', { 'e.ts': 'enum A { x }\nexport default A' }, 'task-types', ''],
  ['broken TypeScript', 'e.mts', { 'e.mts': 'const = 1' }, 'task-types', ''],
  [
    'CommonJS',
    'c/a.ts',
    { 'c/a.ts': '', 'c/package.json': '{}' },
    'task-kind',
    'Name it a.mts, or say so in a package.json.',
  ],
  ['types under node_modules', 'node_modules/x/a.mts', { 'node_modules/x/a.mts': '' }, 'task-kind', ''],
])('a task that is %s is refused', async (_, task, files: Record<string, string>, rule, hint) => {
  const found = await diagnosticsOf(`batches:\n  - id: a\n    task: ${task}\n`, { files })
  expect(found).toMatchObject([{ rule, line: 3, column: 11, length: task.length }])
  expect(found[0]?.hint ?? '').toContain(hint)
})

test('an .mts module needs no package.json, nor does JavaScript', async () => {
  const files = { 'c/package.json': '{}', 'c/a.mts': 'export default 1', 'c/a.js': '' }
  expect(await problemsOf('batches:\n  - { id: a, task: c/a.mts }\n  - { id: b, task: c/a.js }\n', { files })).toEqual(
    [],
  )
})

test('one wrong field does not hide the others', async () => {
  const text = `treads: 6
threads: many
phases: { ordered: true }
batches:
  - id: a b
    task: 7.5
    items: { glob: 3, nme: 4 }
    estimate: { itm: 3s }
    needs: [nobody, { batch: nobody, gate: g }, [x]]
  - title: no id
    threads: [1, 0]
    phase: [x]
  - task: tasks/none.ts
    id: c
    items: [x, { wth: 1 }, x]
`
  expect(await problemsOf(text)).toEqual([
    'unknown-key 1:1 treads',
    'wrong-value 2:10 many',
    'missing-key 3:9 { ordered: true }',
    'bad-id 5:9 a b',
    'missing-task 6:11 7.5',
    'unknown-key 7:23 nme',
    'unknown-key 8:17 itm',
    'unknown-need 9:13 nobody',
    'unknown-need 9:21 { batch: nobody, gate: g }',
    'not-yet 9:38 gate',
    'wrong-value 9:49 [x]',
    'missing-key 10:5 title: no id',
    'missing-key 10:5 title: no id',
    'wrong-value 11:18 0',
    'wrong-value 12:12 [x]',
    'missing-task 13:11 tasks/none.ts',
    'unknown-key 15:18 wth',
    'duplicate-item 15:28 x',
  ])
})

test('a mistake that is merged into several batches is told once', async () => {
  const text = 'batches:\n  - &a\n    id: a\n    task: tasks/a.ts\n    tmeout: 3s\n  - { <<: *a, id: b }\n'
  expect(await problemsOf(text)).toEqual(['unknown-key 5:5 tmeout'])
})

test('what a hint suggests is there', async () => {
  const found = await diagnosticsOf(plan('    uses: { db: 1 }\n    needs: [A]\n    tasks: x\n'))
  expect(found.map(({ message, hint }) => `${message} ${hint}`)).toEqual([
    '`uses` is not in this version of batchtop yet. Take it out for now.',
    'There is no batch or phase `A`. Did you mean `a`?',
    '`tasks` is not known here. Did you mean `task`?',
  ])
})

test('checkpoints that are too close are told what would do', async () => {
  const [found] = await diagnosticsOf(plan('', 'checkpoint: 200ms\n'))
  expect(`${found?.message} ${found?.hint}`).toContain('at least 1 s apart. Say 1s or more')
  expect(await problemsOf(plan('', 'checkpoint: 1s\n'))).toEqual([])
})

test('files with CRLF have the same places, and lines without the CR', async () => {
  const found = await diagnosticsOf(plan('    level: urgent\n    title: x\n').replaceAll('\n', '\r\n'))
  expect(found).toMatchObject([{ line: 4, column: 12, length: 6, text: '    level: urgent' }])
})
