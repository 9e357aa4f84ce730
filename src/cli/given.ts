/**
 * Options that hold for a run and not only for the command that gave them: kept in run.json, and taken up again by whoever continues the
 * run. How it is watched is of each command alone.
 */
import path from 'node:path'
import type { StartRequest } from '../model/start.ts'
import type { StartOptions } from './options.ts'

const HELD = [
  'threads',
  'memoryPerThread',
  'reserve',
  'batchSize',
  'priority',
  'only',
  'needs',
  'retries',
  'timeout',
  'checkpointInterval',
  'output',
  'events',
  'samples',
  'stateOnNetwork',
] as const satisfies readonly (keyof StartOptions)[]

type Held = Partial<Pick<StartOptions, (typeof HELD)[number]>>
type Kept = StartRequest['options']

/** What run.json keeps. Files are named in full: a run may be continued from another folder. */
export function given(options: StartOptions): Kept {
  const entries = HELD.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const]))
  const { output, events } = options
  return {
    ...Object.fromEntries(entries),
    ...(output === undefined ? {} : { output: path.resolve(output) }),
    ...(events === undefined ? {} : { events: path.resolve(events) }),
  }
}

/** What was given at the start holds unless it is given anew. */
export function withKept<Options extends StartOptions>(kept: Kept, options: Options): Options {
  const held = Object.fromEntries(
    HELD.flatMap((name) => (kept[name] === undefined ? [] : [[name, kept[name]]])),
  ) as Held
  const anew = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options
  // `--no-needs` has no opposite that could be given: once said, it holds.
  return { ...held, ...anew, needs: options.needs && held.needs !== false }
}
