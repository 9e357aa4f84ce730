import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { isGroupAlive, signalAll, signalGroup } from '../../src/threads/groups.ts'
import { until } from '../helpers/until.ts'
import { allGone, isGone, openLane, stateOf } from './real-processes.ts'

test('a signal reaches everybody of a group, and nobody being there is an answer', async () => {
  const lane = await openLane()
  await lane.say('sleep 1000 & echo "pid $!"')
  expect(isGroupAlive(lane.pid)).toBe(true)
  expect(signalGroup(lane.pid, 'SIGSTOP')).toBe(true)
  await until(() => [lane.pid, ...lane.numbers].every((pid) => stateOf(pid) === 'T'), { instead: () => 'they run' })
  expect(isGroupAlive(lane.pid)).toBe(true)
  signalGroup(lane.pid, 'SIGKILL')
  await allGone([lane.pid, ...lane.numbers])
  await until(() => !isGroupAlive(lane.pid), { instead: () => 'somebody is there' })
  expect(Error.stackTraceLimit).toBeGreaterThan(0)
})

test('a group is alive without its leader', async () => {
  const lane = await openLane()
  await lane.say('sleep 1000 & echo "pid $!"')
  signalAll([lane.pid], 'SIGKILL')
  await allGone([lane.pid])
  expect(isGroupAlive(lane.pid)).toBe(true)
  signalAll(lane.numbers, 'SIGKILL')
  await until(() => !isGroupAlive(lane.pid), { instead: () => 'somebody is there' })
})

test('a group of dead processes that nobody collects is not alive', async () => {
  // The parent never waits for what it started, and the shell between gives it a group of its own.
  const parent = spawn('/bin/sh', ['-c', 'setsid sh -c "echo \\$\\$; exit" & exec sleep 1000'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (text: Buffer) => resolve(Number(text))),
  )
  await until(() => stateOf(pid) === 'Z', { instead: () => stateOf(pid) })
  expect(isGroupAlive(pid)).toBe(false)
  expect(isGone(pid)).toBe(true)
})

test.each([1, 0, -1, Number.NaN, 1.5])('%d is taken for a mistake, not for everybody', (number) => {
  expect(() => signalGroup(number, 'SIGCONT')).toThrow('no process')
  expect(() => isGroupAlive(number)).toThrow('no process')
  expect(() => signalAll([number], 'SIGCONT')).toThrow('no process')
})
