/** Starts the supervisor of a run, new or left by another, and the recorder of its files. Who watches it is another matter. */
import type { Writable } from 'node:stream'
import { diskProblem } from '../journal/disk-problem.ts'
import { prepareStateDir } from '../journal/state-dir.ts'
import type { StartReply, StartRequest } from '../model/start.ts'
import { setCrashFolder } from './crash.ts'
import { given } from './given.ts'
import type { LoadedPlan } from './load.ts'
import type { StartOptions } from './options.ts'
import { openRecordFiles, startRecorder } from './recorder.ts'
import { startSupervisor } from './start-supervisor.ts'

export interface Beginning {
  readonly loaded: LoadedPlan
  /** Those of the command line, and for a run that is continued those of its start. */
  readonly options: StartOptions
  readonly stateDir: string
  readonly isForeground: boolean
  readonly recover?: NonNullable<StartRequest['recover']>
}

type Of<Ready extends boolean> = Extract<StartReply, { readonly ready: Ready }>

export interface Begun {
  readonly reply: Of<true>
  /** In the foreground: the run ends when this does. */
  readonly leash: Writable | undefined
  /** Resolves when the files of an ended run are whole. */
  readonly recorded: () => Promise<void>
}

/** @returns the refusal where the supervisor would not start */
export async function begin({
  loaded,
  options,
  stateDir,
  isForeground,
  recover,
}: Beginning): Promise<Begun | Of<false>> {
  const isNetworkAllowed = options.stateOnNetwork === true
  const files = openRecordFiles(options)
  await prepareStateDir(stateDir, { isNetworkAllowed }).catch((error: unknown) => {
    throw diskProblem(error) ?? error
  })
  const { reply, leash } = await startSupervisor({
    plan: loaded.plan,
    planText: loaded.text,
    stateDir,
    options: given(options),
    isNetworkAllowed,
    isForeground,
    ...(recover ? { recover } : {}),
  })
  if (!reply.ready) return reply
  setCrashFolder(reply.folder)
  const { folder, recovered } = reply
  const since = recovered && recovered.seq - 1
  return { reply, leash, recorded: startRecorder(folder, files, { samples: options.samples, since }) }
}
