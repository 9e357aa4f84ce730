import { setCrashFolder } from '../crash.ts'
import { findRun } from '../runs.ts'
import { openRun } from '../session.ts'
import { isTerminal, wantsColor } from '../terminal.ts'
import type { AttachOptions } from '../verbs.ts'
import { watch } from '../watch.ts'

export async function attach(options: AttachOptions): Promise<number> {
  const session = await openRun(await findRun(options, 'live'))
  setCrashFolder(session.folder)
  return await watch(session, {
    mode: isTerminal() && !options.plain ? 'screen' : 'plain',
    readOnly: options.readOnly === true,
    isForeground: false,
    isOnlooker: true,
    isQuiet: false,
    ascii: options.ascii === true,
    color: wantsColor(options.color, process.stdout),
  })
}
