import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { eventsOf, leaveEnded, openSession } from '../../src/cli/session.ts'
import { startSupervisor } from '../../src/cli/start-supervisor.ts'
import { buildPlan } from '../helpers/build-plan.ts'

let stateDir: string

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'batchtop-start-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(stateDir, { recursive: true, force: true, maxRetries: 5 })
})

async function request(body = '') {
  await mkdir(stateDir, { recursive: true })
  const task = path.join(stateDir, 'noop.mjs')
  await writeFile(task, `export default function () { ${body} }\n`)
  const plan = buildPlan({ batches: [{ id: 'a', count: 3, task }], threads: 1 })
  const batches = plan.batches.map((batch) => ({ ...batch, work: { ...batch.work, cwd: stateDir } }))
  return {
    plan: { ...plan, batches, folder: stateDir },
    planText: 'name: test\n',
    stateDir,
    options: {},
    isNetworkAllowed: false,
    isForeground: false,
  }
}

test('a started run is followed from its folder to its end, and its log has moved there', async () => {
  const { reply, leash } = await startSupervisor(await request())
  if (!reply.ready) throw new Error(reply.message)
  expect(leash).toBeUndefined()
  const session = await openSession(reply.folder)
  const types = new Set<string>()
  for await (const { event } of eventsOf(session)) types.add(event.type)
  await leaveEnded(session)
  expect([...types]).toEqual(expect.arrayContaining(['run.started', 'items.succeeded', 'run.finished']))
  expect(await readdir(reply.folder)).toContain('supervisor.log')
  expect((await readdir(path.join(stateDir, 'plans'))).filter((name) => name.endsWith('.log'))).toEqual([])
})

test('a run that an item starts is a run of its own: nothing says any more whose item that was', async () => {
  const given = { FOLDER: '/elsewhere', RUN: 'ffff', RESULTS_b: '/elsewhere/b', ITEM: 'outer' }
  for (const [name, value] of Object.entries(given)) vi.stubEnv(`BATCHTOP_${name}`, value)
  vi.stubEnv('BATCHTOP_STATE_DIR', '/my/runs')
  const { reply } = await startSupervisor(await request("return Object.entries(process.env).map(String).join(' ')"))
  if (!reply.ready) throw new Error(reply.message)
  const session = await openSession(reply.folder)
  let last = ''
  for await (const { event } of eventsOf(session)) last = event.type
  expect(last).toBe('run.finished')
  await leaveEnded(session)
  const [file = ''] = await readdir(path.join(reply.folder, 'values'))
  const text = await readFile(path.join(reply.folder, 'values', file), 'utf8')
  expect(text).toContain('BATCHTOP_STATE_DIR,/my/runs')
  expect(text).toContain(`BATCHTOP_FOLDER,${reply.folder}`)
  expect(text).not.toMatch(/BATCHTOP_RESULTS_b|ffff|outer|elsewhere/)
})

test('a supervisor that dies before it is ready is told with the end of its log, exit 70', async () => {
  // Node itself refuses to start with this: a real death, before any of our code runs.
  vi.stubEnv('NODE_OPTIONS', '--no-such-option')
  await expect(startSupervisor(await request())).rejects.toMatchObject({
    code: 'supervisor-died',
    exit: 70,
    hint: expect.stringContaining('--no-such-option'),
  })
})
