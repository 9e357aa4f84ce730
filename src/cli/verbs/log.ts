import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { BatchtopError, EXIT } from '../../model/errors.ts'
import type { ItemIndex } from '../../model/ids.ts'
import { nameText } from '../../model/names.ts'
import type { Sink } from '../../output/sink.ts'
import { createSink } from '../../output/sink.ts'
import { clean } from '../../view/fit.ts'
import { currentPlan } from '../current-plan.ts'
import { findItem } from '../items.ts'
import type { Attempt, AttemptKind } from '../logs.ts'
import { endedAttempts, readWholeLog, runningAttempt } from '../logs.ts'
import { findRun } from '../runs.ts'
import type { Session } from '../session.ts'
import { openRun } from '../session.ts'
import { say } from '../terminal.ts'
import type { LogOptions } from '../verbs.ts'

/** How often the output of a running attempt is asked for. */
const LOOK_MS = 250

export async function log(name: string, options: LogOptions): Promise<number> {
  const session = await openRun(await findRun(options, 'any'))
  try {
    const item = findItem(await currentPlan(session), name)
    const kind = options.undo ? 'undo' : 'item'
    const attempt = await choose(session, { item, kind }, options.attempt)
    if (!attempt) throw options.undo ? noUndo(name) : noAttempt(name, options.attempt)
    const what = `${options.undo ? 'undo of ' : ''}attempt ${attempt.attempt} of ${name}`
    say(clean(`${what} on thread ${attempt.thread}: ${attempt.how}`))
    const sink = createSink(process.stdout, () => process.exit(EXIT.ok))
    await sink.write(await readWholeLog(session.folder, attempt))
    if (options.follow && attempt.how === 'running') await follow(session, { item, kind, attempt, sink })
    return EXIT.ok
  } finally {
    session.connection?.close()
  }
}

interface Meant {
  readonly item: ItemIndex
  readonly kind: AttemptKind
}

/** The attempt that was asked for; else the one that runs, else the last. */
async function choose(
  session: Session,
  { item, kind }: Meant,
  wanted: number | undefined,
): Promise<Attempt | undefined> {
  const running = await runningAttempt(session, item, kind)
  if (running && (wanted ?? running.attempt) === running.attempt) return running
  const ended = await endedAttempts(session, item, kind)
  return ended.findLast(({ attempt }) => wanted === undefined || attempt === wanted)
}

interface Following extends Meant {
  readonly attempt: Attempt
  readonly sink: Sink
}

/** Until the attempt has ended; then what it wrote last, and how it ended. */
async function follow(session: Session, { item, kind, attempt, sink }: Following): Promise<void> {
  let seen = attempt.log?.length ?? 0
  const tell = async (now: Attempt): Promise<void> => {
    await sink.write(await readWholeLog(session.folder, now, seen))
    seen = Math.max(seen, now.log?.length ?? 0)
  }
  for (;;) {
    await setTimeout(LOOK_MS)
    const now = await runningAttempt(session, item, kind)
    if (now?.attempt !== attempt.attempt) break
    await tell(now)
  }
  const ended = (await endedAttempts(session, item, kind)).find((one) => one.attempt === attempt.attempt)
  if (ended) await tell(ended)
  say(ended ? clean(`it ${ended.how}`) : 'it was interrupted')
}

function noUndo(name: string): BatchtopError {
  const shown = nameText(name)
  return new BatchtopError('no-undo', `Nothing has undone what ${shown} did.`, {
    hint: `\`batchtop why ${shown}\` says more.`,
    exit: EXIT.notFound,
  })
}

function noAttempt(name: string, attempt: number | undefined): BatchtopError {
  const shown = nameText(name)
  const message = attempt === undefined ? `${shown} has not run yet.` : `${shown} has no attempt ${attempt}.`
  return new BatchtopError('no-attempt', message, { hint: `\`batchtop why ${shown}\` says more.`, exit: EXIT.notFound })
}
