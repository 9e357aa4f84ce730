import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Gates } from '../helpers/gates.ts'
import { Box } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'

let box: Box
let gates: Gates

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
})
afterEach(() => box.close())

/** A run whose items x, y and z have ended one after another when its supervisor is killed, and its journal. */
async function killed(
  name: string,
): Promise<{ readonly run: string; readonly journal: string; readonly plan: string }> {
  const plan = await gates.plan(name, { threads: 1, batches: gates.batch('a', '[x, y, z, last]') })
  const { out } = await box.run('run', plan, '-d')
  const run = out.trim()
  const folder = join(box.stateDir, 'runs', run)
  const journal = join(folder, 'journal-00000001.log')
  for (const [number, item] of ['x', 'y', 'z'].entries()) {
    await gates.began(item)
    await gates.go(item)
    // Each in a frame of its own, however slow the disk is.
    await until(async () => (await readFile(journal, 'latin1')).includes(`\nD ${number} `), { instead: () => 'none' })
  }
  await gates.began('last')
  const { pid } = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as { pid: number }
  await expect
    .poll(async () => (await box.json<{ succeeded: number }>('status')).succeeded, { timeout: 15_000 })
    .toBe(3)
  process.kill(pid, 'SIGKILL')
  await until(async () => (await box.processes()).length === 0, { instead: () => 'processes' })
  return { run, journal, plan }
}

/** Flips a bit in the frame that says that an item has succeeded: the second does, of three. */
async function damage(journal: string): Promise<void> {
  const bytes = await readFile(journal)
  const first = bytes.indexOf('\nD 0 ')
  const place = bytes.indexOf('\nD 1 ', first)
  expect(place).toBeGreaterThan(first)
  bytes[place + 1] = (bytes[place + 1] ?? 0) ^ 1
  await writeFile(journal, bytes)
}

const itemsRun = async () =>
  (await readFile(join(box.folder, 'runs.log'), 'utf8')).split('\n').map((line) => line.split(' ')[0])

test('a flipped bit stops a recovery with file and byte; repaired, the run goes on with what stands before it', async () => {
  const { run, journal } = await killed('flipped')
  await damage(journal)
  const refused = await box.run('recover', run)
  expect(refused.code).not.toBe(0)
  expect(refused.err).toMatch(new RegExp(`${journal}.* byte \\d+`))
  expect(refused.err).toContain(`batchtop repair ${run}`)
  const asked = await box.run('repair', run)
  expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
  expect(asked.out).toMatch(/keeps what was so until event \d+: 1 item had succeeded\./)
  const repaired = await box.run('repair', run, '--yes')
  expect(repaired).toMatchObject({
    code: 0,
    out: expect.stringContaining(`\`batchtop recover ${run}\` goes on with it.`),
  })
  const kept = /^ {2}(\S+\.damaged-\S+)$/m.exec(repaired.out)?.[1] ?? ''
  expect((await readFile(kept)).length).toBeGreaterThan(0)
  await gates.go('all')
  expect(await box.run('recover', run)).toMatchObject({ code: 0, err: expect.stringContaining('1 done') })
  const items = await itemsRun()
  expect(items.filter((item) => item === 'x')).toHaveLength(1)
  expect(items.filter((item) => item === 'y')).toHaveLength(2)
  expect(await box.run('repair', run)).toMatchObject({ code: 0, out: `Run ${run} is not damaged.\n` })
})

test('on a terminal a key decides about it', async () => {
  const { run, journal } = await killed('asked')
  await damage(journal)
  const pty = box.screen(['repair', run])
  await pty.shows('Repair it? [y/n]')
  pty.type('n')
  await pty.shows('Nothing was changed.')
  expect((await pty.exited).exitCode).toBe(2)
  const again = box.screen(['repair', run])
  await again.shows('Repair it? [y/n]')
  again.type('y')
  await again.shows(`Run ${run} is repaired.`)
  expect((await again.exited).exitCode).toBe(0)
})

test('a run that a supervisor has is not touched, one that nobody named is not guessed', async () => {
  const plan = await gates.plan('live', { threads: 1, batches: gates.batch('a', '[x]') })
  const { out } = await box.run('run', plan, '-d')
  expect(await box.run('repair', out.trim(), '--yes')).toMatchObject({
    code: 75,
    err: expect.stringContaining('is live'),
  })
  expect(await box.run('repair')).toMatchObject({ code: 2, err: expect.stringContaining('Say which run') })
})

test('whoever asks about an interrupted run whose journal is damaged is told so before any key', async () => {
  const { run, journal, plan } = await killed('unreadable')
  await damage(journal)
  const pty = box.screen(['run', plan])
  await pty.shows(`how far it got cannot be read: batchtop repair ${run}`)
  pty.type('c')
  expect((await pty.exited).exitCode).toBe(2)
})
