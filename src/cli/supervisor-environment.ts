/** What a supervisor sees of the environment, and through it the items of its run. */
import { personsEnvironment } from './load-screen.ts'

/** A person's setting; everything else of this name is given to items. */
const SETTING = 'BATCHTOP_STATE_DIR'

/** Started from inside an item, a run is a run of its own: what says whose item that is would say it of all this run starts. */
export function supervisorEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(personsEnvironment()).filter(([name]) => name === SETTING || !name.startsWith('BATCHTOP_'))
  return Object.fromEntries(own)
}
