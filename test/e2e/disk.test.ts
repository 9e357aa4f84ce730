/** The real program on a real file system that fills up. */
import { mkdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Gates } from '../helpers/gates.ts'
import { Box } from '../helpers/program.ts'
import { noSmallDisk, SmallDisk } from '../helpers/small-disk.ts'

const reason = noSmallDisk()
if (reason !== undefined) console.warn(`tests of a full disk are skipped: ${reason}`)

/** A value that does not fit what is left of a page the file has already. */
const LARGE = 'x'.repeat(20_000)

const SOON = { timeout: 15_000 }

interface Status {
  readonly threads: readonly { readonly state: string }[]
}

interface Line {
  readonly type: string
  readonly item?: string
  readonly message?: string
}

const linesOf = (out: string): Line[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)

const successes = (lines: readonly Line[]) =>
  lines.flatMap(({ type, item }) => (type === 'item.succeeded' && item !== undefined ? [item] : [])).toSorted()

describe.skipIf(reason !== undefined)('a disk that does not take the journal', () => {
  let box: Box
  let gates: Gates
  let disk: SmallDisk

  beforeEach(async () => {
    box = await Box.open()
    gates = await Gates.in(box)
    await mkdir(box.stateDir)
    disk = await SmallDisk.open(box.stateDir, '1m')
    box.through = disk.through
  })
  afterEach(async () => {
    disk.close()
    await box.close()
  })

  /** A run of three items on one thread; the first runs. */
  async function begin() {
    const plan = await gates.plan('full', { threads: 1, batches: gates.batch('a', '[x, y, z]') })
    const run = box.start(['run', plan, '--json'])
    await gates.began('x')
    return { plan, run }
  }

  test('a full disk stops the handing out of work, loses nothing, and the run goes on when there is room', async () => {
    const { run } = await begin()
    disk.fill()
    await gates.go('x', LARGE)
    await expect.poll(() => run.out(), SOON).toContain('journal.stalled')
    expect(linesOf(run.out()).at(-1)).toMatchObject({ type: 'journal.stalled', message: 'the disk is full (ENOSPC)' })
    expect(await box.json('status')).toMatchObject({
      state: 'running',
      succeeded: 0,
      trouble: { message: 'the disk is full (ENOSPC)' },
    })
    expect((await box.run('status')).out).toContain('the disk is full (ENOSPC)')
    expect((await box.run('pause')).code).toBe(0)
    expect((await box.run('resume')).code).toBe(0)
    // One item was handed out before anybody could know; nothing after it.
    await gates.began('y')
    await gates.go('y')
    await expect.poll(async () => (await box.json<Status>('status')).threads[0]?.state, SOON).toBe('waiting')
    expect((await box.run('status')).out).toContain('the disk takes nothing')
    expect(await gates.running()).toEqual(['x', 'y'])
    disk.empty()
    await gates.go('all')
    const { code, out } = await run.ended
    expect(code).toBe(0)
    expect(linesOf(out).map(({ type }) => type)).toContain('journal.resumed')
    expect(successes(linesOf(out))).toEqual(['x', 'y', 'z'])
    expect(successes(await box.lines('events'))).toEqual(['x', 'y', 'z'])
  })

  test('who is killed while the disk is full has lost nothing that was reported', async () => {
    const { plan, run } = await begin()
    await gates.go('x')
    await expect.poll(() => run.out(), SOON).toContain('item.succeeded')
    await gates.began('y')
    disk.fill()
    await gates.go('y', LARGE)
    await expect.poll(() => run.out(), SOON).toContain('journal.stalled')
    await box.kill()
    await run.ended
    disk.empty()
    await gates.go('all')
    const { code, out } = await box.run('run', plan, '--recover', '--json')
    expect(code).toBe(0)
    expect(successes(linesOf(run.out()))).toEqual(['x'])
    expect(linesOf(out).find(({ type }) => type === 'run.recovered')).toMatchObject({ succeeded: 1, requeued: 1 })
    expect(successes(await box.lines('events'))).toEqual(['x', 'y', 'z'])
  })

  test('a stop is heard; asked once more, it gives up what is not on disk, and a recovery goes on', async () => {
    const { plan, run } = await begin()
    disk.fill()
    await gates.go('x', LARGE)
    await expect.poll(() => run.out(), SOON).toContain('journal.stalled')
    await box.run('stop', '--now')
    const { out } = await box.run('stop', '--now')
    expect(out).toContain('Given up')
    expect((await run.ended).code).toBe(3)
    await expect.poll(() => box.processes(), SOON).toEqual([])
    disk.empty()
    await gates.go('all')
    expect((await box.run('run', plan, '--recover')).code).toBe(0)
    expect(successes(await box.lines('events'))).toEqual(['x', 'y', 'z'])
  })

  test('a run does not start where its journal cannot be written', async () => {
    disk.fill()
    const plan = await gates.plan('none', { threads: 1, batches: gates.batch('a', '[x]') })
    const { code, err } = await box.run('run', plan, '--json')
    expect(code).toBe(2)
    expect(err).toMatch(/ENOSPC|disk is full/)
    disk.empty()
    expect(await box.lines('ls')).toEqual([])
  })
})
