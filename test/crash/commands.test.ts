/** Commands and the death of their supervisor: nothing they started outlives it, whatever they did to get away, and they run again. */
import { readFile } from 'node:fs/promises'
import { test as base, expect, vi } from 'vitest'
import { Box } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'
import { hostsOf, isAlive, isFrozen, kill, reaperOf, supervisorsIn } from './processes.ts'

vi.setConfig({ maxConcurrency: 2, testTimeout: 300_000 })

const test = base.extend<{ readonly box: Box }>({
  // Vitest reads what a fixture needs from its text.
  // oxlint-disable-next-line no-empty-pattern
  box: async ({}, use) => {
    const box = await Box.open()
    await use(box)
    await box.close()
  },
})

/**
 * Starts two children in its group, one in a group of its own, one in a session of its own and one that ignores what can be ignored; notes all of
 * them, and waits until the file `go` is there.
 */
const FLEEING = `
say() { echo "$1" >> pids-$BATCHTOP_EPOCH; }
sleep 1000 & say $!
sleep 1000 & say $!
bash -m -c 'sleep 1000 & echo $! >> pids-$BATCHTOP_EPOCH; wait' &
setsid sh -c 'echo $$ >> pids-$BATCHTOP_EPOCH; while :; do sleep 1; done' &
setsid sh -c 'trap "" TERM HUP INT; echo $$ >> pids-$BATCHTOP_EPOCH; while :; do sleep 1; done' &
say $$
until [ -e go ]; do sleep 0.01; done`

const CHILDREN = 6

async function write(box: Box, items: string, run = FLEEING): Promise<string> {
  const batches = [{ id: 'a', items: { command: `printf '%s\\n' ${items}` }, run, cwd: box.folder }]
  return await box.write('plan.yaml', JSON.stringify({ name: 'fleeing', threads: 2, batches }))
}

/** Waits until all children of this epoch's items have said who they are. */
async function pidsOf(box: Box, epoch: number, items = 2): Promise<readonly number[]> {
  let text = ''
  const areThere = async () => {
    text = await readFile(`${box.folder}/pids-${epoch}`, 'utf8').catch(() => '')
    return text.split('\n').length > items * CHILDREN
  }
  await until(areThere, { instead: () => `epoch ${epoch} has said: ${text}` })
  return text.trim().split('\n').map(Number)
}

async function supervisorIn(box: Box): Promise<number> {
  const [pid] = await supervisorsIn(box.stateDir)
  if (pid === undefined) throw new Error('No supervisor')
  return pid
}

async function allGone(pids: readonly number[]): Promise<void> {
  let alive: number[] = []
  const areGone = async () => {
    const states = await Promise.all(pids.map(isAlive))
    alive = pids.filter((_, place) => states[place])
    return alive.length === 0
  }
  await until(areGone, { instead: () => `alive: ${alive.join()}` })
}

test.concurrent('nothing that commands started survives the death of their supervisor, frozen or not', async ({
  box,
}) => {
  expect((await box.run('run', await write(box, 'x y'), '-d')).code).toBe(0)
  const pids = await pidsOf(box, 1)
  expect((await box.run('pause', '--thread', '1')).code).toBe(0)
  const areFrozen = async () => (await Promise.all(pids.map(isFrozen))).filter(Boolean).length >= 3
  await until(areFrozen, { instead: () => 'less than three are frozen' })
  await kill(await supervisorIn(box))
  await allGone(pids)
})

test.concurrent('what the reaper could not end is gone before its item runs again', async ({ box }) => {
  expect((await box.run('run', await write(box, 'x y'), '-d')).code).toBe(0)
  const pids = await pidsOf(box, 1)
  const supervisor = await supervisorIn(box)
  await kill(await reaperOf(supervisor))
  await kill(supervisor)
  expect((await Promise.all(pids.map(isAlive))).some(Boolean)).toBe(true)
  expect((await box.run('recover', '-d')).code).toBe(0)
  const next = await pidsOf(box, 2)
  await allGone(pids)
  await box.write('go', '')
  expect(await box.run('wait')).toMatchObject({ code: 0 })
  await allGone(next)
})

test.concurrent('nothing survives a stop, nor the end of a run', async ({ box }) => {
  expect((await box.run('run', await write(box, 'x y'), '-d')).code).toBe(0)
  const stopped = await pidsOf(box, 1)
  expect((await box.run('stop', '--now')).code).toBe(0)
  await box.run('wait', '-R', 'last')
  await allGone(stopped)
  expect((await box.run('recover', '-d')).code).toBe(0)
  const ended = await pidsOf(box, 2)
  await box.write('go', '')
  expect(await box.run('wait')).toMatchObject({ code: 0 })
  await allGone(ended)
})

test.concurrent('a shell that dies is replaced, and only its item runs again', async ({ box }) => {
  const run = 'echo {} >> ran; until [ -e go ]; do sleep 0.01; done'
  expect((await box.run('run', await write(box, 'x y', run), '-d')).code).toBe(0)
  const lines = async () => (await readFile(`${box.folder}/ran`, 'utf8').catch(() => '')).trim().split('\n')
  await until(async () => (await lines()).length === 2, { instead: () => 'not both run' })
  const [first = 0] = await hostsOf(await supervisorIn(box))
  await kill(first)
  await until(async () => (await lines()).length === 3, { instead: () => 'it does not run again' })
  await box.write('go', '')
  expect(await box.run('wait')).toMatchObject({ code: 0 })
  const ran = await lines()
  expect(ran.toSorted()).toEqual(['x', 'y', ran.at(-1) ?? ''].toSorted())
  const events = await box.lines<{ type: string; attempt?: number }>('events', '-R', 'last')
  expect(events.filter(({ type }) => type === 'thread.replaced')).toHaveLength(1)
  const attempts = events.flatMap(({ type, attempt = 0 }) => (type === 'item.succeeded' ? [attempt] : []))
  expect(Math.max(...attempts)).toBe(2)
  expect(attempts).toHaveLength(2)
})
