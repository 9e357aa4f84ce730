import { existsSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Box } from '../helpers/program.ts'

/** Makes garbage that nobody has asked for yet, then comes to one tick after the other until the test lets it go. */
const LITTERS = `
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
export default async function (item, context) {
  const { folder } = context.with
  const made = Array.from({ length: 2_000_000 }, (_, number) => ({ number })).length
  writeFileSync(folder + '/began-' + item.id, '')
  while (!existsSync(folder + '/go')) {
    await context.pausePoint()
    await setTimeout(5)
  }
  return made
}
`

interface Line {
  readonly type: string
  readonly stage?: string
  readonly before?: number
  readonly after?: number
  readonly why?: string
  readonly item?: string
  readonly peak?: number
}

let box: Box

beforeEach(async () => {
  box = await Box.open()
})
afterEach(() => box.close())

async function litteringPlan(): Promise<string> {
  await box.write('litters.js', LITTERS)
  const batch = `{ id: a, items: [x], memory: 300MB, task: ./litters.js, with: { folder: ${box.folder} } }`
  return box.write('litters.yaml', `name: litters\nthreads: 1\nmemory: { act: 90% }\nbatches:\n  - ${batch}\n`)
}

async function began(item: string): Promise<void> {
  await expect.poll(() => existsSync(`${box.folder}/began-${item}`), { timeout: 20_000 }).toBe(true)
}

test('batchtop reclaim gives memory back, says how much, and the run knows it did', async () => {
  const plan = await litteringPlan()
  const run = box.start(['run', plan, '--json'])
  await began('x')
  const { code, out } = await box.run('reclaim')
  expect(code).toBe(0)
  expect(out).toMatch(/^Gave back [\d.]+ MB: [\d.]+ MB → [\d.]+ MB\.\n$/)
  const { out: status } = await box.run('status')
  expect(status).toMatch(/^governor: acts at 90 % of that at the latest; caps backed by (cgroup v[12]|polling)$/m)
  expect(status).toMatch(/^governor: last at 00:\d\d:\d\d, reclaim: thread 1: \d+ → \d+ MB in .* \(you asked\)$/m)
  const live = await box.json<{ threads: object[]; memory: object }>('status')
  expect(live.memory).toMatchObject({ act: 0.9, backing: expect.any(String), budgetNow: expect.any(Number) })
  expect(live.threads[0]).toMatchObject({ expected: 300 * 2 ** 20 })
  await box.write('go', '')
  expect((await run.ended).code).toBe(0)
  const lines = run
    .out()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  const act = lines.find(({ type }) => type === 'governor.acted')
  expect(act).toMatchObject({ stage: 'reclaim', thread: 1, why: 'you asked' })
  expect(act?.after).toBeLessThan(act?.before ?? 0)
  const peak = lines.find(({ item }) => item === 'x')?.peak ?? 0
  expect(peak).toBeGreaterThan(act?.after ?? Infinity)
  expect(await box.lines<Line>('items')).toMatchObject([{ item: 'x', peak }])
  expect((await box.run('items')).out).toMatch(/^ *@1 +x +a +succeeded .* \d+ MB {2}2000000$/m)
})

test('key C does the same on the screen, and the view of memory shows what was done', async () => {
  const pty = box.screen(['run', await litteringPlan()], { columns: 120, rows: 36 })
  await began('x')
  await pty.shows(/─ Governor ─/)
  pty.type('C')
  await pty.shows(/Gave back [\d.]+ MB/)
  pty.type('5')
  await pty.shows(/expected +heap +buffers +rest/)
  await pty.shows(/\d\d:\d\d:\d\d {2}reclaim {4}thread 1: \d+ → \d+ MB in .* \(you asked\)/)
  await box.write('go', '')
  await pty.shows('succeeded')
})
