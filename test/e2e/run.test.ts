import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Gates } from '../helpers/gates.ts'
import { Box } from '../helpers/program.ts'

interface Line {
  readonly type: string
  readonly seq?: number
  readonly item?: string
  readonly batch?: string
  readonly attempt?: number
  readonly value?: unknown
  readonly reason?: { readonly kind: string; readonly message: string }
  readonly because?: { readonly kind: string; readonly id?: string }
  readonly exit?: number
  readonly outcome?: string
}

const SOON = { timeout: 15_000 }

let box: Box
let gates: Gates

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
})
afterEach(() => box.close())

const of = (lines: readonly Line[], type: string) => lines.filter((line) => line.type === type)

describe('a run from start to end', () => {
  test('every item ends once, values come with it, lines rise in number, the last one says how it ended', async () => {
    await gates.go('all', 'fine')
    const plan = await gates.plan('whole', {
      batches: gates.batch('a', 'US-001..US-020') + gates.batch('b', '[x, y]', ', needs: [a]'),
    })
    const { code, out, err } = await box.run('run', plan, '--json')
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
    expect({ code, err }).toMatchObject({ code: 0 })
    expect(
      of(lines, 'item.succeeded')
        .flatMap(({ item }) => item ?? [])
        .toSorted(),
    ).toEqual(
      [...Array.from({ length: 20 }, (_, place) => `US-${String(place + 1).padStart(3, '0')}`), 'x', 'y'].toSorted(),
    )
    expect(of(lines, 'item.succeeded').every(({ value }) => JSON.stringify(value) === '{"said":"fine"}')).toBe(true)
    const seqs = lines.flatMap(({ seq }) => (seq === undefined ? [] : [seq]))
    expect(seqs).toEqual(seqs.toSorted((left, right) => left - right))
    expect(lines[0]?.type).toBe('run.started')
    expect(lines.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded', exit: 0, succeeded: 22, left: 0 })
    expect(lines.findIndex(({ type, batch }) => type === 'batch.finished' && batch === 'a')).toBeLessThan(
      lines.findIndex(({ type, batch }) => type === 'batch.started' && batch === 'b'),
    )
  })

  test('a failed item fails the run, skips what needs it, and is retried as often as the plan says', async () => {
    await gates.go('all', 'fail')
    const plan = await gates.plan('failing', {
      head: 'retry: { attempts: 2, min: 10ms, max: 20ms }',
      batches:
        gates.batch('a', '[one]') +
        gates.batch('b', '[two]', ', needs: [a]') +
        gates.batch('c', '[three]', ', needs: [{ batch: a, when: ended }]'),
    })
    const { code, out } = await box.run('run', plan, '--json')
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
    expect(code).toBe(1)
    expect(of(lines, 'item.retrying')).toMatchObject([
      { item: 'one', attempt: 1, reason: { kind: 'threw', message: expect.stringContaining('told to fail') } },
      { item: 'three' },
    ])
    expect(of(lines, 'item.failed')).toMatchObject([
      { item: 'one', attempt: 2 },
      { item: 'three', attempt: 2 },
    ])
    expect(of(lines, 'item.skipped')).toMatchObject([{ item: 'two', because: { kind: 'need', id: 'a' } }])
    const runs = await readFile(`${box.folder}/runs.log`, 'utf8')
    expect(runs.split('\n').filter((line) => line.startsWith('one'))).toHaveLength(2)
  })

  test('no process is left when it has ended', async () => {
    await gates.go('all')
    const { code } = await box.run('run', await gates.plan('clean', { batches: gates.batch('a', '[x]') }), '--json')
    expect(code).toBe(0)
    await expect.poll(() => box.processes(), SOON).toEqual([])
  })

  test('an invalid plan starts nothing and names every problem with its place', async () => {
    const plan = await box.write(
      'bad.yaml',
      'name: bad\nbatches:\n  - { id: a, itemz: [x], task: ./none.ts }\n  - { id: a, task: ./noop.ts, needs: [z] }\n',
    )
    const { code, out } = await box.run('run', plan, '--json')
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line & { line: number; rule: string })
    expect(code).toBe(2)
    expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(['plan.invalid']))
    expect(lines.length).toBeGreaterThanOrEqual(3)
    expect(await box.processes()).toEqual([])
  })
})

test.each([
  [['--json', '--plain'], 'Say --json or --plain, not both.'],
  [['--json', '-q'], 'Say --json or --quiet, not both.'],
  [['-d', '--foreground'], 'Say --detach or --foreground, not both.'],
  [['--samples', '1s'], '--samples goes with --json or --events.'],
])('options of which one would be ignored are refused: %j', async (options, message) => {
  const plan = await gates.plan('both', { batches: gates.batch('a', '[x]') })
  const { code, out, err } = await box.run('run', plan, ...options)
  expect({ code, out, err: err.split('\n')[0] }).toEqual({ code: 2, out: '', err: `batchtop: ${message}` })
})

describe('steering', () => {
  test('the verbs agree about a live run, and about the same run once it has ended', async () => {
    const plan = await gates.plan('steered', { batches: gates.batch('a', '[x, y, z]') })
    const { out, code } = await box.run('run', plan, '-d')
    const run = out.trim()
    expect(code).toBe(0)
    await gates.began('x', 'y')
    const status = await box.json<{ run: string; state: string; running: number }>('status')
    expect(status).toMatchObject({ run, state: 'running', running: 2, queued: 1 })
    expect(await box.lines('ls')).toMatchObject([{ run, plan: 'steered' }])
    const items = await box.lines<{ item: string; state: string }>('items')
    expect(items.map(({ item, state }) => `${item} ${state}`)).toEqual(['x running', 'y running', 'z queued'])
    expect((await box.run('why', 'z')).out).toContain('z is in the queue')
    const waiting = box.start(['wait'])
    await gates.go('all')
    expect((await waiting.ended).code).toBe(0)
    expect(await box.json('status', '-R', run)).toMatchObject({ state: 'ended', succeeded: 3, exit: 0 })
    expect((await box.run('why', 'z', '-R', run)).out).toContain('z succeeded')
  })

  test('stop lets running items finish and leaves the rest; stop --now ends them without counting them', async () => {
    const plan = await gates.plan('stopped', { batches: gates.batch('a', '[x, y, z]') })
    const run = box.start(['run', plan, '--json'])
    await gates.began('x', 'y')
    await box.run('stop')
    await gates.go('x')
    await expect.poll(() => run.out(), SOON).toContain('"item":"x"')
    await box.run('stop', '--now')
    const { code, out } = await run.ended
    expect(code).toBe(3)
    const last = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Line
    expect(last).toMatchObject({ type: 'run.finished', outcome: 'stopped', succeeded: 1, failed: 0, left: 2, exit: 3 })
  })

  test('end, skip and retry do what they say to one item', async () => {
    const plan = await gates.plan('items', { threads: 1, batches: gates.batch('a', '[x, y, z]') })
    const run = box.start(['run', plan, '--json'])
    await gates.began('x')
    expect((await box.run('skip', 'z')).code).toBe(0)
    expect((await box.run('skip', 'nonsense')).code).toBe(4)
    expect((await box.run('end', 'x', '--now')).code).toBe(0)
    await gates.began('y')
    expect((await box.run('retry', 'x')).code).toBe(0)
    await gates.go('all')
    const { code, out } = await run.ended
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
    expect(code).toBe(0)
    expect(of(lines, 'item.failed')).toMatchObject([{ item: 'x', reason: { kind: 'user' } }])
    expect(of(lines, 'item.skipped')).toMatchObject([{ item: 'z', because: { kind: 'user' } }])
    expect(of(lines, 'item.succeeded').map(({ item }) => item)).toEqual(['y', 'x'])
  })

  test('a task that was mended while the run goes on is what a retry runs', async () => {
    await box.write('mended.ts', "export default function () { throw new Error('as first written') }\n")
    const plan = await gates.plan('mended', {
      threads: 1,
      batches: `  - { id: broken, items: [x, y], task: ./mended.ts, level: critical }\n${gates.batch('gate', '[z]')}`,
    })
    const run = box.start(['run', plan, '--json'])
    await gates.began('z')
    await box.write('mended.ts', "export default function () { return 'mended' }\n")
    expect((await box.run('retry', '--failed')).code).toBe(0)
    await gates.go('all')
    const { code, out } = await run.ended
    expect(code).toBe(0)
    expect(out).toContain('"value":"mended"')
  })

  test('more and fewer threads while it runs', async () => {
    const plan = await gates.plan('threads', { threads: 1, batches: gates.batch('a', '[x, y, z]') })
    await box.run('run', plan, '-d')
    await gates.began('x')
    expect((await box.run('threads', '+1')).code).toBe(0)
    await gates.began('y')
    expect((await box.run('threads', '1')).code).toBe(0)
    await gates.go('y')
    await expect.poll(async () => (await box.json<{ threads: unknown[] }>('status')).threads.length, SOON).toBe(1)
    expect(await gates.running()).toEqual(['x', 'y'])
    const waiting = box.start(['wait'])
    await gates.go('all')
    expect((await waiting.ended).code).toBe(0)
  })

  test('a second start of a live plan is refused with 75', async () => {
    const plan = await gates.plan('twice', { batches: gates.batch('a', '[x]') })
    await box.run('run', plan, '-d')
    const { code, err } = await box.run('run', plan, '--json')
    expect(code).toBe(75)
    expect(err).toContain('twice')
  })
})
