import process from 'node:process'
import { prepareStateDir } from '../../journal/state-dir.ts'
import { BatchtopError, EXIT } from '../../model/errors.ts'
import type { StartReply, StartRequest } from '../../model/start.ts'
import { planText } from '../../output/plan.ts'
import { rankBatches } from '../../schedule/rank.ts'
import { setCrashFolder } from '../crash.ts'
import type { LoadedPlan } from '../load.ts'
import { loadAndTell } from '../load.ts'
import { loadScreen } from '../load-screen.ts'
import type { RunOptions } from '../options.ts'
import { openRecordFiles, startRecorder } from '../recorder.ts'
import { openSession } from '../session.ts'
import type { StartedSupervisor } from '../start-supervisor.ts'
import { startSupervisor } from '../start-supervisor.ts'
import { findStateDir } from '../state-dir.ts'
import { isTerminal, isUnattended, print, say, wantsColor } from '../terminal.ts'
import { watch } from '../watch.ts'
import type { WatchOptions } from '../watch-lines.ts'

type Mode = 'screen' | 'plain' | 'json'

export async function run(path: string, options: RunOptions): Promise<number> {
  checkOptions(options)
  const loaded = await loadAndTell(path, options)
  if (!loaded) return EXIT.usage
  if (options.dryRun) return await showPlan(loaded, options)
  if (options.checkpointInterval !== undefined) {
    say('batchtop: checkpoints come with recovery in a later version; --checkpoint-interval has no effect yet.')
  }
  const files = openRecordFiles(options)
  preload(options)
  const started = await start(loaded, options)
  const { reply } = started
  if (!reply.ready) return await refused(reply, options)
  setCrashFolder(reply.folder)
  const recorded = startRecorder(reply.folder, files, options.samples)
  if (options.detach) {
    await print(`${reply.run}\n`)
    return EXIT.ok
  }
  const exit = await follow(reply.folder, options, { isForeground: isForeground(options), isOnlooker: false })
  await recorded()
  // Held until here: in the foreground the run ends when this end of the leash does.
  started.leash?.destroy()
  return exit
}

function checkOptions({ detach, foreground, samples, json, events, plain, quiet }: RunOptions): void {
  if (detach && foreground) throw new BatchtopError('both', 'Say --detach or --foreground, not both.')
  if (detach && json)
    throw new BatchtopError('both', 'With --detach nobody is there to write JSON lines.', {
      hint: '--events FILE writes them to a file.',
    })
  if (json && (plain || quiet)) {
    throw new BatchtopError('both', `Say --json or ${plain ? '--plain' : '--quiet'}, not both.`, {
      hint: '--output FILE writes plain lines to a file meanwhile.',
    })
  }
  if (samples !== undefined && !json && events === undefined) {
    throw new BatchtopError('samples', '--samples goes with --json or --events.')
  }
}

/** What will be needed to watch the run is loaded while its supervisor starts: for a screen that is most of the time until it shows. */
function preload(options: RunOptions): void {
  if (options.detach) return
  switch (modeOf(options)) {
    case 'screen':
      return void loadScreen()
    case 'plain':
      return void import('../watch-plain.ts')
    case 'json':
      return void import('../watch-json.ts')
  }
}

async function showPlan({ plan }: LoadedPlan, { json }: RunOptions): Promise<number> {
  await print(json ? `${JSON.stringify(plan)}\n` : `would run ${planText(plan, rankBatches(plan))}`)
  return EXIT.ok
}

async function start({ plan, text }: LoadedPlan, options: RunOptions): Promise<StartedSupervisor> {
  const stateDir = findStateDir({ option: options.stateDir, from: plan.folder })
  await prepareStateDir(stateDir)
  return await startSupervisor({
    plan,
    planText: text,
    stateDir,
    options: given(options),
    isNetworkAllowed: options.stateOnNetwork === true,
    isForeground: isForeground(options),
  })
}

/** Nobody on a terminal: then the run belongs to the command. `-d` and `--foreground` say it themselves. */
function isForeground({ detach, foreground }: RunOptions): boolean {
  return foreground ?? (!detach && isUnattended())
}

/** The options as they are kept with the run. */
function given(options: RunOptions): StartRequest['options'] {
  const entries = Object.entries(options) as [string, StartRequest['options'][string] | undefined][]
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/** A live run of the same plan: on a terminal that is what was meant. */
async function refused(reply: Extract<StartReply, { ready: false }>, options: RunOptions): Promise<number> {
  const { code, message, hint, exit, live } = reply
  if (code === 'busy' && live && modeOf(options) === 'screen' && !options.detach) {
    return await follow(live.folder, options, { isForeground: false, isOnlooker: true })
  }
  throw new BatchtopError(code, message, { exit, ...(hint === undefined ? {} : { hint }) })
}

function modeOf({ json, plain, quiet }: RunOptions): Mode {
  if (json) return 'json'
  return isTerminal() && !plain && !quiet ? 'screen' : 'plain'
}

async function follow(
  folder: string,
  options: RunOptions,
  whose: Pick<WatchOptions, 'isForeground' | 'isOnlooker'>,
): Promise<number> {
  return await watch(await openSession(folder), {
    ...whose,
    mode: modeOf(options),
    readOnly: false,
    isQuiet: options.quiet === true,
    ascii: options.ascii === true,
    color: wantsColor(options.color, process.stdout),
    samples: options.samples,
  })
}
