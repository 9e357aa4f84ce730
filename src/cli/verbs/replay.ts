import process from 'node:process'
import { connect } from '../../link/client.ts'
import { BatchtopError, EXIT } from '../../model/errors.ts'
import { readLog } from '../../threads/logs.ts'
import { NO_OUTPUT } from '../../view/log.ts'
import { guardScreen, setCrashFolder } from '../crash.ts'
import { loadScreen } from '../load-screen.ts'
import { page } from '../pager.ts'
import { RelivedRun } from '../replay/relived-run.ts'
import { FASTEST, SLOWEST } from '../replay/replay-clock.ts'
import { ReplayFeed } from '../replay/replay-feed.ts'
import { findRun } from '../runs.ts'
import type { Session } from '../session.ts'
import { openRun } from '../session.ts'
import { isTerminal, wantsColor } from '../terminal.ts'
import type { ReplayOptions } from '../verbs.ts'

const USUAL_SPEED = 10

export async function replay({ speed = USUAL_SPEED, ...options }: ReplayOptions): Promise<number> {
  if (speed < SLOWEST || speed > FASTEST) {
    throw new BatchtopError('bad-speed', `A replay goes from ${SLOWEST}x to ${FASTEST}x, not ${speed}x.`)
  }
  if (!isTerminal()) {
    throw new BatchtopError('no-terminal', 'replay needs a terminal; `batchtop events RUN` prints what happened.')
  }
  const { info } = await findRun(options, 'any')
  // What is played is what its journal holds, whoever still writes to it.
  const session = await openRun({ info, isLive: false, isHere: true })
  setCrashFolder(session.folder)
  const feed = new ReplayFeed({
    run: await RelivedRun.open(session),
    folder: session.folder,
    speed,
    goesOn: () => goesOn(session),
  })
  return await show(feed, session, options)
}

async function show(feed: ReplayFeed, { folder }: Session, options: ReplayOptions): Promise<number> {
  const { runScreen } = await loadScreen()
  const { failure, release } = guardScreen()
  const playing = feed.play()
  const openPager = async (item: number): Promise<void> => {
    const found = feed.findLog(item)
    await page(found ? await readLog(folder, found.thread, found.log) : Buffer.from(`${NO_OUTPUT}\n`))
  }
  const ascii = options.ascii === true
  const color = wantsColor(options.color, process.stdout)
  try {
    await runScreen({ feed, readOnly: true, ascii, color, openPager, failure })
  } finally {
    release()
    feed.close()
    await playing
  }
  if (feed.problem) throw feed.problem
  return EXIT.ok
}

/** What to say where the journal ends and its run does not. */
async function goesOn({ folder, info }: Session): Promise<string | undefined> {
  try {
    const connection = await connect(folder)
    connection.close()
    return `live from here: batchtop attach ${info.run}`
  } catch {
    return undefined
  }
}
