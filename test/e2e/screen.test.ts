import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
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

const CTRL_C = '\u0003'
const CTRL_L = '\u000c'
const CTRL_Z = '\u001a'

test('start, pause and resume by key, detach, attach, and the end', async () => {
  const plan = await gates.plan('shown', { threads: 2, batches: gates.batch('first', '[US-001, US-002, US-003]') })
  const pty = box.screen(['run', plan])
  await pty.shows('US-002')
  expect(pty.text()).toContain('shown')
  pty.type('p')
  await pty.shows(/PAUSED/)
  pty.type('p')
  await pty.hides('PAUSED')
  pty.type('d')
  await pty.exited
  expect(pty.text()).toMatch(/run \w+ goes on: batchtop attach \w+/)
  expect(pty.isClean()).toBe(true)
  const again = box.screen(['attach'])
  await again.shows('US-001')
  await gates.go('all')
  await again.shows(/ENDED|ended|succeeded/)
  const { exitCode } = await again.exited
  expect(exitCode).toBe(0)
  expect(again.isClean()).toBe(true)
  expect(again.text()).toContain('3')
})

test('two screens at once show the same', async () => {
  const plan = await gates.plan('both', { threads: 2, batches: gates.batch('first', '[x-1, x-2]') })
  const one = box.screen(['run', plan])
  await one.shows('x-2')
  const two = box.screen(['attach'], { columns: 80, rows: 24 })
  await two.shows('x-2')
  two.type('p')
  await Promise.all([one.shows('PAUSED'), two.shows('PAUSED')])
  one.type('p')
  await Promise.all([one.hides('PAUSED'), two.hides('PAUSED')])
})

test('a storm of resizes leaves the right picture', async () => {
  const plan = await gates.plan('storm', { threads: 2, batches: gates.batch('first', '[x-1, x-2]') })
  const pty = box.screen(['run', plan])
  await pty.shows('x-2')
  for (const [columns, rows] of [
    [60, 16],
    [200, 60],
    [80, 24],
    [61, 17],
    [150, 50],
    [30, 8],
    [90, 30],
    [120, 36],
  ] as const)
    pty.resize(columns, rows)
  await pty.shows(/x-[12][^]*x-[12]/)
  expect(pty.text().split('x-2').length).toBe(2)
  pty.resize(40, 10)
  await pty.shows('60x16')
  pty.resize(80, 24)
  await pty.shows('x-2')
})

test('what a terminal cut while it was small for less than a look is drawn again', async () => {
  const plan = await gates.plan('blink', { threads: 2, batches: gates.batch('first', '[x-1, x-2]') })
  const seen = join(box.folder, 'seen')
  // Keeps the client from looking until the terminal has its old size again.
  const asleep = await box.write(
    'asleep.mjs',
    `import { existsSync, writeFileSync } from 'node:fs'
const nap = new Int32Array(new SharedArrayBuffer(4))
if (!process.argv.includes('batchtop-supervisor')) process.on('SIGUSR2', () => {
  writeFileSync('${seen}.begun', '')
  while (!existsSync('${seen}')) Atomics.wait(nap, 0, 0, 5)
})\n`,
  )
  const pty = new Pty([process.execPath, '--import', asleep, BIN, 'run', plan], { cwd: box.folder, env: box.env() })
  open.push(pty)
  await pty.shows(/x-[12][^]*x-[12]/)
  process.kill(pty.pid, 'SIGUSR2')
  await until(() => existsSync(`${seen}.begun`), { instead: () => 'a client awake' })
  pty.resize(30, 8)
  pty.resize(120, 36)
  expect(pty.text()).not.toMatch(/x-[12]/)
  await writeFile(seen, '')
  await pty.shows(/blink[^]*x-[12][^]*x-[12][^]*quit/)
})

test('Ctrl-Z gives the terminal back and fg repaints it, Ctrl-L repaints after somebody else wrote on it', async () => {
  const plan = await gates.plan('suspended', { threads: 2, batches: gates.batch('first', '[x-1, x-2]') })
  const pty = new Pty(['/bin/bash', '--norc', '-i'], {
    cwd: box.folder,
    env: box.env({ PS1: 'shell> ' }),
    columns: 100,
    rows: 30,
  })
  open.push(pty)
  await pty.shows('shell>')
  pty.type(`'${process.execPath}' '${BIN}' run '${plan}'\r`)
  await pty.shows('x-2')
  pty.type(CTRL_Z)
  await pty.shows(/Stopped[^]*shell>/)
  expect(pty.terminal.buffer.active.type).toBe('normal')
  pty.resize(80, 20)
  pty.type('fg\r')
  await pty.shows(/RUNNING[^]*x-2[^]*q quit$/)
  expect(pty.terminal.buffer.active.type).toBe('alternate')
  // What the screen draws next may be written over it.
  const scribbled = await new Promise((done) => pty.terminal.write('\u001b[10;1HSCRIBBLE', () => done(pty.text())))
  expect(scribbled).toContain('SCRIBBLE')
  pty.type(CTRL_L)
  await pty.hides('SCRIBBLE')
  pty.type('d')
  await pty.shows(/goes on[^]*shell>/)
})

describe('every way out leaves the terminal clean', () => {
  const ways: Record<string, (pty: Pty) => void | Promise<void>> = {
    d: (pty) => pty.type('d'),
    'q and then detach': async (pty) => {
      pty.type('q')
      await pty.shows(/detach/i)
      pty.type('d')
    },
    'Ctrl-C twice': async (pty) => {
      pty.type(CTRL_C)
      await pty.shows(/Ctrl-C again/)
      pty.type(CTRL_C)
    },
    TERM: (pty) => pty.kill('SIGTERM'),
    HUP: (pty) => pty.kill('SIGHUP'),
    INT: (pty) => pty.kill('SIGINT'),
  }
  for (const [way, leave] of Object.entries(ways)) {
    test(way, async () => {
      const plan = await gates.plan('ways', { threads: 1, batches: gates.batch('first', '[x-1]') })
      const pty = box.screen(['run', plan])
      await pty.shows('x-1')
      await leave(pty)
      await pty.exited
      expect(pty.isClean()).toBe(true)
      expect(await box.json('status')).toMatchObject({ state: 'running', running: 1 })
    })
  }

  test('a thrown bug, which also leaves a crash file and says where', async () => {
    const plan = await gates.plan('bug', { threads: 1, batches: gates.batch('first', '[x-1]') })
    // A preloaded module that throws inside the client while it draws: a real uncaught exception.
    const bomb = await box.write(
      'bomb.mjs',
      "if (!process.argv.includes('batchtop-supervisor')) process.on('SIGUSR2', () => { throw new Error('a real bug') })\n",
    )
    const pty = new Pty([process.execPath, '--import', bomb, BIN, 'run', plan], { cwd: box.folder, env: box.env() })
    open.push(pty)
    await pty.shows('x-1')
    process.kill(pty.pid, 'SIGUSR2')
    expect((await pty.exited).exitCode).toBe(70)
    expect(pty.isClean()).toBe(true)
    await pty.shows(/crash-/)
    expect(await box.json('status')).toMatchObject({ state: 'running' })
  })
})

test('a terminal that nobody reads does not slow the run', async () => {
  const plan = await gates.plan('stalled', {
    threads: 2,
    batches:
      gates.batch('first', '[x-1, x-2]') + `  - { id: many, items: { count: 20000, name: "n-{}" }, task: ./noop.ts }\n`,
  })
  const pty = box.screen(['run', plan])
  await pty.shows('x-2')
  pty.pause()
  const waiting = box.start(['wait'])
  await writeFile(join(box.folder, 'go', 'all'), '')
  expect((await waiting.ended).code).toBe(0)
  expect(await box.json('status')).toMatchObject({ state: 'ended', succeeded: 20_002 })
  pty.resume()
  await pty.exited
})

test('what is pasted is never taken as keys', async () => {
  const plan = await gates.plan('pasted', { threads: 1, batches: gates.batch('first', '[x-1]') })
  const pty = box.screen(['run', plan])
  await pty.shows('x-1')
  pty.type('\u001b[200~pdq\u001b[201~')
  pty.type('?')
  await pty.shows(/help/i)
  expect(await box.json('status')).toMatchObject({ state: 'running', running: 1 })
})
