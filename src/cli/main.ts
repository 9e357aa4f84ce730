/**
 * The composition root: reads the command line, calls one verb, sets the exit code. May import every room; each verb brings what it needs
 * with it when it is called, so that `status` never loads a screen. Called by bin/batchtop.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { CommanderError } from 'commander'
import { BatchtopError, EXIT } from '../model/errors.ts'
import { clean } from '../view/fit.ts'
import { crash, installCrashHandlers } from './crash.ts'
import { EXAMPLES, SHORT_HELP } from './help.ts'
import { buildProgram } from './program.ts'
import { print, say } from './terminal.ts'
import type { Verbs } from './verbs.ts'

export async function main(argv: readonly string[]): Promise<void> {
  installCrashHandlers()
  process.exitCode = await perform(argv)
}

async function perform(argv: readonly string[]): Promise<number> {
  try {
    return await dispatch(argv)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (!(error instanceof BatchtopError)) return crash(error)
    say(`batchtop: ${cleanLines(error.message)}`)
    if (error.hint !== undefined) say(cleanLines(error.hint).replaceAll(/^/gm, '  '))
    return error.exit
  }
}

/** Names of plans and items are in messages: whatever is in them, it does not steer a terminal. */
function cleanLines(text: string): string {
  return text.split('\n').map(clean).join('\n')
}

async function dispatch(argv: readonly string[]): Promise<number> {
  switch (argv[0]) {
    case undefined:
      return (await import('./verbs/nothing.ts')).nothing()
    case '-h':
      await print(SHORT_HELP)
      return EXIT.ok
    case '--help':
      await print(SHORT_HELP + EXAMPLES)
      return EXIT.ok
    case '--version':
    case '-V':
      await print(`${version()}\n`)
      return EXIT.ok
    case 'help':
      return await dispatch(argv[1] === undefined ? ['--help'] : [...argv.slice(1), '--help'])
    default: {
      let exit: number = EXIT.ok
      const program = buildProgram(verbs, (code) => (exit = code))
      await program.parseAsync([...argv], { from: 'user' })
      return exit
    }
  }
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const verbs: Verbs = {
  run: async (...args) => (await import('./verbs/run.ts')).run(...args),
  recover: async (...args) => (await import('./verbs/recover.ts')).recover(...args),
  attach: async (...args) => (await import('./verbs/attach.ts')).attach(...args),
  ls: async (...args) => (await import('./verbs/ls.ts')).ls(...args),
  status: async (...args) => (await import('./verbs/status.ts')).status(...args),
  items: async (...args) => (await import('./verbs/items.ts')).items(...args),
  events: async (...args) => (await import('./verbs/events.ts')).events(...args),
  wait: async (...args) => (await import('./verbs/wait.ts')).wait(...args),
  replay: async (...args) => (await import('./verbs/replay.ts')).replay(...args),
  pause: async (...args) => (await import('./verbs/pause.ts')).pause(...args),
  resume: async (...args) => (await import('./verbs/resume.ts')).resume(...args),
  threads: async (...args) => (await import('./verbs/threads.ts')).threads(...args),
  retry: async (...args) => (await import('./verbs/retry.ts')).retry(...args),
  skip: async (...args) => (await import('./verbs/skip.ts')).skip(...args),
  end: async (...args) => (await import('./verbs/end.ts')).end(...args),
  stop: async (...args) => (await import('./verbs/stop.ts')).stop(...args),
  checkpoint: async (...args) => (await import('./verbs/checkpoint.ts')).checkpoint(...args),
  reclaim: async (...args) => (await import('./verbs/reclaim.ts')).reclaim(...args),
  log: async (...args) => (await import('./verbs/log.ts')).log(...args),
  why: async (...args) => (await import('./verbs/why.ts')).why(...args),
  prune: async (...args) => (await import('./verbs/prune.ts')).prune(...args),
  repair: async (...args) => (await import('./verbs/repair.ts')).repair(...args),
  record: async (...args) => (await import('./verbs/record.ts')).record(...args),
  planCheck: async (...args) => (await import('./verbs/plan-check.ts')).planCheck(...args),
  planShow: async (...args) => (await import('./verbs/plan-show.ts')).planShow(...args),
}
