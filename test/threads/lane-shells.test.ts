import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { millis } from '../../src/model/units.ts'
import { LANES, script, shellRig, words } from './shell-rig.ts'

describe.each(LANES)('in a lane of $program', (lane) => {
  test('what the shell says of a command that was ended is none of its output', async () => {
    const { one, thread, run, reported, results, log } = await shellRig(lane)
    const silent = await one(words('/bin/sleep', '1000'), { timeout: millis(100) })
    expect(silent).toMatchObject({ result: { ok: false, reason: { kind: 'timeout' } }, output: '' })
    run(['halves'], { run: script('printf "no end"; exec sleep 1000') })
    await reported('item.progressed')
    thread.end(0, { kind: 'user', message: 'ended by a person' }, false)
    await reported('chunk.ended', 2)
    expect(results()[1]?.ok).toBe(false)
    expect(await log(results()[1]?.log)).toBe('no end')
    expect((await one(script('echo next'))).output).toBe('next\n')
  })

  test('a command that was paused ends as it ends, also under a shell that keeps to the letter of POSIX', async () => {
    process.env['POSIXLY_CORRECT'] = '1'
    onTestFinished(() => {
      delete process.env['POSIXLY_CORRECT']
    })
    const { thread, cwd, run, reported, results, marked } = await shellRig(lane)
    for (const [place, end] of ['exit 0', 'exit 7', 'kill -SEGV $$'].entries()) {
      const name = `round-${place}`
      run([name], { run: script(`echo "$POSIXLY_CORRECT" > {}; until [ -e {}-go ]; do sleep 0.01; done; ${end}`) })
      expect(await marked(name)).toBe('1\n')
      thread.freeze()
      await reported('thread.frozen', place + 1)
      thread.thaw()
      await reported('thread.thawed', place + 1)
      writeFileSync(join(cwd, `${name}-go`), '')
      await reported('chunk.ended', place + 1)
    }
    expect(results()).toMatchObject([
      { ok: true },
      { ok: false, reason: { kind: 'exit', code: '7' } },
      { ok: false, reason: { kind: 'signal', code: 'SIGSEGV' } },
    ])
  })
})
