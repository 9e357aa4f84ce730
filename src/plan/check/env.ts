import { commandsOf } from '../commands.ts'
import type { CheckContext } from './context.ts'

/** Set for every item. */
const OWN = /^BATCHTOP_(?:RUN|FOLDER|EPOCH|BATCH|ITEM|NUMBER|THREAD|ATTEMPT|KEY|PROGRESS|VALUE|RESULTS_\w*)$/

/** Names and values of environment variables are what the system can pass on. */
export function checkEnv({ plan, report }: CheckContext): void {
  for (const [place, batch] of plan.batches.entries()) {
    const { env = {} } = batch
    const isCommand = commandsOf(batch, place).length > 0
    for (const [name, value] of Object.entries(env)) {
      const path = ['batches', place, 'env', name]
      if (name === '' || /[=\0]/.test(name)) {
        report.error({
          rule: 'bad-env',
          at: { key: path },
          message: 'The name of a variable is not empty and holds no `=`.',
        })
      } else if (isCommand && !/^[A-Za-z_]\w*$/.test(name)) {
        const message = `A shell cannot pass a variable called \`${name}\` on: letters, digits and \`_\` make its name.`
        report.error({ rule: 'bad-env', at: { key: path }, message, hint: 'Call it otherwise.' })
      } else if (OWN.test(name)) {
        const message = `\`${name}\` is what batchtop tells each item, and finds its processes by.`
        report.error({ rule: 'bad-env', at: { key: path }, message, hint: 'Call it otherwise.' })
      } else if (value.includes('\0')) {
        report.error({ rule: 'bad-env', at: { value: path }, message: 'A variable may hold no NUL character.' })
      }
    }
  }
}
