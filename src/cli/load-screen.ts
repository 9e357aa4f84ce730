/**
 * Loads what draws with Ink, only when somebody looks: it takes the better part of a second. React decides by NODE_ENV as it loads
 * whether it checks itself, at twice the cost of a picture; what the run's items see of NODE_ENV is theirs and stays as it is.
 */
import process from 'node:process'

export function loadScreen(): Promise<typeof import('../tui/screen.tsx')> {
  return inProduction(() => import('../tui/screen.tsx'))
}

export function loadTables(): Promise<typeof import('../tui/tables.tsx')> {
  return inProduction(() => import('../tui/tables.tsx'))
}

let isOurs = false

/** NODE_ENV stays set in this process: parts of React are loaded later. */
function inProduction<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  if (process.env['NODE_ENV'] === undefined) {
    process.env['NODE_ENV'] = 'production'
    isOurs = true
  }
  return load()
}

/** The environment as the person has it: what a run's items are to see. */
export function personsEnvironment(): NodeJS.ProcessEnv {
  const { NODE_ENV: ours, ...rest } = process.env
  return isOurs || ours === undefined ? rest : { ...rest, NODE_ENV: ours }
}
