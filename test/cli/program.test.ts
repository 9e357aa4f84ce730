import { readFile } from 'node:fs/promises'
import { CommanderError } from 'commander'
import { describe, expect, test } from 'vitest'
import { EXAMPLES, SHORT_HELP } from '../../src/cli/help.ts'
import { LATER_PLAN_VERBS, LATER_RUN_OPTIONS, LATER_VERBS } from '../../src/cli/not-yet.ts'
import { buildProgram } from '../../src/cli/program.ts'
import type { Verbs } from '../../src/cli/verbs.ts'
import { BatchtopError } from '../../src/model/errors.ts'

interface Parsed {
  readonly verb?: string
  readonly args?: readonly unknown[]
  readonly exit?: number
  readonly error?: unknown
  readonly text: string
}

/** What a command line comes to: the verb that was called, or the refusal. */
async function parse(...argv: readonly string[]): Promise<Parsed> {
  let called: Pick<Parsed, 'verb' | 'args'> = {}
  let exit: number | undefined
  let text = ''
  const verbs = new Proxy({} as Verbs, {
    get:
      (_, verb) =>
      async (...args: readonly unknown[]) => {
        called = { verb: String(verb), args }
        return 7
      },
  })
  const program = buildProgram(verbs, (code) => (exit = code))
  const write = (more: string) => (text += more)
  const all = [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]
  for (const command of all) command.configureOutput({ writeOut: write, writeErr: write })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return { ...called, ...(exit === undefined ? {} : { exit }), text }
  } catch (error) {
    return { ...called, error, text }
  }
}

const plain = { needs: true, color: true }

describe('verbs and their options', () => {
  test.each<[string, string, readonly unknown[]]>([
    ['run p.yaml', 'run', ['p.yaml', plain]],
    ['run p.yaml -j 6', 'run', ['p.yaml', { ...plain, threads: '6' }]],
    ['run p.yaml -j -1', 'run', ['p.yaml', { ...plain, threads: '-1' }]],
    ['run p.yaml --threads +2', 'run', ['p.yaml', { ...plain, threads: '+2' }]],
    ['run p.yaml --memory-per-thread 2048', 'run', ['p.yaml', { ...plain, memoryPerThread: 2 ** 31 }]],
    ['run p.yaml --memory-per-thread 2GB', 'run', ['p.yaml', { ...plain, memoryPerThread: 2 ** 31 }]],
    ['run p.yaml --reserve 4GB', 'run', ['p.yaml', { ...plain, reserve: 2 ** 32 }]],
    ['run p.yaml --checkpoint-interval 30', 'run', ['p.yaml', { ...plain, checkpointInterval: 1_800_000 }]],
    ['run p.yaml --only a,b --no-needs', 'run', ['p.yaml', { color: true, needs: false, only: ['a', 'b'] }]],
    ['run p.yaml --retries 3 --timeout 5m', 'run', ['p.yaml', { ...plain, retries: 3, timeout: 300_000 }]],
    ['run p.yaml --json --samples 2', 'run', ['p.yaml', { ...plain, json: true, samples: 2000 }]],
    ['run p.yaml -d -q --ascii', 'run', ['p.yaml', { ...plain, detach: true, quiet: true, ascii: true }]],
    ['run p.yaml --no-color --plain', 'run', ['p.yaml', { needs: true, color: false, plain: true }]],
    [
      'run p.yaml --recover --changed keep --state-on-network',
      'run',
      ['p.yaml', { ...plain, recover: true, changed: 'keep', stateOnNetwork: true }],
    ],
    ['run p.yaml --new', 'run', ['p.yaml', { ...plain, new: true }]],
    ['recover', 'recover', [plain]],
    ['recover 7f -j 3 -d', 'recover', [{ ...plain, run: '7f', threads: '3', detach: true }]],
    [
      'recover -R last --changed rerun --events e.jsonl --json',
      'recover',
      [{ ...plain, run: 'last', changed: 'rerun', events: 'e.jsonl', json: true }],
    ],
    ['attach', 'attach', [{ color: true }]],
    ['attach 7f3a --read-only', 'attach', [{ color: true, run: '7f3a', readOnly: true }]],
    ['ls --json', 'ls', [{ color: true, json: true }]],
    ['status -R last', 'status', [{ color: true, run: 'last' }]],
    ['status last', 'status', [{ color: true, run: 'last' }]],
    ['items --state failed,skipped', 'items', [{ color: true, state: ['failed', 'skipped'] }]],
    ['events --follow --since 12', 'events', [{ follow: true, since: 12 }]],
    ['wait 7f', 'wait', [{ run: '7f' }]],
    ['replay 7f --speed 10x --ascii', 'replay', [{ color: true, run: '7f', speed: 10, ascii: true }]],
    ['replay --speed 0.5 --no-color', 'replay', [{ color: false, speed: 0.5 }]],
    ['pause --thread 1,3 --drain', 'pause', [{ thread: [1, 3], drain: true }]],
    ['resume --batch A1', 'resume', [{ batch: 'A1' }]],
    ['threads 6', 'threads', [{ to: 6 }, {}]],
    ['threads +2', 'threads', [{ by: 2 }, {}]],
    ['threads -1 -R x', 'threads', [{ by: -1 }, { run: 'x' }]],
    ['retry a b:c @17', 'retry', [['a', 'b:c', '@17'], {}]],
    ['retry --failed', 'retry', [[], { failed: true }]],
    ['retry a --changed keep', 'retry', [['a'], { changed: 'keep' }]],
    ['checkpoint -R 7f', 'checkpoint', [{ run: '7f' }]],
    ['reclaim -R 7f', 'reclaim', [{ run: '7f' }]],
    ['skip a', 'skip', [['a'], {}]],
    ['end a --now', 'end', ['a', { now: true }]],
    ['stop --grace 30s', 'stop', [{ grace: 30_000 }]],
    ['log a --attempt 2 -f', 'log', ['a', { attempt: 2, follow: true }]],
    ['why a --state-dir /s', 'why', ['a', { stateDir: '/s' }]],
    ['prune', 'prune', [{}]],
    [
      'prune --keep 0 --older 7 --max-size 500M --dry-run --force --json',
      'prune',
      [{ keep: 0, older: 604_800_000, maxSize: 500 * 2 ** 20, dryRun: true, force: true, json: true }],
    ],
    ['prune --older 12h', 'prune', [{ older: 43_200_000 }]],
    ['repair 7f --yes', 'repair', [{ run: '7f', yes: true }]],
    ['plan check p.yaml --threads 3', 'planCheck', ['p.yaml', { ...plain, threads: '3' }]],
    ['plan show p.yaml --json', 'planShow', ['p.yaml', { ...plain, json: true }]],
  ])('%s', async (line, verb, args) => {
    expect(await parse(...line.split(' '))).toEqual({ verb, args, exit: 7, text: '' })
  })

  test('the line that the first users start their runs with works as it stands', async () => {
    const line =
      'run plans/stories-6x2gb.yaml --threads 6 --memory-per-thread 2048 --checkpoint-interval 30 --batch-size 10 ' +
      '--priority compliance,core,features,integration,testing --output ./batch-progress.log'
    expect((await parse(...line.split(' '))).args).toEqual([
      'plans/stories-6x2gb.yaml',
      {
        ...plain,
        threads: '6',
        memoryPerThread: 2 ** 31,
        checkpointInterval: 1_800_000,
        batchSize: 10,
        priority: ['compliance', 'core', 'features', 'integration', 'testing'],
        output: './batch-progress.log',
      },
    ])
  })
})

describe('refusals', () => {
  test.each([
    ['rnu p.yaml', 'Did you mean run?'],
    ['run p.yaml --thread 3', 'Did you mean --threads?'],
    ['run', "missing required argument 'plan'"],
    ['run p.yaml q.yaml', 'too many arguments'],
    ['run p.yaml --memory-per-thread lots', 'A size is needed'],
    ['run p.yaml --timeout soon', 'A time is needed'],
    ['run p.yaml --batch-size 0', 'A whole number of at least 1'],
    ['run p.yaml --priority a,,b', 'A list with commas'],
    ['items --state done', 'States are queued'],
    ['pause --thread one', 'A whole number'],
    ['threads 0', 'Threads are given as'],
    ['skip', "missing required argument 'item'"],
    ['plan shwo p.yaml', 'Did you mean show?'],
    ['recover --changed perhaps', 'Changed items are dealt with by rerun, keep, fail'],
    ['replay --speed fast', 'A speed is needed'],
    ['replay --speed 0', 'A speed is needed'],
    ['prune --keep few', 'A whole number of at least 0'],
    ['prune --max-size 0', 'A size is needed'],
    ['recover a b', 'too many arguments'],
  ])('%s: %s', async (line, message) => {
    const { error, text, verb } = await parse(...line.split(' '))
    expect(error).toBeInstanceOf(CommanderError)
    expect(text).toContain(message)
    expect(verb).toBeUndefined()
  })

  const later = [
    ...LATER_VERBS.map((verb) => `${verb} something --what ever`),
    ...LATER_PLAN_VERBS.map((verb) => `plan ${verb} p.yaml`),
    ...LATER_RUN_OPTIONS.map((flags) => `run p.yaml ${flags.replace(/<.*>/, 'value')}`),
  ]
  test.each(later)('%s: not in this version yet', async (line) => {
    const { error, verb } = await parse(...line.split(' '))
    expect(error).toBeInstanceOf(BatchtopError)
    expect(error).toMatchObject({ exit: 2, message: expect.stringContaining('not in this version of batchtop yet') })
    expect(verb).toBeUndefined()
  })
})

describe('help', () => {
  test('-h fits a screen of 80x24', () => {
    const lines = SHORT_HELP.trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(23)
    for (const line of [...lines, ...EXAMPLES.split('\n')]) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('-h names every verb', () => {
    const { commands } = buildProgram({} as Verbs, () => undefined)
    const names = commands.map((command) => command.name()).filter((name) => name !== 'record')
    for (const name of names.filter((one) => !(LATER_VERBS as readonly string[]).includes(one))) {
      expect(SHORT_HELP).toMatch(new RegExp(`\\b${name}\\b`))
    }
  })

  test('the reference names every verb and every option', async () => {
    const text = await readFile(new URL('../../docs/command-line.md', import.meta.url), 'utf8')
    const program = buildProgram({} as Verbs, () => undefined)
    const verbs = [...program.commands, ...program.commands.flatMap(({ commands }) => commands)]
    const options = verbs.filter((verb) => verb.name() !== 'record').flatMap((verb) => verb.options)
    const flags = options.flatMap(({ long }) => long ?? [])
    const names = verbs.map((verb) => verb.name()).filter((name) => name !== 'record')
    expect([...flags, ...names].filter((word) => !text.includes(word))).toEqual([])
  })

  test('a verb has its own help, without what is for later', async () => {
    const { text, error } = await parse('run', '-h')
    expect(error).toMatchObject({ exitCode: 0 })
    expect(text).toContain('--memory-per-thread <size>')
    expect(text).not.toContain('--halt')
  })
})
