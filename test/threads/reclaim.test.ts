import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bytes } from '../../src/model/units.ts'
import type { Rig } from './rig.ts'
import { memoryOf, rig, SOON } from './rig.ts'

const MB = 2 ** 20

const mayEnd = ({ folder }: Rig): void => writeFileSync(join(folder, 'go'), '')

/** A thread whose process holds 200 MB that nothing needs, its first item in this state. */
async function full(name: string): Promise<Rig & { readonly idle: number }> {
  const made = await rig('hoards')
  const idle = memoryOf(made.thread.pid)
  made.run([name])
  await made.marked('made')
  expect(memoryOf(made.thread.pid)).toBeGreaterThan(idle + 150)
  writeFileSync(join(made.folder, 'let-go'), '')
  // One in a loop has nothing to let go.
  if (!name.startsWith('is-deaf')) await made.marked('let')
  return { ...made, idle }
}

const memoryFalls = async ({ thread, idle }: Rig & { readonly idle: number }): Promise<void> => {
  await expect.poll(() => memoryOf(thread.pid), SOON).toBeLessThan(idle + 60)
}

test.each(['ticks buffers', 'ticks objects', 'awaits buffers'])(
  'garbage of a running item (%s) goes back to the system while it goes on',
  async (name) => {
    const made = await full(name)
    made.thread.reclaim()
    const { freed, ms } = await made.reported('thread.reclaimed')
    expect(freed).toBeGreaterThanOrEqual(0)
    expect(ms).toBeGreaterThan(0)
    await memoryFalls(made)
    expect(made.types()).toEqual(['thread.ready', 'thread.reclaimed'])
    mayEnd(made)
    await made.reported('chunk.ended')
    expect(made.results()).toMatchObject([{ ok: true }])
  },
)

test.each(['leaves buffers', 'leaves objects'])(
  'garbage of an idle thread (%s) goes back to the system',
  async (name) => {
    const made = await rig('hoards')
    const idle = memoryOf(made.thread.pid)
    await made.runAll([name])
    made.thread.reclaim()
    expect((await made.reported('thread.reclaimed')).freed).toBeGreaterThanOrEqual(0)
    await memoryFalls({ ...made, idle })
  },
)

test('an item without a tick is left alone until it ends', async () => {
  const made = await full('spins buffers')
  made.thread.reclaim()
  mayEnd(made)
  await made.reported('thread.reclaimed')
  expect(made.types()).toEqual(['thread.ready', 'items.succeeded', 'chunk.ended', 'thread.reclaimed'])
  await memoryFalls(made)
})

test('between two items of a chunk there is time for it', async () => {
  const made = await rig('hoards')
  // Without a tick, one after another.
  made.run(Array.from({ length: 300 }, () => 'leaves buffers 4'))
  made.thread.reclaim()
  await made.reported('thread.reclaimed')
  await made.reported('chunk.ended')
  const types = made.types()
  expect(types.indexOf('thread.reclaimed')).toBeLessThan(types.indexOf('chunk.ended'))
})

test('a held item stands still and its garbage goes back to the system', async () => {
  const made = await full('ticks buffers')
  made.thread.hold()
  await made.reported('thread.held')
  made.thread.reclaim()
  await made.reported('thread.reclaimed')
  await memoryFalls(made)
  mayEnd(made)
  made.thread.release()
  await made.reported('chunk.ended')
  expect(made.types()).toEqual(['thread.ready', 'thread.held', 'thread.reclaimed', 'items.succeeded', 'chunk.ended'])
})

test('a frozen thread is asked when it goes on', async () => {
  const made = await full('ticks buffers')
  made.thread.freeze()
  await made.reported('thread.frozen')
  made.thread.reclaim()
  made.thread.thaw()
  await made.reported('thread.reclaimed')
  expect(made.types()).toEqual(['thread.ready', 'thread.frozen', 'thread.thawed', 'thread.reclaimed'])
})

test('asked again and again it answers once, and again when it is asked after that', async () => {
  const made = await rig('hoards')
  made.thread.reclaim()
  made.thread.reclaim()
  await made.reported('thread.reclaimed')
  await made.runAll(['sees-gc'])
  made.thread.reclaim()
  await made.reported('thread.reclaimed', 2)
  await made.runAll(['sees-gc'])
  expect(made.types().filter((type) => type === 'thread.reclaimed')).toHaveLength(2)
})

test('a chunk that is handed over while an idle thread collects runs after that', async () => {
  const made = await rig('hoards')
  await made.runAll(['keeps objects 100'])
  made.thread.reclaim()
  expect(await made.runAll(['sees-gc'])).toMatchObject([{ ok: true }])
  await made.reported('thread.reclaimed')
})

test('tasks do not see how garbage is collected', async () => {
  const made = await rig('hoards')
  made.thread.reclaim()
  await made.reported('thread.reclaimed')
  expect(await made.runAll(['sees-gc', 'sees-gc-elsewhere'])).toMatchObject([
    { value: '"undefined"' },
    { value: '"undefined"' },
  ])
})

test('a request whose worker was ended is answered by the next one', async () => {
  const made = await full('spins buffers')
  made.thread.reclaim()
  made.thread.end(0, { kind: 'user', message: 'enough' }, true)
  await made.reported('chunk.ended')
  await made.reported('thread.reclaimed')
})

test('a request that dies with its process is forgotten', async () => {
  const made = await full('spins buffers')
  made.thread.reclaim()
  made.thread.kill()
  await made.reported('thread.ready', 2)
  await made.runAll(['sees-gc'])
  expect(made.types()).not.toContain('thread.reclaimed')
  made.thread.reclaim()
  await made.reported('thread.reclaimed')
})

test('a tidy thread gives back by itself what an item leaves, its result first', async () => {
  const made = await rig('hoards')
  const idle = memoryOf(made.thread.pid)
  made.thread.tidy(bytes(64 * MB))
  expect(await made.runAll(['leaves buffers'])).toMatchObject([{ ok: true }])
  await memoryFalls({ ...made, idle })
  expect(made.types()).toEqual(['thread.ready', 'items.ended', 'chunk.ended'])
})

test('it stays tidy with a new process, and until it is told otherwise', async () => {
  const made = await rig('hoards')
  const idle = memoryOf(made.thread.pid)
  made.thread.tidy(bytes(64 * MB))
  made.thread.kill()
  await made.reported('thread.ready', 2)
  await made.runAll(['leaves buffers'])
  await memoryFalls({ ...made, idle })
  made.thread.tidy(undefined)
  await made.runAll(['leaves buffers'])
  expect(memoryOf(made.thread.pid)).toBeGreaterThan(idle + 100)
})

test('a worker in a loop tells now and then what it holds', async () => {
  const made = await full('is-deaf buffers')
  const newest = () => made.reports.findLast((report) => report.type === 'thread.measured')
  // The first look may have come while it was still at it.
  await expect.poll(() => newest()?.external, SOON).toBeGreaterThan(150 * MB)
  expect(newest()?.heap).toBeGreaterThan(0)
})

test('quick chunks are not measured', async () => {
  const made = await rig('hoards')
  // One that is slow for once, such as for loading the module, is not quick.
  let looks = 0
  for (let chunk = 0; chunk < 50; chunk++) {
    const began = performance.now()
    await made.runAll(['sees-gc'])
    looks += Math.floor((performance.now() - began) / 500)
  }
  expect(made.reports.filter(({ type }) => type === 'thread.measured').length).toBeLessThanOrEqual(looks)
})
