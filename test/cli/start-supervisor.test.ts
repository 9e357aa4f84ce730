import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventsOf, leaveEnded, openSession } from '../../src/cli/session.ts'
import { startSupervisor } from '../../src/cli/start-supervisor.ts'
import { buildPlan } from '../helpers/build-plan.ts'

let stateDir: string

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'batchtop-start-'))
})
afterEach(async () => {
  delete process.env['NODE_OPTIONS']
  await rm(stateDir, { recursive: true, force: true, maxRetries: 5 })
})

async function request() {
  await mkdir(stateDir, { recursive: true })
  const task = path.join(stateDir, 'noop.mjs')
  await writeFile(task, 'export default function () {}\n')
  const plan = buildPlan({ batches: [{ id: 'a', count: 3, task }], threads: 1 })
  return {
    plan: { ...plan, folder: stateDir },
    planText: 'name: test\n',
    stateDir,
    options: {},
    isNetworkAllowed: false,
    isForeground: false,
  }
}

test('a started run is followed from its folder to its end, and its log has moved there', async () => {
  const started = await request()
  const batches = started.plan.batches.map((batch) => ({ ...batch, work: { ...batch.work, cwd: stateDir } }))
  const { reply, leash } = await startSupervisor({ ...started, plan: { ...started.plan, batches } })
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

test('a supervisor that dies before it is ready is told with the end of its log, exit 70', async () => {
  // Node itself refuses to start with this: a real death, before any of our code runs.
  process.env['NODE_OPTIONS'] = '--no-such-option'
  await expect(startSupervisor(await request())).rejects.toMatchObject({
    code: 'supervisor-died',
    exit: 70,
    hint: expect.stringContaining('--no-such-option'),
  })
})
