/** A journal that is not what was written: which file, where, and what to do about it. */
import { basename, dirname } from 'node:path'
import { BatchtopError, EXIT } from '../model/errors.ts'

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

  constructor(path: string, { offset, why }: Omit<Damage, 'path'>) {
    // A run's folder has the name of the run.
    const run = basename(dirname(path))
    super('journal-damaged', `Damaged journal: ${path} at byte ${offset}: ${why}`, {
      hint: `\`batchtop repair ${run}\` says what can be saved, and saves it.`,
      exit: EXIT.bug,
    })
    this.path = path
    this.offset = offset
    this.why = why
  }
}
