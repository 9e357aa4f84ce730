/** Options of which one would be ignored: that is said before anything happens. */
import { BatchtopError } from '../model/errors.ts'
import type { RunOptions, StartOptions } from './options.ts'

/** @throws BatchtopError (exit 2) */
export function checkRunOptions(options: RunOptions): void {
  if (options.recover && options.new) throw both('--recover', '--new')
  if (options.new && options.changed !== undefined) throw both('--new', '--changed')
  checkStartOptions(options)
}

/** @throws BatchtopError (exit 2) */
export function checkStartOptions({ detach, foreground, samples, json, events, plain, quiet }: StartOptions): void {
  if (detach && foreground) throw both('--detach', '--foreground')
  if (detach && json)
    throw new BatchtopError('both', 'With --detach nobody is there to write JSON lines.', {
      hint: '--events FILE writes them to a file.',
    })
  if (json && (plain || quiet)) {
    throw both('--json', plain ? '--plain' : '--quiet', '--output FILE writes plain lines to a file meanwhile.')
  }
  if (samples !== undefined && !json && events === undefined) {
    throw new BatchtopError('samples', '--samples goes with --json or --events.')
  }
}

function both(one: string, other: string, hint?: string): BatchtopError {
  return new BatchtopError('both', `Say ${one} or ${other}, not both.`, hint === undefined ? {} : { hint })
}
