/** The governor with real tasks and real memory, in numbers small enough for any machine. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Program } from '../helpers/program.ts'
import { Box } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'

let box: Box

beforeEach(async () => {
  box = await Box.open()
  await box.write('hoard.ts', HOARD)
})
afterEach(() => box.close())

/** An item `heap-90` holds 90 MB of objects, `buffers-` of Buffers, `map-` in one Map; `dead-` lets them go and waits for a file. */
const HOARD = `
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
const MB = 2 ** 20
const makers = {
  buffers: () => Buffer.alloc(MB, 1),
  dead: () => Buffer.alloc(MB, 1),
  heap: () => Array.from({ length: 10_000 }, (_, index) => ({ index, list: [index, String(index)] })),
}
function fill(item, context, size) {
  const [kind] = item.id.split('-')
  const held = []
  const map = new Map()
  for (let step = 0; step < size; step += 1) {
    if (kind === 'map') for (let index = 0; index < 20_000; index += 1) map.set(step * 20_000 + index, index)
    else held.push(makers[kind]())
    if (context.with?.pace) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, context.with.pace)
    if (item.id.includes('-deaf') === false) context.tick()
  }
  return held.length + map.size
}
/** Items that are to grow slowly begin when three are there. */
function gather(item, { with: options, tick }) {
  writeFileSync(options.folder + '/began-' + item.id, '')
  while (readdirSync(options.folder).filter((name) => name.startsWith('began-')).length < 3) tick()
}
export default function (item, context) {
  const [kind, size] = item.id.split('-')
  if (context.with?.pace) gather(item, context)
  fill(item, context, Number(size))
  if (kind !== 'dead') return
  writeFileSync(context.with.folder + '/' + item.id, '')
  while (!existsSync(context.with.folder + '/go')) context.tick()
}
`

interface Line {
  readonly type: string
  readonly item?: string
  readonly stage?: string
  readonly attempt?: number
  readonly reason?: { readonly kind: string; readonly message: string; readonly peak?: number; readonly cap?: number }
}

const linesOf = (out: string) =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)

async function ended(run: Program): Promise<{ readonly code: number | null; readonly lines: readonly Line[] }> {
  const { code, out, err } = await run.ended
  if (out === '') throw new Error(err)
  return { code, lines: linesOf(out) }
}

const of = (lines: readonly Line[], type: string) => lines.filter((line) => line.type === type)

test('items that take more than a thread may have fail with that sentence, and cost nobody else anything', async () => {
  const plan = await box.write(
    'large.yaml',
    `name: large
threads: 3
memory: { perThread: 150MB, reserve: 200MB, total: 1GB }
batches:
  - id: a
    task: ./hoard.ts
    items: [heap-600-a, map-500-b, buffers-20-c, heap-20-d, map-10-e, buffers-400-f, buffers-20-g, buffers-400-deaf, buffers-20-h]
`,
  )
  const { code, lines } = await ended(box.start(['run', plan, '--json']))
  expect(code).toBe(1)
  const failed = of(lines, 'item.failed')
  expect(failed.map(({ item = '' }) => item).toSorted()).toEqual([
    'buffers-400-deaf',
    'buffers-400-f',
    'heap-600-a',
    'map-500-b',
  ])
  for (const { reason } of failed) {
    // The kernel may end it before anybody has seen how much it took: then nobody says what it needs.
    const isSeen = reason?.cap !== undefined
    expect(reason).toMatchObject({ kind: 'memory', ...(isSeen ? { cap: 150 * 2 ** 20 } : {}) })
    expect(reason?.message).toMatch(isSeen ? /^needs more than the 150 MB of a thread: / : /the kernel ended/)
  }
  const succeeded = of(lines, 'item.succeeded')
  expect(succeeded.map(({ attempt }) => attempt)).toEqual(succeeded.map(() => 1))
  expect(succeeded).toHaveLength(5)
})

test('three that grow together where there is room for two all succeed at once, and nothing of them is thrown away', async () => {
  const plan = await box.write(
    'tight.yaml',
    `name: tight
threads: 3
memory: { perThread: 300MB, reserve: 200MB, total: 1100MB }
batches:
  - { id: a, task: ./hoard.ts, with: { pace: 4, folder: ${JSON.stringify(box.folder)} }, items: [buffers-235-a, buffers-235-b, buffers-235-c, buffers-235-d, buffers-235-e] }
`,
  )
  const { code, lines } = await ended(box.start(['run', plan, '--json']))
  expect(code).toBe(0)
  expect(of(lines, 'item.succeeded').map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1])
  const stages = of(lines, 'governor.acted').map(({ stage }) => stage)
  // What it needed to do depends on how far they got between two looks.
  expect(stages.length).toBeGreaterThan(0)
  expect(stages.filter((stage) => stage === 'kill' || stage === 'requeue')).toEqual([])
})

test('reclaim says what it gave, why says what an item waits for, and status who keeps the caps', async () => {
  const plan = await box.write(
    'waits.yaml',
    `name: waits
threads: 2
memory: { perThread: 300MB, reserve: 200MB, total: 800MB }
batches:
  - { id: garbage, task: ./hoard.ts, memory: 290MB, with: { folder: ${JSON.stringify(box.folder)} }, items: [dead-150] }
  - { id: large, task: ./hoard.ts, memory: 300MB, items: [buffers-20] }
`,
  )
  const run = box.start(['run', plan, '--json'])
  await until(() => existsSync(`${box.folder}/dead-150`), { instead: () => run.out() + run.err() })
  const sampled = async () => (await box.run('status')).out
  await until(async () => /caps backed by/.test(await sampled()), { instead: () => run.out() })
  expect((await box.run('why', 'buffers-20')).out).toMatch(/waits for memory: needs 300 MB, .* free\./)
  expect((await box.run('reclaim')).out).toMatch(/Gave back \d.* MB: .* → .* MB\./)
  await writeFile(`${box.folder}/go`, '')
  const { code, lines } = await ended(run)
  expect(code).toBe(0)
  expect(of(lines, 'item.succeeded').map(({ item }) => item)).toEqual(['dead-150', 'buffers-20'])
})
