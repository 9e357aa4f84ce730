/** Sends one command to a live run and tells what came of it. */
import { connect } from '../link/client.ts'
import type { Command } from '../model/command.ts'
import { EXIT } from '../model/errors.ts'
import type { Plan } from '../model/plan.ts'
import { clean } from '../view/fit.ts'
import { currentPlan } from './current-plan.ts'
import type { TargetOptions } from './options.ts'
import { findRun } from './runs.ts'
import { openRun } from './session.ts'
import { print, say } from './terminal.ts'

/** @param choose makes the command; may look at the run's plan for it, with the items that are listed by now */
export async function steer(options: TargetOptions, choose: (plan: Plan) => Command): Promise<number> {
  const session = await openRun(await findRun(options, 'live'))
  // It may have ended between being found and being asked: then this says so.
  const connection = session.connection ?? (await connect(session.folder))
  try {
    const answer = await connection.send(choose(await currentPlan(session)))
    if (answer.ok) {
      await print(`${clean(answer.message)}\n`)
      return EXIT.ok
    }
    say(`batchtop: ${answer.message}`)
    if (answer.hint !== undefined) say(`  ${answer.hint}`)
    return answer.exit
  } finally {
    connection.close()
  }
}
