/** Undos and breakers in the built program: real commands, real deaths of the supervisor. */
import { readdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Box } from '../helpers/program.ts'

const SOON = { timeout: 15_000 }

let box: Box

beforeEach(async () => {
  box = await Box.open()
})
afterEach(() => box.close())

/** Lines of a file that commands write to; none where it is not there. */
const linesOf = async (name: string) => {
  const text = await readFile(`${box.folder}/${name}`, 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}

async function killSupervisor(): Promise<void> {
  const [run = ''] = await readdir(`${box.stateDir}/runs`)
  const { pid } = JSON.parse((await linesOf(`state/runs/${run}/run.json`)).join('\n')) as { pid: number }
  process.kill(pid, 'SIGKILL')
  await expect.poll(async () => (await box.run('status')).out, SOON).toContain('interrupted')
  // What it ran does not hear any more that it may go on.
  await expect.poll(() => box.processes(), SOON).toEqual([])
}

/** One thread; `b` fails, and is undone by a command that waits for the file `go`. */
const waiting = () =>
  box.write(
    'plan.yaml',
    `name: undo
threads: 1
batches:
  - id: make
    items: [a, b, c]
    run: echo {} >>runs.log; test {} != b
    undo: echo begin {} >>undos.log; until test -e go; do sleep 0.02; done; echo end {} >>undos.log
`,
  )

test('what failed is undone by its command, whose output and end can be read', async () => {
  const path = await box.write(
    'plan.yaml',
    `name: undo
threads: 2
batches:
  - id: make
    items: [a, b, c, d]
    run: touch made-{}; case {} in b|d) exit 3;; esac
    undo: echo taking back {}; rm made-{}; test {} != d
  - id: look
    needs: [{ batch: make, when: ended }]
    run: echo made-*
`,
  )
  const { code, out, err } = await box.run('run', path, '--plain', '--foreground')
  expect(code).toBe(1)
  expect(`${out}${err}`).toMatch(/not undone: d: batchtop log d --undo -R/)
  expect((await box.run('log', 'look')).out).toBe('made-a made-c\n')
  const undo = await box.run('log', 'b', '--undo')
  expect([undo.out, undo.err]).toEqual([
    'taking back b\n',
    expect.stringMatching(/undo of attempt 1 of b on thread \d: succeeded/),
  ])
  expect((await box.run('why', 'd')).out).toContain('Its undo failed: exit 1.')
  const items = await box.lines<{ item: string; undo?: object }>('items', '--json', '--state', 'failed')
  expect(items.map(({ item, undo: known }) => [item, known])).toEqual([
    ['b', { state: 'undone' }],
    ['d', { state: 'failed', reason: { kind: 'exit', message: 'exit 1', code: '1' } }],
  ])
})

test('an undo under which the supervisor died runs again, before what is left', async () => {
  await box.run('run', await waiting(), '--detach')
  await expect.poll(() => linesOf('undos.log'), SOON).toEqual(['begin b'])
  expect((await box.run('why', 'b')).out).toContain('It is being undone on thread 1.')
  expect((await box.run('retry', 'b')).err).toContain('b is being undone right now.')
  await killSupervisor()
  expect((await box.run('why', 'b')).out).toContain('What it did is still to be undone.')
  await box.write('go', '')
  expect((await box.run('recover', '--plain', '--foreground')).code).toBe(1)
  expect(await linesOf('undos.log')).toEqual(['begin b', 'begin b', 'end b'])
  expect(await linesOf('runs.log')).toEqual(['a', 'b', 'c'])
})

test('an undo that a stop ended is left for a recovery, also where nothing else is', async () => {
  const path = await waiting()
  await box.run('run', path, '--detach', '--only', 'make')
  await expect.poll(() => linesOf('undos.log'), SOON).toEqual(['begin b'])
  await box.run('skip', 'c')
  await box.run('stop', '--now')
  expect((await box.run('wait')).code).toBe(3)
  expect(await box.json('status')).toMatchObject({ outcome: 'stopped', batches: [{ state: 'left', toUndo: 1 }] })
  await box.write('go', '')
  expect((await box.run('recover', '--plain', '--foreground')).code).toBe(1)
  expect(await linesOf('undos.log')).toEqual(['begin b', 'begin b', 'end b'])
})

test('a batch that only fails stands still, until a person says that it may go on', async () => {
  const path = await box.write(
    'plan.yaml',
    `name: breaker
threads: 2
retry: { attempts: 30, min: 10ms, max: 20ms }
batches:
  - id: api
    items: { count: 8, name: "call-{}" }
    run: echo {} >>tries.log; test -e fixed
    breaker: { failures: 50%, of: 6, wait: 1h }
`,
  )
  await box.run('run', path, '--detach')
  const status = () => box.json<{ batches: { state: string; breaker?: { of: number } }[] }>('status')
  await expect.poll(async () => (await status()).batches[0]?.breaker?.of, SOON).toBe(6)
  await expect.poll(async () => (await status()).batches[0]?.state, SOON).toBe('waiting')
  const tried = (await linesOf('tries.log')).length
  expect((await box.run('why', 'call-8')).out).toMatch(
    /Batch api waits \d+ s more: its breaker is open, \d of its last 6 attempts failed\./,
  )
  await box.write('fixed', '')
  expect((await box.run('resume', '--batch', 'api')).out).toContain('whose breaker was open')
  expect((await box.run('wait')).code).toBe(0)
  expect((await linesOf('tries.log')).length).toBe(tried + 8)
})
