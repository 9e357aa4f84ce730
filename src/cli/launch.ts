/** From a plan to a run that is watched: what `run` and `recover` have in common. */
import process from 'node:process'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { StartReply } from '../model/start.ts'
import { recoveredLine } from '../output/recovery.ts'
import type { Beginning } from './begin.ts'
import { begin } from './begin.ts'
import { loadScreen } from './load-screen.ts'
import { findOldRuns } from './old-runs.ts'
import type { StartOptions } from './options.ts'
import { openSession } from './session.ts'
import { isTerminal, isUnattended, print, say, wantsColor } from './terminal.ts'
import { watch } from './watch.ts'
import type { WatchOptions } from './watch-lines.ts'

type Refusal = Extract<StartReply, { readonly ready: false }>

/** Until the run ends or is left. @returns the exit code of the contract, section 2 */
export async function launch(beginning: Omit<Beginning, 'isForeground'>): Promise<number> {
  const { options, stateDir } = beginning
  const isForeground = isForegroundOf(options)
  preload(options)
  const oldRuns = findOldRuns(stateDir, beginning.recover === undefined)
  const begun = await begin({ ...beginning, isForeground })
  if ('ready' in begun) return await refused(begun, beginning)
  const { run, folder, recovered } = begun.reply
  if (recovered) say(recoveredLine(run, recovered))
  const pruned = oldRuns.remove(beginning.loaded.plan)
  if (options.detach) {
    await print(`${run}\n`)
    tellPruned(await pruned)
    return EXIT.ok
  }
  const isScreen = modeOf(options) === 'screen'
  const told = isScreen ? pruned : pruned.then(tellPruned)
  const since = recovered ? recovered.seq - 1 : 0
  const exit = await follow(folder, options, { isForeground, isOnlooker: false, since })
  await begun.recorded()
  // Held until here: in the foreground the run ends when this end of the leash does.
  begun.leash?.destroy()
  await told
  // Nothing else may write while the full screen is there.
  if (isScreen) tellPruned(await pruned)
  return exit
}

function tellPruned(line: string | undefined): void {
  if (line !== undefined) say(line)
}

/** Nobody on a terminal: then the run belongs to the command. `-d` and `--foreground` say it themselves. */
function isForegroundOf({ detach, foreground }: StartOptions): boolean {
  return foreground ?? (!detach && isUnattended())
}

/** What will be needed to watch the run is loaded while its supervisor starts: for a screen that is most of the time until it shows. */
function preload(options: StartOptions): void {
  if (options.detach) return
  switch (modeOf(options)) {
    case 'screen':
      return void loadScreen()
    case 'plain':
      return void import('./watch-plain.ts')
    case 'json':
      return void import('./watch-json.ts')
  }
}

/** A live run of the same plan: on a terminal that is what was meant. */
async function refused(refusal: Refusal, { options }: Pick<Beginning, 'options'>): Promise<number> {
  const { code, live } = refusal
  if (code === 'busy' && live && modeOf(options) === 'screen' && !options.detach) {
    return await follow(live.folder, options, { isForeground: false, isOnlooker: true, since: 0 })
  }
  throw refusalError(refusal)
}

export function refusalError({ code, message, hint, exit }: Refusal): BatchtopError {
  return new BatchtopError(code, message, { exit, ...(hint === undefined ? {} : { hint }) })
}

function modeOf({ json, plain, quiet }: StartOptions): WatchOptions['mode'] {
  if (json) return 'json'
  return isTerminal() && !plain && !quiet ? 'screen' : 'plain'
}

async function follow(
  folder: string,
  options: StartOptions,
  whose: Pick<WatchOptions, 'isForeground' | 'isOnlooker' | 'since'>,
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
