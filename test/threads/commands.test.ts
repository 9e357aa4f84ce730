import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Command } from '../../src/model/template.ts'
import { isDead, SOON } from './rig.ts'
import { LANES, script, shellRig, words } from './shell-rig.ts'

describe.each(LANES)('in a lane of $program', (lane) => {
  test('commands of plain words run one after another and succeed', async () => {
    const { runAll } = await shellRig(lane)
    const results = await runAll(['a', 'b', 'c'], { run: words('/bin/true') })
    expect(results.map(({ ok, place }) => [ok, place])).toEqual([
      [true, 0],
      [true, 1],
      [true, 2],
    ])
  })

  test('what a command writes to both streams is its log, in order, and nobody else’s', async () => {
    const { runAll, log } = await shellRig(lane)
    const results = await runAll(['a', 'b'], { run: script('echo out {}; echo err {} >&2; printf "no end"') })
    expect(await Promise.all(results.map((one) => log(one.log)))).toEqual([
      'out a\nerr a\nno end',
      'out b\nerr b\nno end',
    ])
  })

  test('exit codes and signals are told', async () => {
    const { one } = await shellRig(lane)
    expect((await one(script('exit 3'))).result).toMatchObject({
      ok: false,
      reason: { kind: 'exit', code: '3', message: 'exit 3' },
    })
    expect((await one(script('kill -SEGV $$'))).result).toMatchObject({
      ok: false,
      reason: { kind: 'signal', code: 'SIGSEGV', message: 'ended by SIGSEGV' },
    })
    expect((await one(script('kill $$'))).result).toMatchObject({
      ok: false,
      reason: { kind: 'signal', code: 'SIGTERM' },
    })
    expect((await one(words('/nowhere/at-all'))).result).toMatchObject({
      ok: false,
      reason: { kind: 'exit', code: '127' },
    })
    expect((await one(words('/etc/passwd'))).result).toMatchObject({ ok: false, reason: { kind: 'exit', code: '126' } })
  })

  test('a command has its own traps, an empty standard input and no terminal', async () => {
    const { one } = await shellRig(lane)
    expect(await one(script("trap 'echo bye' EXIT; cat; echo after"))).toMatchObject({
      result: { ok: true },
      output: 'after\nbye\n',
    })
    expect((await one(script('echo x > /dev/tty'))).result).toMatchObject({ ok: false, reason: { kind: 'exit' } })
  })

  test('nothing of a command reaches the next: folder, mask, limits, variables, descriptors', async () => {
    const { one } = await shellRig(lane)
    const ask = script('pwd; umask; ulimit -n; echo "[$LEAK]"; ls /proc/self/fd | wc -l')
    const before = await one(ask)
    await one(script('cd /; umask 0; ulimit -n 50; export LEAK=1; exec 9>/dev/null; set +e; exit 0'))
    expect(await one(ask)).toEqual({ ...before, result: expect.objectContaining({ ok: true }) as unknown })
  })

  test('a program begins the same whether it is called by name or by path, a script that names no shell as well', async () => {
    const { one, cwd } = await shellRig(lane)
    const told = async (command: Command): Promise<string> => (await one(command)).output
    expect(await told(words('/bin/ls', '/proc/self/fd'))).toBe(await told(words('ls', '/proc/self/fd')))
    const traps = ['-E', 'SigBlk|SigIgn', '/proc/self/status']
    expect(await told(words('/bin/grep', ...traps))).toBe(await told(words('grep', ...traps)))
    writeFileSync(join(cwd, 'plain'), 'echo "$1 $#"; exit 4\n', { mode: 0o755 })
    expect(await one(words('./plain', 'one two', ''))).toMatchObject({
      result: { ok: false, reason: { code: '4' } },
      output: 'one two 2\n',
    })
  })

  test('unbalanced quotes and parentheses fail their own item only', async () => {
    const { runAll, one } = await shellRig(lane)
    for (const bad of ['echo "', "echo '", ')', '(', 'if', 'done', '`', '$(']) {
      const [result] = await runAll(['a'], { run: script(bad) })
      expect([bad, result?.ok]).toEqual([bad, false])
    }
    expect((await one(words('/bin/echo', 'still', '{}'))).output).toBe('still a\n')
  })

  test('exec replaces the shell of the command, not the lane', async () => {
    const { one } = await shellRig(lane)
    expect((await one(script('exec echo instead'))).output).toBe('instead\n')
    expect((await one(script('exec 3>&1 4>&1; echo on >&4'))).output).toBe('on\n')
  })

  test('a command that kills its parent costs its thread the shell, and only that item runs again', async () => {
    const { run, reported, reports, one } = await shellRig(lane)
    run(['a', 'b'], { run: script('kill -9 $PPID; sleep 100') })
    const lost = await reported('thread.lost')
    expect(lost).toMatchObject({ running: 0, orphaned: [1], reason: { kind: 'lost', code: 'SIGKILL' } })
    await reported('thread.ready', 2)
    expect((await one(words('/bin/echo', 'again'))).output).toBe('again\n')
    expect(reports.filter(({ type }) => type === 'thread.lost')).toHaveLength(1)
  })

  test('a command that signals its whole group ends itself', async () => {
    const { one, run, reports, reported } = await shellRig(lane)
    expect((await one(script('kill -TERM 0; sleep 100'))).result).toMatchObject({
      ok: false,
      reason: { kind: 'signal', code: 'SIGTERM' },
    })
    run(['a'], { run: script('kill -9 0; sleep 100') })
    await reported(lane.isGrouped ? 'chunk.ended' : 'thread.lost', lane.isGrouped ? 2 : 1)
    const last = reports.findLast(({ type }) => type === 'items.ended' || type === 'thread.lost')
    expect(last).toMatchObject(
      lane.isGrouped
        ? { results: [{ ok: false, reason: { kind: 'signal', code: 'SIGKILL' } }] }
        : { running: 0, reason: { kind: 'lost', code: 'SIGKILL' } },
    )
  })

  test('variables tell a command who it is', async () => {
    const { one, folder } = await shellRig(lane)
    const names = ['RUN', 'EPOCH', 'BATCH', 'ITEM', 'NUMBER', 'THREAD', 'ATTEMPT', 'KEY', 'FOLDER']
    const { output } = await one(
      script(`${names.map((name) => `echo "$BATCHTOP_${name}"`).join(';')}; echo $PARALLEL_SEQ $PARALLEL_JOBSLOT`),
    )
    expect(output.split('\n')).toEqual(['7f3a', '1', 'demo', 'a', '1', '1', '1', '7f3a/demo/a', folder, '1 1', ''])
  })

  test('variables of the plan are the batch’s alone, whatever they mean to a shell', async () => {
    const { one } = await shellRig(lane)
    const ask = script('env | grep -E "^(MINE|IFS|UID|PATH|POSIXLY_CORRECT|HOME)=" | sort')
    const before = (await one(ask)).output
    const env = { MINE: "it's", IFS: 'x', UID: '7', POSIXLY_CORRECT: '1', HOME: '/nowhere' }
    const lines = (await one(ask, { work: { env } })).output.split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        "MINE=it's",
        'UID=7',
        'POSIXLY_CORRECT=1',
        'HOME=/nowhere',
        `PATH=${process.env['PATH']}`,
      ]),
    )
    expect((await one(ask)).output).toBe(before)
  })

  test('progress goes through a file, as often as it changes', async () => {
    const { run, reported, reports, marked, cwd } = await shellRig(lane)
    const text = `echo '40% linking' > "$BATCHTOP_PROGRESS"; echo here > mark; until [ -e go ]; do sleep 0.01; done`
    run(['a'], { run: script(`${text}; echo '80.5%' > "$BATCHTOP_PROGRESS"; until [ -e on ]; do sleep 0.01; done`) })
    await marked('mark')
    expect(await reported('item.progressed')).toMatchObject({ place: 0, fraction: 0.4, note: 'linking' })
    writeFileSync(join(cwd, 'go'), '')
    await expect.poll(() => reports.some((one) => 'fraction' in one && one.fraction === 0.805), SOON).toBe(true)
    writeFileSync(join(cwd, 'on'), '')
    await reported('chunk.ended')
  })

  test('a value that is no JSON fails the item', async () => {
    const { one } = await shellRig(lane)
    expect((await one(script('echo oops > "$BATCHTOP_VALUE"'))).result).toMatchObject({
      ok: false,
      reason: { kind: 'output' },
    })
    expect((await one(script('echo \'[1, "x"]\' > "$BATCHTOP_VALUE"'))).result).toMatchObject({
      ok: true,
      value: '[1,"x"]',
    })
    expect((await one(words('/bin/true'))).result).not.toHaveProperty('value')
  })

  test('a folder that is not there fails items of its batch only', async () => {
    const { runAll, one } = await shellRig(lane)
    const results = await runAll(['a', 'b'], { run: words('/bin/true'), work: { cwd: '/nowhere' } })
    expect(results).toMatchObject([
      { ok: false, reason: { kind: 'setup', message: 'cannot enter the folder /nowhere' } },
      { ok: false, reason: { kind: 'setup' } },
    ])
    expect((await one(words('/bin/pwd'))).result?.ok).toBe(true)
  })

  test('a folder, or values of another batch, that were not there are looked for again by the next attempt', async () => {
    const { runAll, batch, cwd } = await shellRig(lane)
    const folder = join(cwd, 'later')
    const files = [join(cwd, 'one.ndjson'), join(cwd, 'two.ndjson')]
    const inFolder = batch({ run: words('/bin/true'), work: { cwd: folder } })
    const withValues = batch({ run: words('/bin/true'), results: [{ batch: 'before', files, end: 26 }] })
    for (const one of [inFolder, withValues])
      expect(await runAll(['a'], one)).toMatchObject([{ ok: false, reason: { kind: 'setup' } }])
    for (const file of files) writeFileSync(file, '{"item":"a"}\n')
    expect(await runAll(['a'], withValues)).toMatchObject([{ ok: true }])
    expect(await runAll(['a'], inFolder)).toMatchObject([{ ok: false }])
    mkdirSync(folder)
    expect(await runAll(['a'], inFolder)).toMatchObject([{ ok: true }])
  })

  test('a folder of an item’s own that is not there is told by its name', async () => {
    const { one, cwd } = await shellRig(lane)
    const itemCwd = ['sub/', { slot: 'item' } as const]
    const reason = { kind: 'setup', message: `cannot enter the folder ${cwd}/sub/a` }
    expect((await one(words('/bin/pwd'), { work: { itemCwd } })).result).toMatchObject({ ok: false, reason })
    mkdirSync(`${cwd}/sub/a`, { recursive: true })
    expect((await one(words('/bin/pwd'), { work: { itemCwd } })).output).toBe(`${cwd}/sub/a\n`)
  })

  test('children that are left behind are ended and counted', async () => {
    const { one, marked } = await shellRig(lane)
    const { result } = await one(script('sleep 1000 & echo $! > child; sleep 1000 & exit 0'))
    expect(result).toMatchObject({ ok: true, leftover: 2 })
    expect(isDead(Number(await marked('child')))).toBe(true)
  })
})
