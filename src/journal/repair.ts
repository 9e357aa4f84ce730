/**
 * Makes a damaged run whole again: what of its journal still holds stays, what must go is kept under another name. May import model.
 * Called by `batchtop repair` with the plan's lock held. Killed at any point, it can be done again.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'
import { CHECKPOINT_NAME } from './checkpoint.ts'
import type { Disk } from './disk.ts'
import { hasCode, realDisk, replaceFile } from './disk.ts'
import type { Cut, Examination } from './examine.ts'
import { ASIDE } from './examine.ts'
import { fileHeader, generationOf, journalName } from './frame.ts'
import type { RunInfo } from './run-info.ts'
import { writeRunInfo } from './run-info.ts'

export interface Repaired {
  /** Absolute paths of the files that are kept under another name. */
  readonly kept: readonly string[]
}

export interface RepairOptions {
  readonly examination: Examination
  readonly now?: WallTime
  readonly disk?: Disk
}

export async function repairRun(folder: string, info: RunInfo, options: RepairOptions): Promise<Repaired> {
  const { examination, now = wallTime(Date.now()), disk = realDisk } = options
  const repair = new Repair({ folder, info, suffix: ASIDE + stampOf(now), disk })
  if (info.ended && !examination.hasEnded) await repair.forgetEnd()
  for (const cut of examination.cuts) await repair.cut(cut)
  if (examination.isCheckpointDamaged) await repair.setAside(CHECKPOINT_NAME)
  return { kept: repair.kept }
}

/** Such as `20261121T091233487Z`. */
function stampOf(now: WallTime): string {
  return new Date(now).toISOString().replaceAll(/[-:.]/g, '')
}

interface Place {
  readonly folder: string
  readonly info: RunInfo
  /** Of the names that files are kept under. */
  readonly suffix: string
  readonly disk: Disk
}

class Repair {
  readonly kept: string[] = []
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
  }

  /** What said that the run ended is cut off: there is work left. */
  async forgetEnd(): Promise<void> {
    const { ended: _, ...info } = this.#place.info
    await writeRunInfo(info)
  }

  /** The damaged file itself is the last to change: until then it tells a next repair what is still to be done. */
  async cut({ generation, offset, until = Number.POSITIVE_INFINITY }: Cut): Promise<void> {
    const { folder, info, disk } = this.#place
    const path = join(folder, journalName(generation))
    const bytes = await readIfThere(path)
    if (bytes) await this.#keepCopy(journalName(generation), bytes)
    const later = (await readdir(folder))
      .flatMap((name) => generationOf(name) ?? [])
      .filter((one) => one > generation && one < until)
    for (const one of later.toSorted((left, right) => right - left)) await this.setAside(journalName(one))
    const whole = bytes && offset > 0 ? bytes.subarray(0, offset) : Buffer.from(fileHeader(info.run, generation))
    await replaceFile(path, whole, disk)
  }

  async setAside(name: string): Promise<void> {
    const { folder, suffix, disk } = this.#place
    const aside = join(folder, name + suffix)
    await disk.rename(join(folder, name), aside)
    await disk.syncFolder(folder)
    this.kept.push(aside)
  }

  /** A copy, unless a repair that did not get to its end made one. */
  async #keepCopy(name: string, bytes: Buffer): Promise<void> {
    const { folder, suffix, disk } = this.#place
    for (const known of await readdir(folder)) {
      if (!known.startsWith(name + ASIDE) || !(await readFile(join(folder, known))).equals(bytes)) continue
      this.kept.push(join(folder, known))
      return
    }
    await replaceFile(join(folder, name + suffix), bytes, disk)
    this.kept.push(join(folder, name + suffix))
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
