import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ThreadReport } from '../../src/model/chunk.ts'
import type { Reason } from '../../src/model/reason.ts'
import { millis } from '../../src/model/units.ts'
import { SHARED_LANE } from '../../src/threads/lane-kind.ts'
import { isDead, SOON, stateOf } from './rig.ts'
import type { ShellRig } from './shell-rig.ts'
import { LANES, script, shellRig, words } from './shell-rig.ts'

const USER: Reason = { kind: 'user', message: 'ended by a person' }

/** What was killed although it might have heard that it is to end. */
function watchKills(): () => readonly unknown[] {
  const kill = vi.spyOn(process, 'kill')
  onTestFinished(() => kill.mockRestore())
  return () => kill.mock.calls.filter(([, signal]) => signal === 'SIGKILL')
}

describe.each(LANES)('in a lane of $program', (lane) => {
  test('every item of a chunk has its own timeout, whatever became of the one before', async () => {
    const { run, reported, results } = await shellRig(lane)
    run(['a', 'b'], { run: script('exec sleep 1000'), timeout: millis(200) })
    await reported('chunk.ended')
    expect(results()).toMatchObject([
      { ok: false, place: 0, reason: { kind: 'timeout' } },
      { ok: false, place: 1, reason: { kind: 'timeout' } },
    ])
  })

  test('who hears how items ended may take the rest back and give the next chunk at once', async () => {
    const said: ThreadReport[] = []
    const at: { rig?: ShellRig; next?: () => void } = {}
    const rig = await shellRig(lane, (report) => {
      said.push(report)
      if (report.type === 'items.ended') at.rig?.thread.takeBack()
      if (report.type !== 'chunk.ended') return
      at.next?.()
      delete at.next
    })
    at.rig = rig
    at.next = () => rig.run(['c'], { run: words('/bin/true') })
    rig.run(['a', 'b'], { run: words('/bin/true'), work: { cwd: '/nowhere' } })
    await rig.reported('chunk.ended', 2)
    const ends = said.flatMap((one) => (one.type === 'chunk.ended' ? [one.chunk] : []))
    expect(ends).toEqual([...new Set(ends)])
    expect(rig.results()).toMatchObject([
      { ok: false, place: 0 },
      { ok: false, place: 1 },
      { ok: true, place: 0 },
    ])
  })

  test('the same where an item was ended before its time, and what comes next runs once', async () => {
    const at: { rig?: ShellRig; next?: () => void } = {}
    const rig = await shellRig(lane, (report) => {
      if (report.type === 'items.ended') at.rig?.thread.takeBack()
      if (report.type !== 'chunk.ended') return
      at.next?.()
      delete at.next
    })
    at.rig = rig
    const work = rig.batch({ run: script('[ {} != a ] || { echo x > on; exec sleep 1000; }; echo {} >> ran') })
    at.next = () => rig.run(['c', 'd', 'e'], work)
    rig.run(['a', 'b'], work)
    await rig.marked('on')
    rig.thread.end(0, USER, false)
    await rig.reported('chunk.ended', 2)
    expect(await rig.reported('items.taken')).toMatchObject({ places: [1] })
    await rig.runAll(['f'], work)
    expect(readFileSync(join(rig.cwd, 'ran'), 'utf8')).toBe('c\nd\ne\nf\n')
    expect(rig.reports.filter(({ type }) => type === 'chunk.ended')).toHaveLength(3)
    expect(rig.results().map(({ ok }) => ok)).toEqual([false, true, true, true, true])
  })

  test('when a shell is told to be lost, nothing of its item lives any more, sessions of their own included', async () => {
    const { run, reported, marked } = await shellRig(lane)
    const escaped = `setsid sh -c 'trap "" TERM; echo $$ > pid; while :; do sleep 1; done' & until [ -s pid ]; do sleep 0.01; done`
    run(['a'], { run: script(`${escaped}; kill -9 $PPID; sleep 100`) })
    await reported('thread.lost')
    expect(isDead(Number(await marked('pid')))).toBe(true)
  })

  test('output of an item that took its shell along is not in the log of the next', async () => {
    const { run, reported, one } = await shellRig(lane)
    run(['a'], { run: script('echo lost; kill -9 $PPID; sleep 100') })
    await reported('thread.ready', 2)
    expect((await one(words('/bin/echo', 'next'))).output).toBe('next\n')
  })

  test('an item that is to end before its process is there hears that all the same', async () => {
    const { thread, run, reported, results } = await shellRig(lane)
    run(['warm'], { run: words('/bin/true') })
    await reported('chunk.ended')
    const killed = watchKills()
    run(['a'], { run: script('exec sleep 1000') })
    thread.end(0, USER, false)
    await reported('chunk.ended', 2)
    expect(results()[1]).toMatchObject({ ok: false, reason: USER })
    expect(killed()).toEqual([])
  })

  test('an item hears that it is to end at whatever moment of its beginning', async () => {
    const { thread, run, reported, batch } = await shellRig(lane)
    const killed = watchKills()
    const work = batch({ run: script('exec sleep 1000') })
    const moments = Array.from({ length: 30 }, (_, place) => place / 10)
    for (const [place, moment] of moments.entries()) {
      run(['a'], work)
      const from = performance.now()
      // A timer would not come between what takes microseconds.
      while (performance.now() - from < moment) continue
      thread.end(0, USER, false)
      await reported('chunk.ended', place + 1)
    }
    expect(killed()).toEqual([])
  })

  test('an item that is told to end while its shell enters its folder does not run', async () => {
    const { thread, run, reported, results, cwd } = await shellRig(lane)
    run(['a', 'b'], { run: script('echo {} > {}; exec sleep 1000'), timeout: millis(200) })
    thread.end(0, USER, false)
    await reported('chunk.ended')
    expect(results()).toMatchObject([{ reason: USER }, { reason: { kind: 'timeout' } }])
    expect(existsSync(join(cwd, 'a'))).toBe(false)
  })

  test('what an item leaves behind has no part in its timeout', async () => {
    const { run, reported, results } = await shellRig(lane)
    const deaf = `(trap '' TERM; echo x > on; exec sleep 1000) & until [ -e on ]; do sleep 0.01; done`
    // Nearly as long as what is deaf has to end.
    run(['a'], { run: script(`${deaf}; exit 0`), timeout: millis(1900) })
    await reported('chunk.ended')
    expect(results()).toMatchObject([{ ok: true, leftover: 1 }])
    expect(results()[0]?.ms).toBeLessThan(2000)
  })

  test('a value is of the item that began it: not what a child writes that is ended, or one that escaped', async () => {
    const { one, runAll } = await shellRig(lane)
    const dying = `(trap 'echo 7 > "$BATCHTOP_VALUE"; exit' TERM; echo x > on; while :; do sleep 0.01; done) & until [ -e on ]; do sleep 0.01; done`
    await one(script(`${dying}; exit 0`))
    expect((await one(words('/bin/true'))).result).not.toHaveProperty('value')
    const escaped = `setsid sh -c 'echo x > out; until [ -e go ]; do sleep 0.01; done; echo 8 > "$BATCHTOP_VALUE"; echo x > wrote' &`
    const first = `${escaped} until [ -e out ]; do sleep 0.01; done`
    const second = 'echo x > go; until [ -e wrote ]; do sleep 0.01; done'
    const results = await runAll(['a', 'b'], { run: script(`case {} in a) ${first};; b) ${second};; esac`) })
    expect(results.map(({ ok }) => ok)).toEqual([true, true])
    for (const result of results) expect(result).not.toHaveProperty('value')
  })

  test('an item that is told to end while it comes to stand ends all the same', async () => {
    const { thread, run, reported, results, marked, batch } = await shellRig(lane)
    const work = batch({ run: script("trap 'sleep 0.1; exit' TERM; echo x > {}; while :; do sleep 0.01; done") })
    for (let round = 1; round <= 5; round += 1) {
      run([`item-${round}`], work)
      await marked(`item-${round}`)
      thread.freeze()
      thread.end(0, USER, false)
      await reported('thread.frozen', round)
      await reported('chunk.ended', round)
      thread.thaw()
      await reported('thread.thawed', round)
    }
    expect(results().every((one) => !one.ok && one.reason.kind === 'user')).toBe(true)
  })

  test('an item that must make files is paused while room for them is made, and comes back when it is stopped', async () => {
    const { thread, run, batch, reported, cwd } = await shellRig(lane)
    const outputs = [['out/', { slot: 'item' } as const]]
    const slow = batch({ run: script('echo x > out/{}; [ {} = warm ] || exec sleep 1000'), outputs })
    run(['warm'], slow)
    await reported('chunk.ended')
    run(['a', 'b'], slow)
    thread.freeze()
    await reported('thread.frozen')
    expect(await reported('items.taken')).toMatchObject({ places: [1] })
    thread.interrupt()
    await reported('chunk.ended', 2)
    expect(await reported('items.interrupted')).toMatchObject({ places: [0] })
    expect(existsSync(join(cwd, 'out/a'))).toBe(false)
    thread.thaw()
    await reported('thread.thawed')
    run(['c'], { run: script('echo x > out/{}'), outputs })
    await reported('chunk.ended', 3)
  })

  test('a shell that dies under an item that must make files takes no work from what it is asked meanwhile', async () => {
    const { thread, run, reported, reports, marked, cwd } = await shellRig(lane)
    const outputs = [['out/', { slot: 'item' } as const]]
    run(['a', 'b'], { run: script('echo x > out/{}; echo x > on; kill -9 $PPID; sleep 100'), outputs })
    await marked('on')
    await expect
      .poll(() => {
        const isLost = reports.some(({ type }) => type === 'thread.lost')
        if (!isLost) thread.takeBack()
        return isLost
      }, SOON)
      .toBe(true)
    expect(reports.find(({ type }) => type === 'thread.lost')).toMatchObject({ running: 0 })
    expect(existsSync(join(cwd, 'out/a'))).toBe(false)
    await reported('thread.ready', 2)
  })

  test('a pipe in the place of a file of the item holds nobody up, and a huge one is no value', async () => {
    const { one } = await shellRig(lane)
    const pipes = script('mkfifo "$BATCHTOP_PROGRESS" "$BATCHTOP_VALUE"; sleep 0.4')
    expect((await one(pipes)).result).toMatchObject({ ok: true })
    const { result } = await one(script('head -c 2000000 /dev/zero > "$BATCHTOP_VALUE"'))
    expect(result).toMatchObject({ ok: false, reason: { kind: 'output' } })
    expect((await one(words('/bin/true'))).result).not.toHaveProperty('value')
  })

  test('what has not changed is not told again', async () => {
    const { run, reported, reports, cwd } = await shellRig(lane)
    const began = performance.now()
    run(['a'], {
      run: script(`echo out; until [ -e go ]; do sleep 0.01; done; echo more; until [ -e on ]; do sleep 0.01; done`),
    })
    await reported('item.progressed')
    await expect.poll(() => performance.now() - began, SOON).toBeGreaterThan(600)
    writeFileSync(join(cwd, 'go'), '')
    await reported('item.progressed', 2)
    writeFileSync(join(cwd, 'on'), '')
    await reported('chunk.ended')
    const lengths = reports.flatMap((one) => (one.type === 'item.progressed' ? [one.log?.length] : []))
    expect(lengths).toEqual([4, 9])
  })
})

test('an item without a group of its own that makes a session is paused and ended like any other', async () => {
  const { thread, run, reported, marked, results } = await shellRig(SHARED_LANE)
  // It starts nothing: a shell whose child is stopped before it is another program stands in a wait of its own.
  run(['a'], { run: script(`exec setsid sh -c 'echo $$ > pid; while :; do :; done'`) })
  const pid = Number(await marked('pid'))
  thread.freeze()
  await reported('thread.frozen')
  await expect.poll(() => stateOf(pid), SOON).toBe('T')
  thread.thaw()
  await reported('thread.thawed')
  thread.end(0, USER, false)
  await reported('chunk.ended')
  expect(results()).toMatchObject([{ ok: false, reason: USER }])
  expect(isDead(pid)).toBe(true)
})
