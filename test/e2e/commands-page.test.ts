import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { BIN, Box } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'
import { isGone } from '../threads/real-processes.ts'

const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8')
const plans = new Map(
  [...page.matchAll(/^```yaml\n(name: (\S+)\n.*?)^```$/gms)].map(([, text = '', name = '']) => [name, text]),
)

let box: Box

beforeEach(async () => {
  box = await Box.open()
})
afterEach(() => box.close())

const runPlan = async (name: string, text = plans.get(name) ?? ''): Promise<string> => {
  const { code, out, err } = await box.run('run', await box.write(`${name}.yaml`, text), '--json')
  expect(`${code} ${err}`).toBe('0 ')
  return out
}

test('every variable of the page is what its example prints', async () => {
  const rows = [...page.matchAll(/^\| `\w.*\| `(.*)` \| `(.*)` \|$/gm)].map(([, command = '', prints = '']) => ({
    command,
    prints,
  }))
  expect(rows.length).toBeGreaterThan(8)
  const script = rows.map(({ command }) => `      ${command}\n`).join('')
  const lines = await runPlan('seeds', (plans.get('seeds') ?? '').replace('run: env\n', `run: |\n${script}`))
  const { run } = JSON.parse(lines.split('\n')[0] ?? '') as { run: string }
  const { out } = await box.run('log', "it's dill")
  expect(out.replaceAll(run, '7f3a').trimEnd().split('\n')).toEqual(rows.map(({ prints }) => prints))
})

test('what the example writes to $BATCHTOP_PROGRESS is seen', async () => {
  // However long it takes to look.
  const ended = runPlan(
    'slow',
    (plans.get('slow') ?? '').replace('sleep 0.5', 'until [ -e seen ]; do sleep 0.05; done'),
  )
  let seen = ''
  const hasBar = async () => /"fraction":0\.(?:25|5|75)/.test((seen = (await box.run('status', '--json')).out))
  await until(hasBar, { instead: () => seen })
  await box.write('seen', '')
  await ended
})

test('the example reads the values of the batch before', async () => {
  const lines = await runPlan('letters')
  expect(lines).toContain('"value":{"letters":6}')
  expect((await box.run('log', 'sum')).out).toBe('3+4+6\n')
  expect(page).toContain('prints `3+4+6`')
})

test('of the processes that items leave, the one that gave up both stays, and the other goes with the run', async () => {
  await runPlan('for-good')
  const [server, helper] = [pidOf('server'), pidOf('helper')]
  onTestFinished(() => void process.kill(server, 'SIGKILL'))
  await until(() => isGone(helper), { instead: () => 'the helper lives' })
  expect(isGone(server)).toBe(false)
})

test('a run that an item starts in the background goes on when the run of that item is over', async () => {
  const waits = 'until test -e go; do sleep 0.05; done'
  await box.write('inner.yaml', `name: inner\nbatches:\n  - { id: waits, items: [one], run: ${waits} }\n`)
  const start = `'${process.execPath}' '${BIN}' run -d inner.yaml; setsid sleep 300 >/dev/null 2>&1 & echo $! > helper.pid`
  await runPlan('outer', `name: outer\nbatches:\n  - id: starts\n    items: [one]\n    run: |\n      ${start}\n`)
  const helper = pidOf('helper')
  // Then the processes of the outer run have been looked for.
  await until(() => isGone(helper), { instead: () => 'the helper lives' })
  await expect
    .poll(() => box.json('status', '-R', 'inner'), { timeout: 15_000 })
    .toMatchObject({ state: 'running', running: 1 })
  await box.write('go', '')
  expect(await box.run('wait', '-R', 'inner')).toMatchObject({ code: 0 })
})

function pidOf(name: string): number {
  return Number(readFileSync(join(box.folder, `${name}.pid`), 'utf8'))
}
