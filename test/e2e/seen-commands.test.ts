import { afterEach, beforeEach, expect, test } from 'vitest'
import { Box } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'

let box: Box

beforeEach(async () => {
  box = await Box.open()
})
afterEach(() => box.close())

/** Commands that say something and then wait for a file named `go`. */
const TALKS = `
name: talks
threads: 1
batches:
  - id: a
    items: [it's one]
    run: |
      echo "60% halfway" > "$BATCHTOP_PROGRESS"
      echo said by {}
      until [ -e go ]; do sleep 0.01; done
      echo the last word
`

test('a failed command is told with how it ended and its last lines, and why says what it was', async () => {
  const run = 'for line in 1 2 3; do echo line $line of {}; done; exit 3'
  await box.write('fails.yaml', `name: fails\nbatches:\n  - { id: a, items: ["it's one"], run: "${run}" }\n`)
  const { code, out } = await box.run('run', 'fails.yaml', '--foreground', '--plain')
  expect(code).toBe(1)
  expect(out).toContain("it's one failed: exit 3\n            | line 1 of it's one\n            | line 2 of it's one\n")
  expect((await box.run('why', "it's one")).out).toBe(
    [
      "it's one failed for good after 1 attempt: exit 3.",
      "Command: for line in 1 2 3; do echo line $line of 'it'\\''s one'; done; exit 3",
      "Last output: line 3 of it's one",
      '',
    ].join('\n'),
  )
})

test('what a success leaves behind is told', async () => {
  await box.write('leaves.yaml', 'name: leaves\nbatches:\n  - { id: a, items: [x], run: "sleep 1000 & true" }\n')
  const { code, out } = await box.run('run', 'leaves.yaml', '--foreground', '--plain')
  expect(code).toBe(0)
  expect(out).toMatch(/x succeeded in \S+ m?s, left 1 process behind, ended\n/)
  expect((await box.run('log', 'x')).err).toContain('succeeded, left 1 process behind, ended')
})

/** Follows the item of a run of which so many items run, and lets it end. */
async function followed(plan: string, count: number): Promise<{ readonly out: string; readonly err: string }> {
  await box.run('run', await box.write('talks.yaml', plan), '-d')
  const running = async () => (await box.json<{ running: number }>('status')).running
  await expect.poll(running).toBe(count)
  const following = box.start(['log', '-f', "it's one"])
  await until(() => following.out().includes("said by it's one\n"), { instead: following.err })
  await box.write('go', '')
  return await following.ended
}

test('a command that runs is followed as it writes, until it ends', async () => {
  const { out, err } = await followed(TALKS, 1)
  expect(out).toBe("said by it's one\nthe last word\n")
  expect(err).toContain('it succeeded')
})

test('the last words of a command that is followed are heard while the run goes on', async () => {
  const later = `  - { id: later, run: "until [ -e later ]; do sleep 0.05; done" }\n`
  const { out, err } = await followed(TALKS.replace('threads: 1', 'threads: 2') + later, 2)
  expect(out).toBe("said by it's one\nthe last word\n")
  expect(err).toContain('it succeeded')
  await box.write('later', '')
  expect((await box.run('wait')).code).toBe(0)
})

test('the screen shows the progress, the output and the command of what runs', async () => {
  const plan = await box.write('talks.yaml', TALKS)
  const screen = box.screen(['run', plan])
  await screen.shows('60 %')
  screen.type('\r')
  const details = await screen.shows("echo said by 'it'\\''s one'")
  expect(details).toMatch(/note +halfway/)
  await screen.shows("said by it's one")
  screen.type('\u001b')
  await screen.hides('Command:')
  screen.type('l')
  await screen.shows("Log of it's one")
  await box.write('go', '')
  await screen.shows('the last word')
})

test('what a plan is called steers no terminal: not in lines, not in messages', async () => {
  const plan = String.raw`{ name: "two\nlines\e[31m", batches: [{ id: a, items: ["x\ny\e[2J"], run: "test -z {}" }] }`
  await box.write('steers.yaml', plan)
  const ended = await box.run('run', 'steers.yaml', '--foreground', '--plain')
  expect(ended.out).toContain('of two lines failed after')
  const refused = await box.run('end', '@1', '-R', 'last')
  expect(refused.err).toContain('is not live')
  const said = [ended, refused, await box.run('ls'), await box.run('why', '@1'), await box.run('attach', '-R', 'nope')]
  expect(said.map(({ out, err }) => out + err).join('')).not.toContain('\u001b')
})

test('when the run is over the screen still says why an item failed, and what it ran', async () => {
  const run = 'until [ -e go ]; do sleep 0.01; done; echo oops; exit 3'
  await box.write('over.yaml', `name: over\nbatches:\n  - { id: a, items: [x], run: "${run}" }\n`)
  const screen = box.screen(['run', 'over.yaml'])
  await screen.shows('RUNNING')
  await box.write('go', '')
  await screen.shows('any key')
  screen.type('3')
  await screen.hides('any key')
  screen.type('3')
  await screen.shows('@1 x')
  screen.type('\r')
  const details = await screen.shows('failed for good')
  expect(details).toContain('echo oops; exit 3')
})
