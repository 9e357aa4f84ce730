/** A journal that is not what was written: which file, where, and what to do about it. */
import { basename, dirname, join } from 'node:path'
import { BatchtopError, EXIT } from '../model/errors.ts'
import { generationOf, journalName } from './frame.ts'

/** A place where a file of a run is not what was written. */
export interface Damage {
  readonly path: string
  /** Byte in the file. */
  readonly offset: number
  readonly why: string
}

/** BatchtopError `journal-damaged`. */
export class JournalDamage extends BatchtopError implements Damage {
  readonly path: string
  readonly offset: number
  readonly why: string
  readonly generation: number

  constructor(path: string, { offset, why }: Omit<Damage, 'path'>) {
    // A run's folder has the name of the run.
    const run = basename(dirname(path))
    super('journal-damaged', `Damaged journal: ${path} at byte ${offset}: ${why}`, {
      hint: `\`batchtop repair ${run}\` says what can be saved, and saves it.`,
      exit: EXIT.usage,
    })
    this.path = path
    this.offset = offset
    this.why = why
    this.generation = generationOf(basename(path)) ?? 0
  }
}

export function missingFile(folder: string, generation: number): JournalDamage {
  return new JournalDamage(join(folder, journalName(generation)), { offset: 0, why: 'this file is missing' })
}
