/**
 * `npm run test:crash [-- --long] [--kills N] [--seed N]`: the crash tests alone, with as many kills as wanted. A seed that is said in a
 * failure gives the same kills again.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

/** What a release is held to. */
const LONG = '200'

const { values } = parseArgs({
  options: { long: { type: 'boolean' }, kills: { type: 'string' }, seed: { type: 'string' } },
})
const kills = values.kills ?? (values.long ? LONG : undefined)
const { status } = spawnSync('vitest', ['run', 'test/crash'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    ...(kills === undefined ? {} : { BATCHTOP_CRASH_KILLS: kills }),
    ...(values.seed === undefined ? {} : { BATCHTOP_CRASH_SEED: values.seed }),
  },
})
process.exitCode = status ?? 1
