import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Crashes } from '../helpers/crashes.ts'
import { Gates } from '../helpers/gates.ts'
import { Box } from '../helpers/program.ts'

const SOON = { timeout: 15_000 }

let box: Box
let gates: Gates
let crashes: Crashes

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
  crashes = new Crashes(gates)
})
afterEach(() => box.close())

interface Line {
  readonly type: string
  readonly seq?: number
  readonly item?: string
  readonly attempt?: number
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)

const lastOf = (text: string) => text.trimEnd().split('\n').at(-1) ?? ''

describe('an interrupted run', () => {
  test('goes on with what was not reported: attempts and epoch rise, one line says what was found', async () => {
    const { run } = await crashes.interrupted('goes-on')
    await gates.go('all')
    const { code, out, err } = await box.run('recover')
    expect(code).toBe(0)
    expect(err).toBe(`run ${run} recovered: 1 done, 2 requeued, 0 new, 0 gone\n`)
    expect(lastOf(out)).toContain(`run ${run} of goes-on succeeded`)
    expect(out).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}run ${run} of goes-on goes on .*: run recovered`))
    expect((await crashes.ran()).toSorted()).toEqual(['last 1 2', 'x 1 1', 'y 1 1', 'y 2 2', 'z 1 1', 'z 2 2'])
    expect(await crashes.runs()).toEqual([run])
    expect(await box.json('status')).toMatchObject({ state: 'ended', succeeded: 4, outcome: 'succeeded' })
  })

  test('says nothing of the past in JSON lines, which begin with its recovery', async () => {
    await crashes.interrupted('json')
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
    const { run } = await crashes.interrupted('options', '--retries', '3', '-j', '2', '--output', 'out.log')
    await box.run('recover', '-d', '-j', '1')
    expect(await crashes.info(run)).toMatchObject({
      epoch: 2,
      options: { retries: 3, threads: '1', output: join(box.folder, 'out.log') },
    })
    expect(await box.json<{ threads: unknown[] }>('status')).toMatchObject({ threads: { length: 1 } })
    await gates.go('all')
    await box.run('wait')
    await expect.poll(() => crashes.file('out.log'), SOON).toContain(`run ${run} of options succeeded`)
    const text = await crashes.file('out.log')
    expect(text.match(/ started /g)).toHaveLength(1)
    expect(text.match(/run recovered/g)).toHaveLength(1)
  })

  test('threads that a person paused stay paused, and that is said', async () => {
    const plan = await gates.plan('paused', { batches: gates.batch('a', '[x, y, z]') })
    const run = await crashes.start(plan)
    await gates.began('x', 'y')
    expect((await box.run('pause', '--thread', '1')).code).toBe(0)
    await crashes.kill(run)
    const { out, err, code } = await box.run('recover', '-d')
    expect({ code, out }).toEqual({ code: 0, out: `${run}\n` })
    expect(lastOf(err)).toBe(
      `run ${run} recovered: 0 done, 2 requeued, 0 new, 0 gone; 1 thread is still paused: batchtop resume`,
    )
    const { threads } = await box.json<{ threads: { state: string; pausedBy?: string }[] }>('status')
    expect(threads[0]).toMatchObject({ state: 'paused', pausedBy: 'user' })
    await gates.go('all')
    await crashes.succeeded(run, 3)
    expect(new Set((await crashes.ranOn()).slice(2))).toEqual(new Set(['2']))
  })

  test('is named where it is looked at', async () => {
    const { run } = await crashes.interrupted('named')
    expect((await box.run('status')).err).toContain(`batchtop recover ${run}`)
    const listed = await box.run('ls')
    expect(listed.err).toContain(`batchtop recover ${run}`)
    expect(listed.out).toMatch(/ interrupted .* UTC {2}\d\d:\d\d {3}1\/4 {7}0 {8}0$/m)
    const lines = await box.lines<object>('ls')
    const counts = { total: 4, succeeded: 1, failed: 0, skipped: 0 }
    expect(lines).toMatchObject([{ run, state: 'interrupted', elapsed: expect.any(Number), ...counts }])
    expect(await box.run()).toMatchObject({ code: 2, err: expect.stringContaining(`batchtop recover ${run}`) })
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
    const [run = ''] = await crashes.runs()
    process.kill((await crashes.info(run)).pid, 'SIGKILL')
    const { code, err } = await watching.ended
    expect(code).toBe(3)
    expect(err).toContain(`\`batchtop recover ${run}\` goes on with it.`)
  })
})

describe('where the plan has changed', () => {
  test('items are matched by name: one that was put first runs, those behind it do not run again, one is gone', async () => {
    const { run } = await crashes.interrupted('grown')
    await gates.plan('grown', { batches: gates.batch('a', '[first, x, y, z]') })
    await gates.go('all')
    const { code, err } = await box.run('recover', '--plain')
    expect({ code, err }).toEqual({ code: 0, err: `run ${run} recovered: 1 done, 2 requeued, 1 new, 1 gone\n` })
    expect((await crashes.ran()).toSorted()).toEqual(['first 1 2', 'x 1 1', 'y 1 1', 'y 2 2', 'z 1 1', 'z 2 2'])
  })

  test('ended items that would run something else start nothing, unless somebody says what becomes of them', async () => {
    const { run, plan } = await crashes.interrupted('changed')
    await box.write('changed.yaml', (await crashes.file('changed.yaml')).replace('with: {', 'with: { more: 1,'))
    const before = await crashes.info(run)
    const { code, out, err } = await box.run('recover')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('1 item that has ended would run something else')
    expect(err).toContain('--changed rerun')
    expect(err).toContain('--changed keep')
    expect(await crashes.info(run)).toEqual(before)
    expect(await box.processes()).toEqual([])
    await gates.go('all')
    expect((await box.run('run', plan, '--recover', '--changed', 'keep')).code).toBe(0)
    expect((await crashes.ran()).filter((line) => line.startsWith('x'))).toEqual(['x 1 1'])
  })

  test('they run again where that is what was said', async () => {
    const { run } = await crashes.interrupted('rerun')
    await box.write('rerun.yaml', (await crashes.file('rerun.yaml')).replace('with: {', 'with: { more: 1,'))
    await gates.go('all')
    const { code, err } = await box.run('recover', '--changed', 'rerun')
    expect({ code, err }).toEqual({ code: 0, err: `run ${run} recovered: 0 done, 3 requeued, 0 new, 0 gone\n` })
    expect((await crashes.ran()).filter((line) => line.startsWith('x'))).toEqual(['x 1 1', 'x 2 2'])
  })

  test('a plan file that is gone is no reason to stop: the run has a copy of it', async () => {
    const { run, plan } = await crashes.interrupted('gone')
    await rm(plan)
    await gates.go('all')
    const { code, err } = await box.run('recover')
    expect(code).toBe(0)
    expect(err).toContain(`${plan} is gone: going on with the copy of it that run ${run} keeps.`)
    expect(await crashes.ran()).toHaveLength(6)
  })

  test('so it is for `run --recover`; without it, what is said is that the plan is not there', async () => {
    const { run, plan } = await crashes.interrupted('gone-too')
    await rm(plan)
    expect(await box.run('run', plan)).toMatchObject({ code: 2, err: expect.stringContaining('There is no plan file') })
    await gates.go('all')
    const { code, err } = await box.run('run', plan, '--recover')
    expect(code).toBe(0)
    expect(err).toContain(`going on with the copy of it that run ${run} keeps.`)
  })

  test('a plan of another name is another plan, and one with problems is told them', async () => {
    await crashes.interrupted('name')
    const text = await crashes.file('name.yaml')
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
    const run = await crashes.start(plan)
    await gates.began('x')
    await box.run('stop')
    await gates.go('x')
    expect((await box.run('wait', run)).code).toBe(3)
    await gates.go('all')
    const { code, out, err } = await box.run('recover', '--json')
    expect({ code, err }).toEqual({ code: 0, err: `run ${run} recovered: 1 done, 0 requeued, 0 new, 0 gone\n` })
    expect(linesOf(out).filter(({ type }) => type === 'run.finished')).toHaveLength(1)
    expect(await crashes.ran()).toEqual(['x 1 1', 'y 1 2', 'z 1 2'])
    // Whoever reads it all sees both ends, and the second one counts.
    const all = linesOf((await box.run('events', '--follow')).out)
    expect(all.filter(({ type }) => type.startsWith('run.')).map(({ type }) => type)).toEqual([
      'run.started',
      'run.draining',
      'run.finished',
      'run.recovered',
      'run.finished',
    ])
    expect((await box.run('wait')).code).toBe(0)
  })

  test('has nothing left to go on with when all of it has ended; what failed is retried in the background', async () => {
    await gates.go('y', 'fail')
    await gates.go('all')
    const plan = await gates.plan('failed', {
      batches: gates.batch('a', '[x, y]') + gates.batch('b', '[z]', ', needs: [a]'),
    })
    expect((await box.run('run', plan, '--plain', '--events', 'events.jsonl')).code).toBe(1)
    const [run = ''] = await crashes.runs()
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
    expect((await crashes.ran()).toSorted()).toEqual(['x 1 1', 'y 1 1', 'y 2 2', 'z 1 2'])
    expect(await box.run('retry', '--failed', '-R', run)).toMatchObject({ code: 0, out: 'No item has failed.\n' })
    expect(await box.run('retry', 'x', '-R', run)).toMatchObject({ code: 2 })
    expect(await box.run('retry', 'nobody', '-R', run)).toMatchObject({ code: 4 })
    await expect.poll(() => crashes.file('events.jsonl'), SOON).toMatch(/"item":"z".*\n(.*\n)*.*"run.finished"/)
  })
})

test('a retry of failed items whose work changed puts all of them back, whoever did it', async () => {
  const plan = await gates.plan('mended', { threads: 1, batches: gates.batch('a', '[x, y]') + gates.batch('b', '[z]') })
  await gates.go('x', 'fail')
  await gates.go('z', 'fail')
  await gates.go('all')
  expect((await box.run('run', plan)).code).toBe(1)
  await gates.go('x')
  await gates.go('z')
  await box.write('mended.yaml', (await crashes.file('mended.yaml')).replace('with: {', 'with: { more: 1,'))
  expect((await box.run('retry', '--failed')).code).toBe(2)
  expect(await box.run('retry', 'x', 'z', '--changed', 'rerun')).toMatchObject({
    code: 0,
    out: '2 items are back in the queue.\n',
  })
  expect((await box.run('wait')).code).toBe(0)
})

test('a retry that has nothing to retry starts nothing, whatever else the run has left to do', async () => {
  const { run } = await crashes.interrupted('nothing')
  const hint = expect.stringContaining(`\`batchtop recover ${run}\` goes on with it.`) as string
  expect(await box.run('retry', 'x', '-R', run)).toMatchObject({ code: 2, out: '', err: hint })
  expect(await box.run('retry', '--failed', '-R', run)).toMatchObject({
    code: 0,
    out: 'No item has failed.\n',
    err: hint,
  })
  expect(linesOf((await box.run('events', run)).out).some(({ type }) => type === 'run.recovered')).toBe(false)
})

test('a run folder is the same one afterwards: nothing of the first supervisor is needed to go on', async () => {
  const { run } = await crashes.interrupted('folder')
  expect(existsSync(join(box.stateDir, 'runs', run, 'checkpoint.json'))).toBe(false)
  await box.run('recover', '-d')
  expect(await box.run('checkpoint')).toMatchObject({ code: 0, out: expect.stringContaining('heckpoint') })
  expect(existsSync(join(box.stateDir, 'runs', run, 'checkpoint.json'))).toBe(true)
  await expect.poll(crashes.ran, SOON).toContain('y 2 2')
  await crashes.settled(run)
  await crashes.kill(run)
  await gates.go('all')
  expect((await box.run('recover')).code).toBe(0)
  expect((await crashes.ran()).filter((line) => line.startsWith('y'))).toEqual(['y 1 1', 'y 2 2', 'y 3 3'])
})
