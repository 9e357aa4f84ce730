import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hasVariables, readEnvironments } from '../../src/threads/environments.ts'
import { startReaper } from '../../src/threads/reaper.ts'
import { scratchFolder } from '../helpers/scratch.ts'
import { until } from '../helpers/until.ts'
import { allGone, isGone, openLane } from './real-processes.ts'
import { livingInGroup, SOON, stateOf } from './rig.ts'
import { fixture } from './work.ts'

test('no process is left when the supervisor is killed: idle, running and frozen ones are gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'batchtop-threads-'))
  const supervisor = spawn(process.execPath, [fixture('supervisor'), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    supervisor.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const [line] = (await once(supervisor.stdout, 'data')) as [Buffer]
  const pids = JSON.parse(line.toString()) as number[]
  await expect.poll(() => pids.map(stateOf).slice(2), SOON).toEqual(['T', 'T'])
  // The last one has a child process, in its group.
  expect(pids.map((pid) => livingInGroup(pid).length)).toEqual([1, 1, 1, 2])
  supervisor.kill('SIGKILL')
  await expect.poll(() => pids.flatMap(livingInGroup), SOON).toEqual([])
})

test('what was removed is not touched, what was not is killed, frozen or not', async () => {
  const reaper = startReaper(await scratchFolder(), 1)
  const [kept, removed, frozen] = [await openLane(), await openLane(), await openLane()]
  for (const { pid } of [kept, removed, frozen]) reaper.add(pid)
  process.kill(frozen.pid, 'SIGSTOP')
  reaper.remove(removed.pid)
  reaper.close()
  await allGone([kept.pid, frozen.pid])
  expect(isGone(removed.pid)).toBe(false)
})

const sleeper = `sh -c 'echo "pid $$"; exec sleep 1000'`

test('groups that nobody registered go with the session they are in, frozen ones too', async () => {
  const reaper = startReaper(await scratchFolder(), 1)
  const lane = await openLane(['bash', '-s'])
  const other = await openLane(['bash', '-s'])
  await lane.say('set -m')
  await lane.say(`${sleeper} & (trap '' HUP TERM; ${sleeper}) & ( ( ${sleeper} & ) & )`)
  await other.say(`set -m; ${sleeper} &`)
  await until(() => lane.numbers.length === 3 && other.numbers.length === 1, { instead: () => lane.numbers.join() })
  for (const pid of lane.numbers) process.kill(pid, 'SIGSTOP')
  reaper.add(lane.pid)
  reaper.close()
  await allGone([lane.pid, ...lane.numbers])
  expect([other.pid, ...other.numbers].map(isGone)).toEqual([false, false])
})

test('a session of hundreds of processes goes', async () => {
  const reaper = startReaper(await scratchFolder(), 1)
  const lane = await openLane(['bash', '-s'])
  await lane.say('set -m; for number in {1..300}; do sleep 1000 & echo "pid $!"; done')
  reaper.add(lane.pid)
  reaper.close()
  expect(lane.numbers).toHaveLength(300)
  await allGone([lane.pid, ...lane.numbers])
})

test('who left the session is found by the folder of the run, also when the run ends in order', async () => {
  const folder = `${await scratchFolder()}/with blanks/7f3a`
  const reaper = startReaper(folder, 1)
  const lane = await openLane(['/bin/sh'], envOf(folder))
  await lane.say(
    `setsid ${sleeper} & (setsid -f setsid -f ${sleeper}) & (while :; do setsid -f sleep 1000; sleep 0.01; done) &`,
  )
  await until(() => lane.numbers.length === 2, { instead: () => lane.numbers.join() })
  process.kill(lane.numbers[0] as number, 'SIGSTOP')
  reaper.add(lane.pid)
  reaper.remove(lane.pid)
  reaper.close()
  await allGone([lane.pid, ...lane.numbers])
  await until(async () => (await withFolder(folder)).length === 0, { instead: () => 'some of its processes live' })
})

test('who is of another run, of the next supervisor, or has put the folder off is left alone', async () => {
  const folder = await scratchFolder()
  const reaper = startReaper(folder, 1)
  const others = [
    await openLane(['/bin/sh'], { ...envOf(folder), BATCHTOP_EPOCH: '12' }),
    await openLane(['/bin/sh'], envOf(`${folder}-2`)),
    await openLane(['/bin/sh'], { ...envOf('/elsewhere'), MY_BATCHTOP_FOLDER: folder }),
    await openLane(['/bin/sh'], { ...envOf('/elsewhere'), OTHER: `BATCHTOP_FOLDER=${folder}` }),
    await openLane(['env', '-u', 'BATCHTOP_FOLDER', '/bin/sh'], envOf(folder)),
  ]
  const own = await openLane(['/bin/sh'], envOf(folder))
  reaper.close()
  await allGone([own.pid])
  expect(others.map(({ pid }) => isGone(pid))).toEqual([false, false, false, false, false])
})

test('a supervisor that an item of its own run has started is not killed, nor who waits for it', async () => {
  const folder = await scratchFolder()
  const module = new URL('../../src/threads/reaper.ts', import.meta.url).href
  const script = `const { startReaper } = await import('${module}')
    startReaper('${folder}', 1).close()
    console.log('pid', process.pid)
    setInterval(() => {}, 1e6)`
  await writeFile(join(folder, 'starts.mjs'), script)
  const item = await openLane(['/bin/sh'], envOf(folder))
  const other = await openLane(['/bin/sh'], envOf(folder))
  await Promise.race([item.say(`'${process.execPath}' '${folder}/starts.mjs'`), allGone([other.pid])])
  await until(() => item.numbers.length === 1, { instead: () => 'it said nothing' })
  expect([item.pid, ...item.numbers].map(isGone)).toEqual([false, false])
})

const envOf = (folder: string) => ({ BATCHTOP_FOLDER: folder, BATCHTOP_EPOCH: '1' })

async function withFolder(folder: string): Promise<number[]> {
  const found = await readEnvironments()
  return found.filter((one) => hasVariables(one, envOf(folder))).map(({ pid }) => pid)
}
