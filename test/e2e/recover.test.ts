import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Gates } from '../helpers/gates.ts'
import { BIN, Box } from '../helpers/program.ts'
import { Pty } from '../helpers/pty.ts'
import { until } from '../helpers/until.ts'

let box: Box
let gates: Gates
let open: Pty[]

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
  open = []
})
afterEach(async () => {
  for (const pty of open) pty.kill()
  await box.close()
})

interface Line {
  readonly type: string
  readonly seq?: number
  readonly item?: string
  readonly attempt?: number
}

const fileOf = (name: string) => readFile(join(box.folder, name), 'utf8').catch(() => '')

/** What ran, as `item attempt epoch`, in the order of their beginning. */
async function ran(): Promise<readonly string[]> {
  const lines = (await fileOf('runs.log')).split('\n').filter(Boolean)
  return lines.map((line) => {
    const [item, attempt, , epoch] = line.split(' ')
    return `${item} ${attempt} ${epoch}`
  })
}

const lastOf = (text: string) => text.trimEnd().split('\n').at(-1) ?? ''
const linesOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)

async function runs(): Promise<readonly string[]> {
  return await readdir(join(box.stateDir, 'runs'))
}

async function infoOf(
  run: string,
): Promise<{ readonly pid: number; readonly options: object; readonly epoch: number }> {
  return JSON.parse(await readFile(join(box.stateDir, 'runs', run, 'run.json'), 'utf8')) as Awaited<
    ReturnType<typeof infoOf>
  >
}

/** Starts a plan in the background. @returns the run's id */
async function start(plan: string, ...options: readonly string[]): Promise<string> {
  const { out, err, code } = await box.run('run', plan, '-d', ...options)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out.trim()
}

/** As a power cut would, for whoever looks from outside: nothing of the run is left. */
async function kill(run: string): Promise<void> {
  process.kill((await infoOf(run)).pid, 'SIGKILL')
  let left: readonly number[] = []
  await until(async () => (left = await box.processes()).length === 0, {
    instead: () => `processes ${left.join(', ')}`,
  })
}

/** An item is reported once it is counted. */
async function succeeded(run: string, count: number): Promise<void> {
  const state = async () => (await box.json<{ succeeded: number }>('status', '-R', run)).succeeded
  await expect.poll(state, { timeout: 15_000 }).toBe(count)
}

/** A run of x, y, z, last on two threads: x is done, y and z are running when its supervisor is killed. */
async function interrupted(name: string, ...options: readonly string[]): Promise<{ run: string; plan: string }> {
  const plan = await gates.plan(name, { batches: gates.batch('a', '[x, y, z, last]') })
  const run = await start(plan, ...options)
  await gates.go('x')
  await gates.began('x', 'y', 'z')
  await succeeded(run, 1)
  await kill(run)
  return { run, plan }
}

function screen(...args: readonly string[]): Pty {
  const pty = new Pty([process.execPath, BIN, ...args], { cwd: box.folder, env: box.env() })
  open.push(pty)
  return pty
}

describe('an interrupted run', () => {
  test('goes on with what was not reported: attempts and epoch rise, one line says what was found', async () => {
    const { run } = await interrupted('goes-on')
    await gates.go('all')
    const { code, out, err } = await box.run('recover')
    expect(code).toBe(0)
    expect(err).toBe(`run ${run} recovered: 1 done, 2 requeued, 0 new, 0 gone\n`)
    expect(lastOf(out)).toContain(`run ${run} of goes-on succeeded`)
    expect(out).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}run ${run} of goes-on goes on .*: run recovered`))
    expect((await ran()).toSorted()).toEqual(['last 1 2', 'x 1 1', 'y 1 1', 'y 2 2', 'z 1 1', 'z 2 2'])
    expect(await runs()).toEqual([run])
    expect(await box.json('status')).toMatchObject({ state: 'ended', succeeded: 4, outcome: 'succeeded' })
  })

  test('says nothing of the past in JSON lines, which begin with its recovery', async () => {
    await interrupted('json')
    await gates.go('all')
    const { out, code } = await box.run('recover', '--json')
    expect(code).toBe(0)
    const lines = linesOf(out)
    expect(lines[0]).toMatchObject({
      type: 'run.recovered',
      plan: 'json',
      items: 4,
      threads: 2,
      succeeded: 1,
      requeued: 2,
      new: 0,
      gone: 0,
      paused: 0,
    })
    const ended = lines.filter(({ type }) => type === 'item.succeeded').map(({ item, attempt }) => `${item} ${attempt}`)
    expect(ended.toSorted()).toEqual(['last 1', 'y 2', 'z 2'])
    expect(lines.at(-1)).toMatchObject({ type: 'run.finished', exit: 0, succeeded: 4 })
  })

  test('keeps the options of its start, unless they are given anew', async () => {
    const { run } = await interrupted('options', '--retries', '3', '-j', '2', '--output', 'out.log')
    await box.run('recover', '-d', '-j', '1')
    expect(await infoOf(run)).toMatchObject({
      epoch: 2,
      options: { retries: 3, threads: '1', output: join(box.folder, 'out.log') },
    })
    expect(await box.json<{ threads: unknown[] }>('status')).toMatchObject({ threads: { length: 1 } })
    await gates.go('all')
    await box.run('wait')
    await expect.poll(() => fileOf('out.log')).toContain(`run ${run} of options succeeded`)
    const text = await fileOf('out.log')
    expect(text.match(/ started /g)).toHaveLength(1)
    expect(text.match(/run recovered/g)).toHaveLength(1)
  })

  test('threads that a person paused stay paused, and that is said', async () => {
    const plan = await gates.plan('paused', { batches: gates.batch('a', '[x, y, z]') })
    const run = await start(plan)
    await gates.began('x', 'y')
    expect((await box.run('pause', '--thread', '1')).code).toBe(0)
    await kill(run)
    const { out, err, code } = await box.run('recover', '-d')
    expect({ code, out }).toEqual({ code: 0, out: `${run}\n` })
    expect(lastOf(err)).toBe(
      `run ${run} recovered: 0 done, 2 requeued, 0 new, 0 gone; 1 thread is still paused: batchtop resume`,
    )
    const { threads } = await box.json<{ threads: { state: string; pausedBy?: string }[] }>('status')
    expect(threads[0]).toMatchObject({ state: 'paused', pausedBy: 'user' })
    await gates.go('all')
    await succeeded(run, 3)
    expect(new Set((await ranOn()).slice(2))).toEqual(new Set(['2']))
  })

  test('is named where it is looked at', async () => {
    const { run } = await interrupted('named')
    expect((await box.run('status')).err).toContain(`batchtop recover ${run}`)
    expect((await box.run('ls')).err).toContain(`batchtop recover ${run}`)
    expect(await box.run('attach')).toMatchObject({ code: 4, err: expect.stringContaining(`batchtop recover ${run}`) })
    expect(await box.run('attach', run)).toMatchObject({
      code: 4,
      err: expect.stringContaining(`batchtop recover ${run}`),
    })
    expect(await box.run('wait', run)).toMatchObject({
      code: 3,
      err: expect.stringContaining(`batchtop recover ${run}`),
    })
  })

  test('whoever watches when its supervisor is lost is told how to go on', async () => {
    const plan = await gates.plan('watched', { batches: gates.batch('a', '[x]') })
    const watching = box.start(['run', plan, '--plain'])
    await gates.began('x')
    const [run = ''] = await runs()
    process.kill((await infoOf(run)).pid, 'SIGKILL')
    const { code, err } = await watching.ended
    expect(code).toBe(3)
    expect(err).toContain(`\`batchtop recover ${run}\` goes on with it.`)
  })
})

/** Threads that what ran stood on. */
async function ranOn(): Promise<readonly string[]> {
  const lines = (await fileOf('runs.log')).split('\n').filter(Boolean)
  return lines.map((line) => line.split(' ')[2] ?? '')
}

describe('where the plan has changed', () => {
  test('items are matched by name: one that was put first runs, those behind it do not run again, one is gone', async () => {
    const { run } = await interrupted('grown')
    await gates.plan('grown', { batches: gates.batch('a', '[first, x, y, z]') })
    await gates.go('all')
    const { code, err } = await box.run('recover', '--plain')
    expect({ code, err }).toEqual({ code: 0, err: `run ${run} recovered: 1 done, 2 requeued, 1 new, 1 gone\n` })
    expect((await ran()).toSorted()).toEqual(['first 1 2', 'x 1 1', 'y 1 1', 'y 2 2', 'z 1 1', 'z 2 2'])
  })

  test('ended items that would run something else start nothing, unless somebody says what becomes of them', async () => {
    const { run, plan } = await interrupted('changed')
    await box.write('changed.yaml', (await fileOf('changed.yaml')).replace('with: {', 'with: { more: 1,'))
    const before = await infoOf(run)
    const { code, out, err } = await box.run('recover')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('1 item that has ended would run something else')
    expect(err).toContain('--changed rerun')
    expect(err).toContain('--changed keep')
    expect(await infoOf(run)).toEqual(before)
    expect(await box.processes()).toEqual([])
    await gates.go('all')
    expect((await box.run('run', plan, '--recover', '--changed', 'keep')).code).toBe(0)
    expect((await ran()).filter((line) => line.startsWith('x'))).toEqual(['x 1 1'])
  })

  test('they run again where that is what was said', async () => {
    const { run } = await interrupted('rerun')
    await box.write('rerun.yaml', (await fileOf('rerun.yaml')).replace('with: {', 'with: { more: 1,'))
    await gates.go('all')
    const { code, err } = await box.run('recover', '--changed', 'rerun')
    expect({ code, err }).toEqual({ code: 0, err: `run ${run} recovered: 0 done, 3 requeued, 0 new, 0 gone\n` })
    expect((await ran()).filter((line) => line.startsWith('x'))).toEqual(['x 1 1', 'x 2 2'])
  })

  test('a plan file that is gone is no reason to stop: the run has a copy of it', async () => {
    const { run, plan } = await interrupted('gone')
    await rm(plan)
    await gates.go('all')
    const { code, err } = await box.run('recover')
    expect(code).toBe(0)
    expect(err).toContain(`${plan} is gone: going on with the copy of it that run ${run} keeps.`)
    expect(await ran()).toHaveLength(6)
  })

  test('a plan of another name is another plan, and one with problems is told them', async () => {
    await interrupted('name')
    const text = await fileOf('name.yaml')
    await box.write('name.yaml', text.replace('name: name', 'name: other'))
    expect(await box.run('recover')).toMatchObject({ code: 2, err: expect.stringContaining('is called other now') })
    await box.write('name.yaml', text.replace('threads: 2', 'treads: 2'))
    expect(await box.run('recover')).toMatchObject({ code: 2, err: expect.stringContaining('`treads` is not known') })
    expect(await box.processes()).toEqual([])
  })
})

describe('a run that ended', () => {
  test('goes on where it was stopped', async () => {
    const plan = await gates.plan('stopped', { threads: 1, batches: gates.batch('a', '[x, y, z]') })
    const run = await start(plan)
    await gates.began('x')
    await box.run('stop')
    await gates.go('x')
    expect((await box.run('wait', run)).code).toBe(3)
    await gates.go('all')
    expect(await box.run('recover', '--json')).toMatchObject({
      code: 0,
      err: expect.stringContaining('1 done, 0 requeued'),
    })
    expect(await ran()).toEqual(['x 1 1', 'y 1 2', 'z 1 2'])
  })

  test('has nothing left to go on with when all of it has ended; what failed is retried in the background', async () => {
    await gates.go('y', 'fail')
    await gates.go('all')
    const plan = await gates.plan('failed', {
      batches: gates.batch('a', '[x, y]') + gates.batch('b', '[z]', ', needs: [a]'),
    })
    expect((await box.run('run', plan, '--plain', '--events', 'events.jsonl')).code).toBe(1)
    const [run = ''] = await runs()
    expect(await box.run('recover', run)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`batchtop retry --failed -R ${run}`),
    })
    await gates.go('y', 'mended')
    expect(await box.run('retry', 'y', '-R', run)).toMatchObject({
      code: 0,
      out: 'y is back in the queue.\n',
      err: expect.stringContaining(`run ${run} goes on: batchtop attach ${run}`),
    })
    expect((await box.run('wait', run)).code).toBe(0)
    expect((await ran()).toSorted()).toEqual(['x 1 1', 'y 1 1', 'y 2 2', 'z 1 2'])
    expect(await box.run('retry', '--failed', '-R', run)).toMatchObject({ code: 0, out: 'No item has failed.\n' })
    expect(await box.run('retry', 'x', '-R', run)).toMatchObject({ code: 2 })
    expect(await box.run('retry', 'nobody', '-R', run)).toMatchObject({ code: 4 })
    await expect.poll(() => fileOf('events.jsonl')).toMatch(/"item":"z".*\n(.*\n)*.*"run.finished"/)
  })
})

describe('a plan that is started again', () => {
  test('where nobody can be asked, an interrupted run is no new one: exit 2 with both ways', async () => {
    const { run, plan } = await interrupted('asked')
    const { code, err, out } = await box.run('run', plan)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`The last run of asked, ${run}, was interrupted.`)
    expect(err).toContain('--recover')
    expect(err).toContain('--new')
    expect(await runs()).toEqual([run])
  })

  test('--new starts another run, --recover goes on with the newest if it was interrupted', async () => {
    const { run, plan } = await interrupted('both')
    const second = await start(plan, '--new')
    expect(second).not.toBe(run)
    await kill(second)
    await gates.go('all')
    const { code, err } = await box.run('run', plan, '--recover')
    expect(code).toBe(0)
    expect(err).toContain(`run ${second} recovered`)
    expect((await box.run('run', plan, '--recover')).err).toBe('')
    expect(await runs()).toHaveLength(3)
  })

  test('another plan of the same file is not asked about', async () => {
    const { run, plan } = await interrupted('other')
    await box.write('other.yaml', (await fileOf('other.yaml')).replace('name: other', 'name: another'))
    await gates.go('all')
    expect(await box.run('run', plan)).toMatchObject({ code: 0, err: '' })
    expect((await runs()).filter((one) => one !== run)).toHaveLength(1)
  })

  test('after a stop it begins anew and says what would go on with the run before', async () => {
    const plan = await gates.plan('anew', { threads: 1, batches: gates.batch('a', '[x, y]') })
    const run = await start(plan)
    await gates.began('x')
    await box.run('stop', '--now')
    await box.run('wait', run)
    await gates.go('all')
    const { code, err } = await box.run('run', plan)
    expect({ code, err }).toEqual({
      code: 0,
      err: `the last run of this plan, ${run}, was stopped with 2 items left: batchtop recover ${run} continues it\n`,
    })
  })

  test('a live run is neither continued nor begun a second time', async () => {
    const { run, plan } = await interrupted('live')
    await box.run('recover', '-d')
    expect(await box.run('recover', run)).toMatchObject({
      code: 75,
      err: expect.stringContaining(`batchtop attach ${run}`),
    })
    expect(await box.run('run', plan, '--recover')).toMatchObject({ code: 75 })
    expect(await box.run('recover')).toMatchObject({ code: 4, err: expect.stringContaining(`batchtop attach ${run}`) })
    const pty = screen('run', plan, '--recover')
    await pty.shows('last')
  })

  test.each([
    [['--recover', '--new'], 'Say --recover or --new, not both.'],
    [['--new', '--changed', 'keep'], 'Say --new or --changed, not both.'],
  ])('%j: one would be ignored', async (options, message) => {
    const plan = await gates.plan('twice', { batches: gates.batch('a', '[x]') })
    expect(await box.run('run', plan, ...options)).toMatchObject({ code: 2, err: expect.stringContaining(message) })
  })
})

describe('on a terminal one key decides', () => {
  const QUESTION = '[r]ecover, [n]ew, [c]ancel?'

  async function asked(name: string): Promise<{ readonly run: string; readonly pty: Pty }> {
    const { run, plan } = await interrupted(name)
    const pty = screen('run', plan)
    await pty.shows(QUESTION)
    expect(pty.text()).toMatch(new RegExp(`Run ${run} of ${name} was interrupted .* UTC, 1 of 4 items done\\.`))
    return { run, pty }
  }

  test('r goes on with the run, on the full screen, whose keys work', async () => {
    const { run, pty } = await asked('key-r')
    pty.type('r')
    await pty.shows(/key-r.*running|running.*key-r/s)
    await pty.shows('z')
    pty.type('p')
    await pty.shows('PAUSED')
    pty.type('p')
    await pty.hides('PAUSED')
    pty.type('d')
    await pty.exited
    expect(pty.text()).toContain(`run ${run} recovered: 1 done, 2 requeued, 0 new, 0 gone`)
    expect(pty.text()).toContain(`run ${run} goes on`)
    expect(pty.isClean()).toBe(true)
    expect(await runs()).toEqual([run])
  })

  test('n starts a new one', async () => {
    const { run, pty } = await asked('key-n')
    pty.type('n')
    await pty.shows('last')
    expect((await runs()).filter((one) => one !== run)).toHaveLength(1)
  })

  test.each(['c', 'q', '\u001B', '\u0003'])('%j starts nothing; Enter and other keys decide nothing', async (key) => {
    const { run, pty } = await asked('key-c')
    pty.type('\r')
    await pty.shows(/(\[r\]ecover.*\n?){2}/)
    pty.type(key)
    expect((await pty.exited).exitCode).toBe(2)
    expect(pty.text()).toContain('Nothing was started.')
    expect(await runs()).toEqual([run])
    expect(await box.processes()).toEqual([])
  })
})

describe('files of a run', () => {
  const NAMES = Array.from({ length: 60 }, (_, place) => `i${place}`)

  /** Every event once, whoever was killed: numbers rise, no line is there twice, none is missing, none is cut. */
  async function checkEvents(run: string): Promise<void> {
    const text = await fileOf('events.jsonl')
    const told = text
      .split('\n')
      .filter(Boolean)
      .filter((line) => (JSON.parse(line) as Line).seq !== undefined)
    expect(told).toEqual((await box.run('events', '-R', run)).out.split('\n').filter(Boolean))
  }

  test('--events has every event once over a crash of the supervisor', async () => {
    const { run } = await interrupted('once', '--events', 'events.jsonl')
    await gates.go('all')
    expect((await box.run('recover')).code).toBe(0)
    await checkEvents(run)
    const kinds = linesOf(await fileOf('events.jsonl')).map(({ type }) => type)
    expect(kinds.filter((type) => type === 'run.interrupted' || type === 'run.recovered')).toEqual([
      'run.interrupted',
      'run.recovered',
    ])
  })

  test('also where what wrote it was killed, in the middle of a line and of an event of many', async () => {
    await gates.go('all')
    const plan = await gates.plan('cut', {
      threads: 1,
      batches: `${gates.batch('a', '[x]')}  - { id: b, items: [${NAMES.join(', ')}], task: ./noop.ts }\n`,
    })
    expect((await box.run('run', plan, '--plain', '--events', 'events.jsonl')).code).toBe(0)
    const [run = ''] = await runs()
    const whole = await fileOf('events.jsonl')
    const middle = whole.indexOf('"item":"i40"')
    await box.write('events.jsonl', whole.slice(0, middle))
    expect(await recordAgain(run)).toBe(0)
    const text = await fileOf('events.jsonl')
    const cut = whole.slice(whole.lastIndexOf('\n', middle) + 1, middle)
    expect(text.replace(`${cut}\n`, '')).toBe(whole)
  })

  /** The recorder as a recovery starts it. */
  async function recordAgain(run: string): Promise<number | null> {
    const args = [BIN, 'record', join(box.stateDir, 'runs', run), '--events', '--since', '0']
    const file = openSync(join(box.folder, 'events.jsonl'), 'a+')
    const recorder = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'ignore', 'ignore', file] })
    closeSync(file)
    return await new Promise((resolve) => recorder.on('close', resolve))
  }
})

test('a run folder is the same one afterwards: nothing of the first supervisor is needed to go on', async () => {
  const { run } = await interrupted('folder')
  expect(existsSync(join(box.stateDir, 'runs', run, 'checkpoint.json'))).toBe(false)
  await box.run('recover', '-d')
  expect(await box.run('checkpoint')).toMatchObject({ code: 0, out: expect.stringContaining('heckpoint') })
  expect(existsSync(join(box.stateDir, 'runs', run, 'checkpoint.json'))).toBe(true)
  await expect.poll(ran).toContain('y 2 2')
  await kill(run)
  await gates.go('all')
  expect((await box.run('recover')).code).toBe(0)
  expect((await ran()).filter((line) => line.startsWith('y'))).toEqual(['y 1 1', 'y 2 2', 'y 3 3'])
})
