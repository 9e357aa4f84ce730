import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SOON } from './rig.ts'
import type { ShellRig } from './shell-rig.ts'
import { script, shellRig, words } from './shell-rig.ts'

/** Program of a process. */
const programOf = (pid: number | undefined): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

/** Short commands, until the small shell runs them. None of the last was too long for a stream: the next goes there as well. */
async function streams({ thread, runAll }: Pick<ShellRig, 'thread' | 'runAll'>): Promise<void> {
  await expect
    .poll(async () => {
      const results = await runAll(['a', 'b', 'c'], { run: words('/bin/true') })
      return programOf(thread.pid) !== 'bash' && results.every(({ ms }) => ms < 20)
    }, SOON)
    .toBe(true)
}

test('a stream of short commands goes to the small shell, and what takes longer to the one with groups', async () => {
  const { thread, runAll, one, reports } = await shellRig()
  expect(programOf(thread.pid)).toBe('bash')
  const first = thread.pid
  await streams({ thread, runAll })
  const told = reports.findLast((report) => report.type === 'thread.ready')
  expect(told).toMatchObject({ pid: thread.pid })
  await one(script('sleep 0.05'))
  await one(words('/bin/true'))
  expect(thread.pid).toBe(first)
  expect(reports.filter(({ type }) => type === 'thread.lost')).toEqual([])
})

test('output of both shells stands where it is said to be', async () => {
  const { runAll, log } = await shellRig()
  for (let round = 0; round < 12; round += 1) {
    const names = [`${round}-a`, `${round}-b`, `${round}-c`]
    const results = await runAll(names, {
      run: round % 6 === 5 ? script('sleep 0.03; echo {}') : words('/bin/echo', '{}'),
    })
    expect(await Promise.all(results.map((one) => log(one.log)))).toEqual(names.map((name) => `${name}\n`))
  }
})

test('either shell may die, and the other one too', async () => {
  const { thread, runAll, reported, reports, one } = await shellRig()
  await streams({ thread, runAll })
  const readies = () => reports.filter(({ type }) => type === 'thread.ready').length
  const before = readies()
  process.kill(thread.pid ?? 0, 'SIGKILL')
  await reported('thread.lost')
  await reported('thread.ready', before + 1)
  expect((await one(words('/bin/echo', 'on'))).output).toBe('on\n')
  await thread.stop()
  expect(reports.filter(({ type }) => type === 'thread.stopped')).toHaveLength(1)
})

test('a thread that is stopped can be started again at once, whichever shell worked', async () => {
  const { thread, runAll, reported, reports, one } = await shellRig(undefined, (report) => {
    if (report.type === 'thread.stopped' && reports.filter(({ type }) => type === 'thread.stopped').length === 1)
      thread.start('command')
  })
  await streams({ thread, runAll })
  const readies = reports.filter(({ type }) => type === 'thread.ready').length
  void thread.stop()
  await reported('thread.ready', readies + 1)
  expect((await one(words('/bin/echo', 'on'))).output).toBe('on\n')
})

test('a command that kills its group ends as it does alone, also in a stream', async () => {
  const { thread, run, runAll, reported, reports, results } = await shellRig()
  await streams({ thread, runAll })
  const readies = reports.filter(({ type }) => type === 'thread.ready').length
  const fatal = { run: script('kill -9 0; sleep 100') }
  run(['a'], fatal)
  await reported('thread.lost')
  await reported('thread.ready', readies + 1)
  await runAll(['a'], fatal)
  expect(results().at(-1)).toMatchObject({ ok: false, reason: { kind: 'signal', code: 'SIGKILL' } })
})
