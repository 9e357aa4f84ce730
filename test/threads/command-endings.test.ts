import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Reason } from '../../src/model/reason.ts'
import { bytes, millis } from '../../src/model/units.ts'
import { isDead, SOON, stateOf } from './rig.ts'
import { LANES, script, shellRig, words } from './shell-rig.ts'

const USER: Reason = { kind: 'user', message: 'ended by a person' }
const HUNGRY: Reason = { kind: 'memory', message: 'took more than its cap' }

/**
 * Starts children and a grandchild, writes their numbers to `pids`, and stays busy. The first child has its own started by then: a shell whose
 * child is stopped before it is another program stands in a wait of its own.
 */
const TREE = `
: > pids.new
(sh -c 'echo $PPID >> pids.new; exec sleep 1000'; :) &
sh -c 'echo $$ >> pids.new; while :; do :; done' &
sh -c 'sleep 1000 & echo $! >> pids.new; wait' &
until [ $(wc -l < pids.new) = 3 ]; do sleep 0.01; done
echo $$ >> pids.new; mv pids.new pids
while :; do :; done`

const numbers = (text: string): number[] => text.trim().split('\n').map(Number)

describe.each(LANES)('in a lane of $program', (lane) => {
  test('a pause stops a busy tree, and it goes on where it stood', async () => {
    const { thread, run, reported, marked } = await shellRig(lane)
    run(['a', 'b'], { run: script(TREE) })
    const pids = numbers(await marked('pids'))
    thread.freeze()
    await reported('thread.frozen')
    // Who waits for a core stops once it has one.
    await expect.poll(() => pids.map(stateOf), SOON).toEqual(['T', 'T', 'T', 'T'])
    expect(await reported('items.taken')).toMatchObject({ places: [1] })
    thread.thaw()
    await reported('thread.thawed')
    await expect.poll(() => pids.map(stateOf).includes('T'), SOON).toBe(false)
    thread.end(0, USER, true)
    await reported('chunk.ended')
    expect(pids.map(isDead)).toEqual([true, true, true, true])
  })

  test('a shell does not work either while its item stands, and tells its end after the thaw', async () => {
    const { thread, run, reported, marked, cwd } = await shellRig(lane)
    run(['a'], { run: script('echo x > on; until [ -e go ]; do sleep 0.01; done') })
    await marked('on')
    thread.freeze()
    await reported('thread.frozen')
    await expect.poll(() => stateOf(thread.pid ?? 0), SOON).toBe(lane.isGrouped ? 'T' : 'S')
    writeFileSync(join(cwd, 'go'), '')
    thread.thaw()
    await reported('items.succeeded')
  })

  test('what ends just when it goes on has not been ended by the pause', async () => {
    const { thread, run, reported, reports, marked, cwd, batch } = await shellRig(lane)
    const waiting = batch({ run: script('echo x > {}; until [ -e {}.go ]; do sleep 0.01; done') })
    for (let round = 1; round <= 25; round += 1) {
      run([`item-${round}`], waiting)
      await marked(`item-${round}`)
      thread.freeze()
      await reported('thread.frozen', round)
      await expect.poll(() => stateOf(thread.pid ?? 0), SOON).toBe(lane.isGrouped ? 'T' : 'S')
      writeFileSync(join(cwd, `item-${round}.go`), '')
      thread.thaw()
      await reported('chunk.ended', round)
    }
    expect(reports.filter(({ type }) => type === 'items.ended')).toEqual([])
  })

  test('a pause stops a tree that ignores signals and has groups of its own', async () => {
    const { thread, run, reported, marked } = await shellRig(lane)
    const deaf = `trap '' TERM INT HUP; bash -m -c 'sleep 1000 & echo $! > pids.new; wait' & `
    run(['a'], {
      run: script(`${deaf} until [ -s pids.new ]; do sleep 0.01; done; echo $$ >> pids.new; mv pids.new pids; wait`),
    })
    const pids = numbers(await marked('pids'))
    thread.freeze()
    await reported('thread.frozen')
    await expect.poll(() => pids.map(stateOf), SOON).toEqual(['T', 'T'])
    thread.end(0, USER, true)
    await reported('chunk.ended')
    expect(pids.map(isDead)).toEqual([true, true])
  })

  test('an item that ends while it is frozen does not count the time it stood', async () => {
    const { thread, run, reported, marked, cwd } = await shellRig(lane)
    const began = performance.now()
    run(['a'], { run: script('echo x > on; until [ -e go ]; do sleep 0.01; done') })
    await marked('on')
    thread.freeze()
    await reported('thread.frozen')
    const frozen = performance.now()
    writeFileSync(join(cwd, 'go'), '')
    await expect.poll(() => performance.now() - frozen, SOON).toBeGreaterThan(300)
    const stood = performance.now() - frozen
    thread.thaw()
    const { ms } = await reported('items.succeeded')
    expect(ms[0]).toBeLessThan(performance.now() - began - stood)
  })

  test('an attempt that takes too long is asked to end, and told why', async () => {
    const { run, reported, results } = await shellRig(lane)
    run(['a', 'b'], {
      run: script("trap 'echo bye; exit 0' TERM; while :; do sleep 0.01; done"),
      timeout: millis(1000),
    })
    await reported('items.ended')
    expect(results()[0]).toMatchObject({
      ok: false,
      reason: { kind: 'timeout', message: 'took longer than 1s' },
      isRetryable: true,
    })
  })

  test('who does not hear is killed after the grace, with all it started, sessions of their own included', async () => {
    const { thread, run, reported, results, marked } = await shellRig(lane)
    const escaped = `setsid sh -c 'trap "" TERM; echo $$ > pids.new; while :; do sleep 1; done' & until [ -s pids.new ]; do sleep 0.01; done`
    run(['a'], {
      run: script(`trap '' TERM; ${escaped}; echo $$ >> pids.new; mv pids.new pids; while :; do sleep 1; done`),
    })
    const pids = numbers(await marked('pids'))
    thread.end(0, USER, false)
    await reported('chunk.ended')
    expect(results()[0]).toMatchObject({ ok: false, reason: USER, isRetryable: false })
    expect(pids.map(isDead)).toEqual([true, true])
  })

  test('an interrupted chunk comes back: the running item as interrupted, the rest as taken', async () => {
    const { thread, run, reported, marked, one } = await shellRig(lane)
    run(['a', 'b', 'c'], { run: script('echo x > on; exec sleep 1000') })
    await marked('on')
    thread.interrupt()
    await reported('chunk.ended')
    expect(await reported('items.interrupted')).toMatchObject({ places: [0] })
    expect(await reported('items.taken')).toMatchObject({ places: [1, 2] })
    expect((await one(words('/bin/echo', 'on'))).output).toBe('on\n')
  })

  test('a frozen item is ended without anybody thawing it, and the thread stays frozen', async () => {
    const { thread, run, reported, marked, reports } = await shellRig(lane)
    run(['a'], { run: script('echo $$ > pid; exec sleep 1000') })
    const pid = Number(await marked('pid'))
    thread.freeze()
    await reported('thread.frozen')
    thread.interrupt()
    await reported('chunk.ended')
    expect(isDead(pid)).toBe(true)
    expect(reports.some(({ type }) => type === 'thread.thawed')).toBe(false)
    thread.thaw()
    await reported('thread.thawed')
  })

  test('an item that took too much is killed for it, and the thread goes on', async () => {
    const { thread, run, reported, results, marked, one, reports } = await shellRig(lane)
    run(['a', 'b'], { run: script("trap '' TERM; echo $$ > pid; while :; do sleep 1; done") })
    const pid = Number(await marked('pid'))
    thread.fail(0, HUNGRY)
    await reported('chunk.ended')
    expect(results()[0]).toMatchObject({ ok: false, place: 0, reason: HUNGRY, isRetryable: true })
    expect(await reported('items.taken')).toMatchObject({ places: [1] })
    expect(isDead(pid)).toBe(true)
    expect((await one(words('/bin/echo', 'on'))).output).toBe('on\n')
    expect(reports.some(({ type }) => type === 'thread.lost')).toBe(false)
  })

  test('an item whose memory is needed goes, gently or at once', async () => {
    const { thread, run, reported, marked } = await shellRig(lane)
    run(['a'], { run: script('echo x > on; exec sleep 1000') })
    await marked('on')
    thread.evict(false)
    expect(await reported('items.interrupted')).toMatchObject({ places: [0] })
    await reported('chunk.ended')
    run(['b'], { run: script("trap '' TERM; echo x > two; while :; do sleep 1; done") })
    await marked('two')
    thread.evict(true)
    await reported('items.interrupted', 2)
    await reported('chunk.ended', 2)
  })

  test('nothing survives a stop', async () => {
    const { thread, run, reported, marked } = await shellRig(lane)
    run(['a'], { run: script(TREE) })
    const pids = numbers(await marked('pids'))
    await thread.stop()
    expect(await reported('items.interrupted')).toMatchObject({ places: [0] })
    expect(pids.map(isDead)).toEqual([true, true, true, true])
    thread.start('command')
    await reported('thread.ready', 2)
  })

  test('a shell that is killed while its item is frozen takes it along, and is replaced by an idle one', async () => {
    const { thread, run, reported, marked, one } = await shellRig(lane)
    run(['a'], { run: script(TREE) })
    const pids = numbers(await marked('pids'))
    thread.freeze()
    await reported('thread.frozen')
    process.kill(thread.pid ?? 0, 'SIGKILL')
    expect(await reported('thread.lost')).toMatchObject({ running: 0, reason: { kind: 'lost' } })
    await expect.poll(() => pids.every(isDead), SOON).toBe(true)
    await reported('thread.ready', 2)
    expect((await one(words('/bin/echo', 'on'))).output).toBe('on\n')
  })

  test('a hundred megabytes of output stay in the log; what is beyond the limit is cut, and says so', async () => {
    const { one } = await shellRig(lane)
    const { result, output } = await one(script('head -c 104857600 /dev/zero'))
    expect(result?.ok).toBe(true)
    expect(output.length).toBe(104_857_600)
    const cut = await one(script('yes | head -c 3000000; echo last'), { logLimit: bytes(1_000_000) })
    expect(cut.output.length).toBeLessThan(1_000_100)
    expect(cut.output).toMatch(/\n\[batchtop: output beyond .* is not kept\]\n$/)
    expect((await one(words('/bin/echo', 'next'))).output).toBe('next\n')
  })

  test('outputs must be there after a success; halves of a failure go', async () => {
    const { one, cwd } = await shellRig(lane)
    const outputs = [['out/', { slot: 'item' } as const, '.md']]
    expect((await one(script('echo {} > out/{}.md'), { outputs })).result?.ok).toBe(true)
    expect(readFileSync(join(cwd, 'out/a.md'), 'utf8')).toBe('a\n')
    expect((await one(script('rm out/{}.md'), { outputs })).result).toMatchObject({
      ok: false,
      reason: { kind: 'output', message: 'made no out/a.md' },
    })
    expect((await one(script('echo half > out/{}.md; exit 4'), { outputs })).result).toMatchObject({
      ok: false,
      reason: { kind: 'exit' },
    })
    expect(existsSync(join(cwd, 'out/a.md'))).toBe(false)
  })
})
