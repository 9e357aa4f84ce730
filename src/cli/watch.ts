/** Watching one run: on the full screen, in plain lines or as JSON lines. */
import type { Session } from './session.ts'
import type { WatchOptions } from './watch-lines.ts'
import { watchLines } from './watch-lines.ts'
import { watchScreen } from './watch-screen.ts'

/** Until the run ends or is left. @returns the exit code of the contract, section 2 */
export async function watch(session: Session, options: WatchOptions): Promise<number> {
  if (options.mode === 'screen' && session.connection) {
    return await watchScreen({ ...session, connection: session.connection }, options)
  }
  return await watchLines(session, options)
}
