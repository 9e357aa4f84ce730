/**
 * The supervisor process. Started detached by a client with `batchtop-supervisor` as its argument (that is how live runs are found);
 * see model/start.ts for its descriptors. Survives its client, its terminal and HUP; ends with its run.
 */
import { closeSync, writeFileSync, writeSync } from 'node:fs'
import { json } from 'node:stream/consumers'
import { diskProblem } from '../journal/disk-problem.ts'
import { watchLeash } from '../link/leash.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { StartReply, StartRequest } from '../model/start.ts'
import type { Input } from './input.ts'
import { start } from './start.ts'

const REPLY = 3
const LEASH = 4

/** How long a run whose command is gone waits for its disk before it is given up. */
const ASK_AGAIN_MS = 10_000

async function main(): Promise<void> {
  process.on('SIGHUP', () => undefined)
  process.on('SIGINT', () => undefined)
  try {
    const request = (await json(process.stdin)) as StartRequest
    const { reply: said, post, begin } = await start(request)
    listenToSignals(post)
    if (request.isForeground) holdLeash(post)
    reply(said)
    begin()
  } catch (error) {
    const problem = diskProblem(error) ?? error
    reply(refusal(problem))
    process.exit(problem instanceof BatchtopError ? problem.exit : EXIT.bug)
  }
}

/** The first TERM drains, the second ends what runs. */
function listenToSignals(post: (input: Input) => void): void {
  let count = 0
  process.on('SIGTERM', () => {
    count += 1
    post({ type: 'stop', isNow: count > 1 })
  })
}

/** In the foreground the run belongs to its client: when that is gone, however it died, so is the run. */
function holdLeash(post: (input: Input) => void): void {
  const stop = () => post({ type: 'stop', isNow: true })
  watchLeash(LEASH, () => {
    stop()
    // Nobody is left who could ask once more where the disk does not take the end.
    setInterval(stop, ASK_AGAIN_MS).unref()
  })
}

/** The client may have died meanwhile: that changes nothing for the run. */
function reply(said: StartReply): void {
  try {
    writeSync(REPLY, `${JSON.stringify(said)}\n`)
    closeSync(REPLY)
  } catch (error) {
    console.error('Nobody waits for the start any more:', error)
  }
}

function refusal(error: unknown): StartReply {
  if (!(error instanceof BatchtopError)) {
    console.error(error)
    return { ready: false, code: 'bug', message: String(error), exit: EXIT.bug }
  }
  const { code, message, hint, exit, cause } = error
  const live =
    code === 'busy' && cause !== undefined
      ? { live: cause as NonNullable<Extract<StartReply, { ready: false }>['live']> }
      : {}
  return { ready: false, code, message, exit, ...(hint === undefined ? {} : { hint }), ...live }
}

/** A bug: leave what is known in the run's folder and go. The reaper ends every process that is left. */
function crash(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error)
  console.error(text)
  try {
    writeFileSync(`crash-${new Date().toISOString().replaceAll(':', '-')}.txt`, `${text}\n`, { mode: 0o600 })
  } finally {
    process.exit(EXIT.bug)
  }
}

process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)
await main()
