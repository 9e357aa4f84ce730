import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Crashes } from '../helpers/crashes.ts'
import { Gates } from '../helpers/gates.ts'
import { BIN, Box } from '../helpers/program.ts'
import { Pty } from '../helpers/pty.ts'

let box: Box
let gates: Gates
let crashes: Crashes
let open: Pty[]

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
  crashes = new Crashes(gates)
  open = []
})
afterEach(async () => {
  for (const pty of open) pty.kill()
  await box.close()
})

function screen(...args: readonly string[]): Pty {
  const pty = new Pty([process.execPath, BIN, ...args], { cwd: box.folder, env: box.env() })
  open.push(pty)
  return pty
}

describe('a plan that is started again', () => {
  test('where nobody can be asked, an interrupted run is no new one: exit 2 with both ways', async () => {
    const { run, plan } = await crashes.interrupted('asked')
    const { code, err, out } = await box.run('run', plan)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`The last run of asked, ${run}, was interrupted.`)
    expect(err).toContain('--recover')
    expect(err).toContain('--new')
    expect(await crashes.runs()).toEqual([run])
  })

  test('--new starts another run, --recover goes on with the newest if it was interrupted', async () => {
    const { run, plan } = await crashes.interrupted('both')
    const second = await crashes.start(plan, '--new')
    expect(second).not.toBe(run)
    await crashes.kill(second)
    await gates.go('all')
    const { code, err } = await box.run('run', plan, '--recover')
    expect(code).toBe(0)
    expect(err).toContain(`run ${second} recovered`)
    expect((await box.run('run', plan, '--recover')).err).toBe('')
    expect(await crashes.runs()).toHaveLength(3)
  })

  test('once a newer run has done it all, nobody offers the one before any more; by its name it still goes on', async () => {
    const { run, plan } = await crashes.interrupted('offered')
    await gates.go('all')
    expect(await box.run('run', plan, '--new')).toMatchObject({ code: 0 })
    expect(await box.run('recover')).toMatchObject({
      code: 4,
      err: expect.stringContaining('There is no run here to go on with.'),
    })
    expect((await box.run('ls')).err).toBe('')
    expect((await box.run('status', run)).err).toBe('')
    expect((await box.run()).err).not.toContain(run)
    expect(await box.run('recover', run)).toMatchObject({ code: 0 })
  })

  test('another plan of the same file is not asked about', async () => {
    const { run, plan } = await crashes.interrupted('other')
    await box.write('other.yaml', (await crashes.file('other.yaml')).replace('name: other', 'name: another'))
    await gates.go('all')
    expect(await box.run('run', plan)).toMatchObject({ code: 0, err: '' })
    expect((await crashes.runs()).filter((one) => one !== run)).toHaveLength(1)
  })

  test('a plan file that was moved begins anew, which is said; with --recover nothing is started', async () => {
    const { run, plan } = await crashes.interrupted('moved')
    const copy = await box.write('copy.yaml', await crashes.file('moved.yaml'))
    await gates.go('all')
    // As long as the file of the run is there, the other is another plan.
    expect(await box.run('run', copy, '--recover')).toMatchObject({ code: 0, err: '' })
    const moved = join(box.folder, 'moved-2.yaml')
    await rename(plan, moved)
    const before = await crashes.runs()
    const refused = await box.run('run', moved, '--recover')
    expect({ code: refused.code, out: refused.out }).toEqual({ code: 2, out: '' })
    expect(refused.err).toContain(`Run ${run} of moved has work left, and its plan file ${plan} is gone.`)
    expect(refused.err).toContain(`\`batchtop recover ${run}\``)
    expect(await crashes.runs()).toEqual(before)
    const { code, err } = await box.run('run', moved)
    expect({ code, err }).toEqual({
      code: 0,
      err: `run ${run} of a plan of this name has work left, its file ${plan} is gone: batchtop recover ${run} continues it\n`,
    })
    expect(await box.run('run', moved, '--recover')).toMatchObject({ code: 0, err: '' })
  })

  test('after a stop it begins anew and says what would go on with the run before', async () => {
    const plan = await gates.plan('anew', { threads: 1, batches: gates.batch('a', '[x, y]') })
    const run = await crashes.start(plan)
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
    const { run, plan } = await crashes.interrupted('live')
    await box.run('recover', '-d')
    expect(await box.run('recover', run)).toMatchObject({
      code: 75,
      err: expect.stringContaining(`batchtop attach ${run}`),
    })
    expect(await box.run('run', plan, '--recover')).toMatchObject({ code: 75 })
    expect(await box.run('recover')).toMatchObject({ code: 4, err: expect.stringContaining(`batchtop attach ${run}`) })
    const pty = screen('run', plan, '--recover')
    await pty.shows('budget')
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
  test('what the question is about stands before it, also where standard error goes elsewhere', async () => {
    const { run, plan } = await crashes.interrupted('asked-out')
    const pty = new Pty(['/bin/sh', '-c', '"$0" "$1" run "$2" 2>errors.log', process.execPath, BIN, plan], {
      cwd: box.folder,
      env: box.env(),
    })
    open.push(pty)
    await pty.shows('[r]ecover')
    expect(pty.text()).toContain(`Run ${run} of asked-out was interrupted`)
    pty.type('c')
    expect((await pty.exited).exitCode).toBe(2)
    expect(await crashes.file('errors.log')).toBe('Nothing was started.\n')
  })

  const QUESTION = '[r]ecover, [n]ew, [c]ancel?'

  async function asked(name: string): Promise<{ readonly run: string; readonly pty: Pty }> {
    const { run, plan } = await crashes.interrupted(name)
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
    await pty.shows(`run ${run} goes on`)
    expect(pty.text()).toContain(`run ${run} recovered: 1 done, 2 requeued, 0 new, 0 gone`)
    expect(pty.isClean()).toBe(true)
    expect(await crashes.runs()).toEqual([run])
  })

  test('n starts a new one', async () => {
    const { run, pty } = await asked('key-n')
    pty.type('n')
    await pty.shows('budget')
    expect((await crashes.runs()).filter((one) => one !== run)).toHaveLength(1)
  })

  test.each(['c', 'q', '\u001B', '\u0003'])('%j starts nothing; Enter and other keys decide nothing', async (key) => {
    const { run, pty } = await asked('key-c')
    pty.type('\r')
    await pty.shows(/(\[r\]ecover.*\n?){2}/)
    pty.type(key)
    await pty.shows('Nothing was started.')
    expect((await pty.exited).exitCode).toBe(2)
    expect(await crashes.runs()).toEqual([run])
    expect(await box.processes()).toEqual([])
  })
})
