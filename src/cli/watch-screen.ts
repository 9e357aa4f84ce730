/** The full screen, and what is left on the normal one afterwards. Only this loads Ink. */
import process from 'node:process'
import type { Connection } from '../link/client.ts'
import { assertNever, EXIT } from '../model/errors.ts'
import { itemIndex } from '../model/ids.ts'
import { failureRows, summaryFoot, summaryHead } from '../output/summary.ts'
import { guardScreen } from './crash.ts'
import { createFeed } from './feed.ts'
import { loadScreen, loadTables } from './load-screen.ts'
import { findLog, readWholeLog } from './logs.ts'
import { page } from './pager.ts'
import { loadReplica } from './replica.ts'
import type { Session } from './session.ts'
import { leaveEnded, openSession } from './session.ts'
import { summaryOf } from './summary.ts'
import { print } from './terminal.ts'
import type { WatchOptions } from './watch-lines.ts'
import { goesOn, sayLost, watchLines } from './watch-lines.ts'

type LiveSession = Session & { readonly connection: Connection }

export async function watchScreen(session: LiveSession, options: WatchOptions): Promise<number> {
  const { readOnly, isForeground: isBound, ascii, color } = options
  const { runScreen } = await loadScreen()
  const feed = createFeed(session)
  const { failure, release } = guardScreen()
  const openPager = (item: number) => pageLog(session, item)
  const { how } = await runScreen({ feed, readOnly, isBound, ascii, color, openPager, failure }).finally(release)
  const seq = feed.snapshot()?.head.seq ?? 0
  switch (how) {
    case 'detached':
      feed.close()
      goesOn(session.info.run)
      return EXIT.ok
    case 'stopping':
      feed.close()
      return await watchLines(await openSession(session.folder), { ...options, mode: 'plain', since: seq })
    case 'lost':
      feed.close()
      sayLost(session.info.run)
      await printSummary(session, options)
      return EXIT.stopped
    case 'ended': {
      await leaveEnded(session)
      feed.close()
      return await printSummary(session, options)
    }
    default:
      return assertNever(how)
  }
}

type Look = Pick<WatchOptions, 'ascii' | 'color'>

/** @returns the run's exit code */
async function printSummary(session: Session, { ascii, color }: Look): Promise<number> {
  const { state } = await loadReplica(session)
  const summary = summaryOf(session.info, state)
  const rows = failureRows(summary)
  const { renderTable } = await loadTables()
  const table = rows.length > 0 ? [renderTable(rows, { columns: process.stdout.columns || 80, color, ascii })] : []
  await print(`${[summaryHead(summary), ...table, ...summaryFoot(summary)].join('\n')}\n`)
  return state.exit ?? EXIT.stopped
}

/** The whole output of an item. */
async function pageLog(session: LiveSession, item: number): Promise<void> {
  const found = await findLog(session, itemIndex(item))
  await page(found ? await readWholeLog(session.folder, found) : Buffer.from('It has written nothing so far.\n'))
}
