import { expect, test } from 'vitest'
import { LeftBehind, procfs, ps } from '../../src/threads/left-behind.ts'
import { until } from '../helpers/until.ts'
import { allGone, openLane } from './real-processes.ts'

const tables = [
  ['procfs', procfs],
  ['ps', ps],
] as const

test.each(tables)('by %s, what an item leaves in the group of its lane is found, and only that', async (_, table) => {
  const looks = new LeftBehind(table)
  const lane = await openLane()
  const before = looks.mark()
  await lane.say('/bin/true; ls / >/dev/null; setsid true')
  expect(await looks.since(before, lane.pid)).toEqual([])
  const mark = looks.mark()
  await lane.say('( sleep 1000 & ); sleep 1001 & echo "pid $!"; sleep 0 & wait "$!"')
  const left = await looks.since(mark, lane.pid)
  expect(left).toHaveLength(2)
  expect(left).toContain(lane.numbers[0])
  for (const pid of left) process.kill(pid, 'SIGKILL')
  await allGone(left)
  expect(await looks.since(mark, lane.pid)).toEqual([])
})

test('of a process with many threads only the process is told', async () => {
  const looks = new LeftBehind()
  const lane = await openLane()
  const mark = looks.mark()
  await lane.say(`'${process.execPath}' -e 'console.log("pid", process.pid); setInterval(() => {}, 1e6)' &`)
  await until(() => lane.numbers.length === 1, { instead: () => 'it said nothing' })
  expect(await looks.since(mark, lane.pid)).toEqual(lane.numbers)
})

/** A machine as the numbers of its processes: all of them are in group 7. */
function machine(living: readonly number[], { end = 32_768, threads = 500 } = {}) {
  const looked: number[] = []
  let [newest, now] = [0, 0]
  return {
    looked,
    make: (pid: number, ms = 1) => {
      newest = pid
      now += ms
    },
    looks: new LeftBehind({
      newest: () => (newest === 0 ? undefined : { pid: newest, threads }),
      end: () => end,
      now: () => now,
      livingOf: (_, among) => {
        looked.push(...among)
        return living.filter((pid) => looked.includes(pid))
      },
      allOf: () => Promise.resolve(living),
    }),
  }
}

test('where numbers begin again, both ends of them are looked at', async () => {
  const { looked, make, looks } = machine([301])
  make(32_765)
  const mark = looks.mark()
  make(302)
  expect(await looks.since(mark, 7)).toEqual([301])
  expect(looked).toEqual([32_766, 32_767, 300, 301, 302])
})

test.each([
  ['more were made than there are', { pid: 2000, ms: 1 }],
  ['all numbers may have been used meanwhile', { pid: 1001, ms: 1000 }],
])('where %s, every process is looked at', async (_, { pid, ms }) => {
  const { looked, make, looks } = machine([900])
  make(1000)
  const mark = looks.mark()
  make(pid, ms)
  expect(await looks.since(mark, 7)).toEqual([900])
  expect(looked).toEqual([])
})

test('where the system does not say which process is the newest, every process is looked at', async () => {
  const { looks } = machine([900])
  expect(await looks.since(looks.mark(), 7)).toEqual([900])
})

test('a process that was made during the look is found as well', async () => {
  let newest = 1000
  const looks = new LeftBehind({
    newest: () => ({ pid: newest, threads: 500 }),
    end: () => 32_768,
    now: () => 0,
    livingOf: (_, among) => {
      newest = 1002
      return [...among].filter((pid) => pid === 1002)
    },
    allOf: () => Promise.resolve([]),
  })
  const mark = looks.mark()
  newest = 1001
  expect(await looks.since(mark, 7)).toEqual([1002])
})
