/** The batch a lane is set up for: its variables and its folder, which stay from item to item. */
import type { CommandBatch } from '../model/chunk.ts'
import type { RunId } from '../model/ids.ts'
import type { Lane } from './lane.ts'
import type { Given } from './lane-script.ts'
import { batchLines } from './lane-script.ts'
import { resultsFiles } from './results-files.ts'

const NOTHING: Given = { names: [] }

export interface LaneRun {
  readonly run: RunId
  /** The run's folder. */
  readonly folder: string
}

export class LaneBatch {
  readonly #of: LaneRun
  #known: CommandBatch | undefined
  #given = NOTHING
  /** Folders the lane was told to enter and has not answered for. */
  #entering = 0
  /** Why no item of the batch can run. */
  #problem: string | undefined

  constructor(of: LaneRun) {
    this.#of = of
  }

  get problem(): string | undefined {
    return this.#problem
  }

  /** A new lane knows nothing. */
  reset(): void {
    this.#known = undefined
    this.#given = NOTHING
    this.#entering = 0
  }

  /** Items of this batch may be given to the lane. */
  isReady(batch: CommandBatch): boolean {
    return this.#isKnown(batch) && this.#entering === 0
  }

  /** Sets the lane up, which answers by `entered`. @param isStillWanted asked after the wait for results @returns false: `entered` will not come */
  async enter(lane: Lane, batch: CommandBatch, isStillWanted: () => boolean): Promise<boolean> {
    // The lane has been told already. A folder that was not there may be there now.
    if (this.#isKnown(batch) && (this.#problem === undefined || this.#entering > 0)) return true
    const { run, folder } = this.#of
    let results: Readonly<Record<string, string>> = {}
    try {
      if (batch.results.length > 0) results = await resultsFiles(batch.results, folder)
    } catch (error) {
      if (isStillWanted()) this.#cannot((error as Error).message)
      return false
    }
    if (!isStillWanted()) return false
    const variables = { BATCHTOP_BATCH: batch.id, ...results }
    const keyPrefix = `${run}/${batch.id}/`
    const { text, given } = batchLines({ work: batch.work, keyPrefix, variables }, this.#given)
    this.#known = batch
    this.#given = given
    this.#entering += 1
    lane.write(text)
    return true
  }

  /** The lane has answered. @returns false: not yet for the newest batch */
  entered(isThere: boolean): boolean {
    this.#entering -= 1
    if (this.#entering > 0 || !this.#known) return false
    this.#problem = isThere ? undefined : `cannot enter the folder ${this.#known.work.cwd}`
    return true
  }

  /** The next chunk of it tries again. */
  #cannot(problem: string): void {
    this.#known = undefined
    this.#problem = problem
  }

  /** Chunks of a batch may differ in what they say of single items. */
  #isKnown({ work, id, results }: CommandBatch): boolean {
    const known = this.#known
    return known !== undefined && known.work === work && known.id === id && known.results === results
  }
}
