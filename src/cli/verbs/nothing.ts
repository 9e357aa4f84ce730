/** `batchtop` alone: the one live run, or what to type. */
import { BatchtopError, EXIT } from '../../model/errors.ts'
import { findRuns, howToGoOn, unfinishedRuns } from '../runs.ts'
import { isTerminal, say } from '../terminal.ts'
import { attach } from './attach.ts'

export async function nothing(): Promise<number> {
  try {
    return await attach({ color: true, ...(isTerminal() ? {} : { plain: true }) })
  } catch (error) {
    if (!(error instanceof BatchtopError) || error.code !== 'no-run') throw error
    const [left] = unfinishedRuns(await findRuns({}))
    const recover = left ? ` ${howToGoOn(left.info, `run ${left.info.run} of ${left.info.plan}`)}` : ''
    say(`No run is live. Start one with \`batchtop run PLAN\`; \`batchtop -h\` lists what else there is.${recover}`)
    return EXIT.usage
  }
}
