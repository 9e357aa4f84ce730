/** Commands through the whole program: paused, ended, timed out, kept within their memory; with bash, and on a machine that has none. */
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Box } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'

interface Line {
  readonly type: string
  readonly item?: string
  readonly attempt?: number
  readonly stage?: string
  readonly value?: unknown
  readonly reason?: { readonly kind: string; readonly message: string; readonly code?: string }
  readonly exit?: number
}

let box: Box

beforeEach(async () => {
  box = await Box.open()
})
afterEach(() => box.close())

const stateOf = async (pid: number) =>
  /\) (\w)/.exec(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))?.[1] ?? 'gone'

async function plan(batches: readonly object[], more: object = {}): Promise<string> {
  return await box.write('plan.yaml', JSON.stringify({ name: 'commands', threads: 2, batches, ...more }))
}

/** Waits until a file of the box ends with a line; gives its text. */
async function said(name: string): Promise<string> {
  let text = ''
  const isThere = async () => (text = await readFile(join(box.folder, name), 'utf8').catch(() => '')).endsWith('\n')
  await until(isThere, { instead: () => `${name}: ${text}` })
  return text
}

const linesOf = (out: string): Line[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)

/** A folder with all programs of PATH but bash, as on Alpine. */
async function pathWithoutBash(): Promise<string> {
  const folder = join(box.folder, 'bin')
  await mkdir(folder)
  for (const name of ['sh', 'sleep', 'cat', 'env', 'ps', 'rm', 'grep', 'setsid', 'git']) {
    const found = (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, name))
    for (const path of found) {
      if (await readFile(path).catch(() => undefined)) {
        await symlink(path, join(folder, name))
        break
      }
    }
  }
  return folder
}

describe.each(['bash', 'no bash'])('on a machine with %s', (kind) => {
  let env: Record<string, string> = {}

  beforeEach(async () => {
    env = kind === 'bash' ? {} : { PATH: await pathWithoutBash() }
  })

  test('a pause stops a command with all it started, others go on, and it ends as if nothing had been', async () => {
    const run = 'sleep 1000 & echo $! > child; echo $$ > self; until [ -e go ]; do :; done; kill $!; wait || true'
    const path = await plan([
      { id: 'held', run },
      { id: 'other', items: { count: 20 }, run: 'echo {} >> others' },
    ])
    const program = box.start(['run', path, '--json'], env)
    const pids = [Number(await said('child')), Number(await said('self'))]
    const { threads } = await box.json<{ threads: { thread: number; batch?: string }[] }>('status')
    const holder = threads.find(({ batch }) => batch === 'held')?.thread ?? 0
    expect((await box.run('pause', '--thread', String(holder))).code).toBe(0)
    expect(await Promise.all(pids.map(stateOf))).toEqual(['T', 'T'])
    await until(async () => (await said('others')).split('\n').length > 20, { instead: () => 'others stand still' })
    await box.write('go', '')
    expect((await box.run('resume')).code).toBe(0)
    expect(await program.ended).toMatchObject({ code: 0 })
    expect(await Promise.all(pids.map(stateOf))).toEqual(['gone', 'gone'])
  })

  test('codes that are never tried again are not, others are, and a timeout is one of them', async () => {
    const path = await plan(
      [
        { id: 'never', run: 'exit 7' },
        { id: 'again', run: '[ $BATCHTOP_ATTEMPT = 2 ]' },
        { id: 'missing', run: 'no-such-program-anywhere {}' },
        { id: 'slow', run: "trap '' TERM; sleep 1000", timeout: '200ms', retry: { attempts: 1 } },
      ],
      { retry: { attempts: 2, min: '10ms', max: '20ms', never: [7] } },
    )
    const { code, out } = await box.start(['run', path, '--json'], env).ended
    expect(code).toBe(1)
    const ends = linesOf(out).filter(({ type }) => type === 'item.failed' || type === 'item.succeeded')
    const byItem = new Map(ends.map(({ item, attempt, reason }) => [item, { attempt, reason }]))
    expect(byItem.get('never')).toMatchObject({ attempt: 1, reason: { kind: 'exit', code: '7' } })
    expect(byItem.get('again')).toMatchObject({ attempt: 2 })
    expect(byItem.get('missing')).toMatchObject({ attempt: 1, reason: { kind: 'exit', code: '127' } })
    expect(byItem.get('slow')).toMatchObject({ attempt: 1, reason: { kind: 'timeout' } })
  }, 120_000)

  test('values of commands are read by commands that need them', async () => {
    const path = await plan([
      { id: 'count', items: ['a', 'b'], run: `echo '{"of": "'{}'"}' > "$BATCHTOP_VALUE"` },
      { id: 'sum.all', needs: ['count'], run: 'cat "$BATCHTOP_RESULTS_count"; env | grep -c ^BATCHTOP_' },
    ])
    const { code, out } = await box.start(['run', path, '--json'], env).ended
    expect(code).toBe(0)
    const values = linesOf(out).filter(({ value }) => value !== undefined)
    expect(Object.fromEntries(values.map(({ item, value }) => [item, value]))).toEqual({
      a: { of: 'a' },
      b: { of: 'b' },
    })
    const log = await box.run('log', 'sum.all', '-R', 'last')
    const read = log.out.split('\n').slice(0, 2)
    expect(new Set(read.map((line) => (JSON.parse(line) as Line).item))).toEqual(new Set(['a', 'b']))
  })

  test('the log of a running command is followed while it writes', async () => {
    const path = await plan([{ id: 'talks', run: 'echo one; until [ -e go ]; do sleep 0.01; done; echo two' }])
    const program = box.start(['run', path, '--json'], env)
    await until(() => program.out().includes('batch.started'), { instead: program.out })
    const log = box.start(['log', 'talks', '-f'])
    await until(() => log.out().includes('one\n'), { instead: () => log.out() + log.err() })
    expect(log.out()).not.toContain('two')
    await box.write('go', '')
    expect((await log.ended).out).toContain('one\ntwo\n')
    expect((await program.ended).code).toBe(0)
  })

  test('a command that takes more than its thread may is ended for it with its children, and nothing else is', async () => {
    const hungry = `const held = []; setInterval(() => held.push(Buffer.alloc(8e6, 1)), 20)`
    await box.write('hungry.cjs', hungry)
    const path = await plan(
      [
        { id: 'hungry', run: `echo $$ > self; ${JSON.stringify(process.execPath)} hungry.cjs; echo never reached` },
        { id: 'small', items: { count: 5 }, run: 'sleep 0.1' },
      ],
      { memory: { perThread: '150MB', reserve: '200MB', total: '1GB' } },
    )
    const { code, out } = await box.start(['run', path, '--json'], env).ended
    expect(code).toBe(1)
    const lines = linesOf(out)
    expect(lines.filter(({ type }) => type === 'item.failed')).toMatchObject([
      { item: 'hungry', reason: { kind: 'memory' } },
    ])
    expect(lines.at(-1)).toMatchObject({ type: 'run.finished', exit: 1, succeeded: 5, failed: 1 })
    expect(await stateOf(Number(await said('self')))).toBe('gone')
  })
})
