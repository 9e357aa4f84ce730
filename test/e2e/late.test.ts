/** Late batches in the built program: real listings, real deaths of the supervisor. */
import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Box } from '../helpers/program.ts'

interface ItemLine {
  readonly item: string
  readonly number: number
  readonly batch: string
  readonly state: string
}

const SOON = { timeout: 15_000 }

let box: Box

beforeEach(async () => {
  box = await Box.open()
})
afterEach(() => box.close())

const text = (name: string) => readFile(`${box.folder}/${name}`, 'utf8')

/** Waits until a command has written a line into a file. */
async function appears(name: string): Promise<void> {
  await expect.poll(() => text(name).catch(() => ''), SOON).toMatch(/\n$/)
}

async function killSupervisor(): Promise<void> {
  const [run = ''] = await readdir(`${box.stateDir}/runs`)
  const { pid } = JSON.parse(await text(`state/runs/${run}/run.json`)) as { pid: number }
  process.kill(pid, 'SIGKILL')
  await expect.poll(async () => (await box.run('status')).out, SOON).toContain('interrupted')
  // What it ran does not hear any more that it may go on.
  await expect.poll(() => box.processes(), SOON).toEqual([])
}

const itemsOf = async () =>
  (await box.lines<ItemLine>('items')).map(({ number, batch, item, state }) => `${number} ${batch}:${item} ${state}`)

/** A batch that makes files, and one that uses those that git knows then. */
const plan = (listing: string, use: string) =>
  box.write(
    'plan.yaml',
    `name: late
threads: 2
batches:
  - id: make
    items: [b, a]
    run: mkdir -p made; echo {} >made/{}.txt; git add made/{}.txt; echo {} >>made.log
    parallel: 1
  - id: use
    needs: [make]
    items: { command: '${listing}', late: true }
    run: ${use}
  - id: other
    items: [x]
    run: 'true'
`,
  )

async function git(): Promise<void> {
  await box.write('.gitignore', 'state\n')
  execFileSync('git', ['init', '--quiet'], { cwd: box.folder })
}

test('items that an earlier batch makes are listed after it, and again where the supervisor died before they were known', async () => {
  await git()
  const path = await plan(
    'echo $$ >>listings; until test -e go; do sleep 0.02; done; git ls-files made',
    'echo {/.} >>used.log',
  )
  await box.run('run', path, '--detach')
  await appears('listings')
  await expect
    .poll(() => box.json('status'), SOON)
    .toMatchObject({
      total: 3,
      succeeded: 3,
      unlisted: 1,
      batches: [{ id: 'make' }, { id: 'use', total: 0, listed: false }, { id: 'other' }],
    })
  const listing = Number(await text('listings'))
  await killSupervisor()
  // What lists does not outlive who asked for it.
  await expect.poll(() => isAlive(listing), SOON).toBe(false)
  expect(await itemsOf()).toEqual(['1 make:b succeeded', '2 make:a succeeded', '3 other:x succeeded'])
  await box.write('go', '')
  const { code, out } = await box.run('recover', '--json')
  expect([code, out.match(/"type":"batch.listed"/g)?.length]).toEqual([0, 1])
  expect(await itemsOf()).toEqual([
    '1 make:b succeeded',
    '2 make:a succeeded',
    '4 use:made/a.txt succeeded',
    '5 use:made/b.txt succeeded',
    '3 other:x succeeded',
  ])
  expect([await text('made.log'), (await text('used.log')).split('\n').toSorted()]).toEqual(['b\na\n', ['', 'a', 'b']])
  expect((await text('listings')).trimEnd().split('\n')).toHaveLength(2)
})

test('once listed, items are what they were, whoever dies and whatever is there by then', async () => {
  await git()
  const path = await plan(
    'git ls-files made',
    'echo {/.} >>begun; until test -e go; do sleep 0.02; done; echo {/.} >>used.log',
  )
  await box.run('run', path, '--detach')
  await appears('begun')
  const before = (await itemsOf()).map((line) => line.split(' ').slice(0, 2))
  await box.run('checkpoint')
  await killSupervisor()
  await box.write('made/0.txt', '')
  await box.write('go', '')
  expect((await box.run('recover', '--plain')).code).toBe(0)
  expect((await itemsOf()).map((line) => line.split(' ').slice(0, 2))).toEqual(before)
  expect((await text('used.log')).split('\n').toSorted()).toEqual(['', 'a', 'b'])
  const log = await box.run('log', 'made/a.txt')
  expect([log.code, log.err]).toEqual([0, expect.stringContaining('attempt 2 of made/a.txt')])
  const why = await box.run('why', '@4')
  expect(why.out).toContain('made/a.txt succeeded')
})

test('a listing that does not work ends the run with exit 1, and a retry of the run that is over lists again', async () => {
  await git()
  const path = await plan('test -e go || { echo not yet >&2; exit 3; }; git ls-files made', 'echo {/.} >>used.log')
  const { code, out } = await box.run('run', path, '--plain')
  expect([code, out]).toEqual([1, expect.stringMatching(/use failed: setup: .*exit 3.*not yet/)])
  await box.write('go', '')
  expect((await box.run('retry', 'use')).out).toContain('use is back in the queue')
  await expect.poll(async () => (await box.run('status')).out, SOON).toContain('succeeded (exit 0)')
  expect((await text('used.log')).split('\n').toSorted()).toEqual(['', 'a', 'b'])
  expect(await text('made.log')).toBe('b\na\n')
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
