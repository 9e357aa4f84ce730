import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { LANES, script, shellRig, words } from './shell-rig.ts'

/** What the supervisor was started with; back to what it was when the test ends. */
function surroundings(variables: Readonly<Record<string, string>>): void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  onTestFinished(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
}

describe.each(LANES)('in a lane of $program', (lane) => {
  test('whatever shells take from their surroundings, a lane works and its items are given it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'batchtop-surroundings-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const startup = join(folder, 'startup')
    writeFileSync(startup, 'echo startup; exit 3\n')
    surroundings({
      BASH_ENV: startup,
      ENV: startup,
      POSIXLY_CORRECT: '1',
      IFS: ' 0123456789-',
      SHELLOPTS: 'xtrace:noglob:nounset',
      CDPATH: '/',
      TMOUT: '1',
      PS4: '$(exit)',
      BASH_XTRACEFD: '1',
      FUNCNEST: '1',
      CHILD_MAX: '1',
      LC_ALL: 'nowhere',
      _bt_status: 'x',
      BATCHTOP_VALUE: startup,
      'BASH_FUNC_echo%%': '() { exit 7; }',
      'BASH_FUNC_wait%%': '() { exit 7; }',
      'BASH_FUNC_exec%%': '() { exit 7; }',
    })
    const { runAll, one } = await shellRig(lane)
    const results = await runAll(
      Array.from({ length: 12 }, (_, place) => `a ${place}`),
      { run: words('/bin/echo', '{}') },
    )
    expect(results.every(({ ok }) => ok)).toBe(true)
    expect((await one(script('exit 3'))).result).toMatchObject({ ok: false, reason: { code: '3' } })
    const env = { IFS: ':', PS4: '+', CHILD_MAX: '2', FUNCNEST: '2', HOME: "it's\n$(x)", LC_ALL: 'C' }
    const own = words('/bin/sh', '-c', 'echo "$HOME$LC_ALL"')
    expect((await one(own, { work: { env } })).output).toBe("it's\n$(x)C\n")
    expect((await one(words('/bin/sh', '-c', 'echo "$LC_ALL"'))).output).toBe('nowhere\n')
  })

  test('names of variables that mean something to shells are given to items and to nobody else', async () => {
    const { one } = await shellRig(lane)
    const names = `BASH_ENV BASHOPTS SHELLOPTS UID PPID GROUPS FUNCNAME RANDOM SECONDS LINENO OPTIND TMOUT PWD
      COPROC REPLY MAPFILE READLINE_LINE TIMEFORMAT PROMPT_COMMAND HISTFILE auto_resume histchars LINES COLUMNS
      IGNOREEOF MAILPATH FIGNORE GLOBSORT EXECIGNORE BASH_COMPAT BASH_ARGV0 HOSTTYPE j c r echo exec kill wait cd env`
    const ask = script('env | grep "=odd $" | sort | cut -d= -f1 | tr "\\n" " "')
    const env = Object.fromEntries(names.split(/\s+/).map((name) => [name, 'odd ']))
    for (const name of Object.keys(env)) {
      const { result } = await one(words('/bin/true'), { work: { env: { [name]: 'odd ' } } })
      expect([name, result?.ok]).toEqual([name, true])
    }
    const printed = words('/usr/bin/env')
    const { output } = await one(printed, { work: { env } })
    const given = output.split('\n').flatMap((line) => (line.endsWith('=odd ') ? [line.slice(0, -5)] : []))
    expect(given.toSorted()).toEqual(Object.keys(env).toSorted())
    expect((await one(ask)).output).toBe('')
  })

  test('who an item is, and where its value goes, is not a plan’s to say', async () => {
    const { one } = await shellRig(lane)
    const names = ['RUN', 'FOLDER', 'EPOCH', 'BATCH', 'ITEM', 'NUMBER', 'THREAD', 'ATTEMPT', 'KEY', 'PROGRESS', 'VALUE']
    const ask = script('env | grep -E "^(BATCHTOP|PARALLEL)_" | sort')
    const before = (await one(ask)).output
    const env = Object.fromEntries(
      [...names.map((name) => `BATCHTOP_${name}`), 'PARALLEL_SEQ'].map((name) => [name, 'x']),
    )
    expect((await one(ask, { work: { env } })).output).toBe(before)
    const itemEnv = Object.fromEntries(Object.keys(env).map((name) => [name, ['x']]))
    expect((await one(ask, { work: { itemEnv } })).output).toBe(before)
    expect((await one(ask)).output).toBe(before)
  })

  test('a name of many kilobytes is an argument like any other, and one that is too long fails its item only', async () => {
    const { runAll, log } = await shellRig(lane)
    const long = "'x\n".repeat(20_000)
    const results = await runAll([long, 'y'.repeat(200_000), 'z'], { run: words('/bin/echo', '{}') })
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true])
    expect(await log(results[0]?.log)).toBe(`${long}\n`)
  })
})
