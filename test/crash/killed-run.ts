/**
 * A run whose supervisor is killed again and again, and recovered each time. A session is one client with its supervisor; what it printed
 * is what was reported. Between two sessions nothing lives but what the kill left.
 */
import { readdir, readFile, watch } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Connection } from '../../src/link/client.ts'
import { connect } from '../../src/link/client.ts'
import { BatchtopError } from '../../src/model/errors.ts'
import type { Ended, Program } from '../helpers/program.ts'
import { Box } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'
import type { Line } from './audit.ts'
import { faultsOf, isEnding, linesOf } from './audit.ts'
import type { MixedPlan } from './mixed-plan.ts'
import { writeMixedPlan } from './mixed-plan.ts'
import { kill, supervisorOf } from './processes.ts'

/** When a supervisor is killed. */
export interface Moment {
  /** Once so many items were reported in its session … */
  readonly items: number
  /** … or so long after its process began … */
  readonly ms?: number
  /** … and then as soon as something happens to a file of such a name in the run's folder. */
  readonly file?: RegExp
}

interface SessionOptions {
  /** Left out: it lives to the end of the run. */
  readonly moment?: Moment
  /** Done beside it from its first line on; ends early where the supervisor goes away. */
  readonly meanwhile?: (session: Session) => Promise<void>
  /** Exit codes that are in order besides those of a run that goes on or is over. */
  readonly codes?: readonly number[]
}

export interface Session {
  readonly client: Program
  readonly lines: readonly Line[]
  /** Aborted when its client has ended. */
  readonly signal: AbortSignal
  /** Waits until so many items were reported in it, or it ends. */
  readonly items: (count: number) => Promise<void>
  /** The supervisor; undefined: the client ended without one. */
  readonly supervisor: () => Promise<number | undefined>
  readonly connect: () => Promise<Connection>
}

interface Findings {
  readonly faults: readonly string[]
  /** Every line of the journal. */
  readonly events: readonly Line[]
}

/** What came of all runs whose supervisors were killed together. */
interface Killed {
  readonly faults: readonly string[]
  readonly checkpoints: number
  readonly commits: number
}

/** One mistake shows in many items. */
const MOST_FAULTS = 20

export class KilledRun {
  readonly box: Box
  readonly plan: MixedPlan
  /** Supervisors killed. */
  kills = 0
  /** The run's folder; undefined until a line of it was heard. */
  folder: string | undefined
  readonly #reported: Line[] = []

  private constructor(box: Box, plan: MixedPlan) {
    this.box = box
    this.plan = plan
  }

  static async open(threads = 2): Promise<KilledRun> {
    const box = await Box.open()
    return new KilledRun(box, await writeMixedPlan(box, threads))
  }

  get isOver(): boolean {
    return this.#reported.at(-1)?.type === 'run.finished'
  }

  /** Items of which nobody was told an end. */
  get left(): number {
    return this.plan.fates.size - this.#reported.filter(isEnding).length
  }

  /** Begins the run or goes on with it, to its end or the death of the supervisor. */
  async session({ moment, meanwhile, codes = [] }: SessionOptions = {}): Promise<Ended> {
    const session = new OneSession(this)
    const killing = moment && this.#killAt(moment, session)
    const begun = session.heard(() => session.lines.length > 0)
    const more = begun.then(() => (session.signal.aborted ? undefined : meanwhile?.(session))).catch(ignoreNotLive)
    const ended = await session.end()
    await Promise.all([killing, more])
    this.#reported.push(...session.lines.filter(({ seq }) => seq !== undefined))
    // 70: it died before it could say that it was ready.
    const wanted = [...codes, ...(this.isOver ? [1] : [3, 70])]
    if (!wanted.includes(ended.code ?? -1)) throw new Error(`Ended with ${ended.code ?? ended.signal}: ${ended.err}`)
    return ended
  }

  /** To the end of the run; then everything that was ever said of it is looked at. */
  async finish(): Promise<Findings> {
    if (!this.isOver) await this.session()
    return await this.look()
  }

  /** What is wrong with a run that is over: nothing. */
  async look(): Promise<Findings> {
    const { code, out, err } = await this.box.run('events', '-R', 'last', '--json')
    if (code !== 0) throw new Error(`events ended with ${code}: ${err}`)
    const events = linesOf(out)
    const { fates, book } = this.plan
    const faults = await faultsOf({ fates, reported: this.#reported, events, book })
    return { faults: faults.slice(0, MOST_FAULTS), events }
  }

  /** Frames in the journal: one a commit. */
  async commits(): Promise<number> {
    const { folder = '' } = this
    const names = (await readdir(folder)).filter((name) => name.startsWith('journal-'))
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    return texts.reduce((sum, text) => sum + (text.match(/^# /gm)?.length ?? 0), 0)
  }

  async close(): Promise<void> {
    await this.box.close()
  }

  async #killAt({ items, ms, file }: Moment, session: OneSession): Promise<void> {
    const pid = await session.supervisor()
    if (pid === undefined) return
    const { signal } = session
    const early = new AbortController()
    const ways = [session.items(items)]
    if (ms !== undefined) ways.push(setTimeout(ms, undefined, { signal: AbortSignal.any([signal, early.signal]) }))
    await Promise.race(ways).catch(() => undefined)
    early.abort()
    if (file && this.folder !== undefined) await changed(this.folder, file, signal)
    if (!signal.aborted && (await kill(pid))) this.kills += 1
  }
}

class OneSession implements Session {
  readonly client: Program
  readonly lines: Line[] = []
  readonly #run: KilledRun
  readonly #ended = new AbortController()
  /** Called with every piece of output, and at the end. */
  readonly #hears = new Set<() => void>()

  constructor(run: KilledRun) {
    const { box, plan, folder } = run
    this.#run = run
    const command = folder ? ['recover', basename(folder)] : ['run', plan.path, '--recover']
    this.client = box.start([...command, '--json'])
    let rest = ''
    this.client.child.stdout?.on('data', (data: Buffer) => {
      const lines = (rest + String(data)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.lines.push(JSON.parse(line) as Line)
      const [first] = this.lines
      if (first?.run !== undefined) run.folder ??= join(box.stateDir, 'runs', first.run)
      for (const hear of this.#hears) hear()
    })
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  async end(): Promise<Ended> {
    const ended = await this.client.ended
    this.#ended.abort()
    for (const hear of this.#hears) hear()
    return ended
  }

  items(count: number): Promise<void> {
    return this.heard(() => this.lines.filter(isEnding).length >= count)
  }

  async heard(isSo: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const hear = () => {
      if (isSo() || this.signal.aborted) resolve()
    }
    this.#hears.add(hear)
    hear()
    await promise
    this.#hears.delete(hear)
  }

  async supervisor(): Promise<number | undefined> {
    const { pid = 0 } = this.client.child
    let found: number | undefined
    const isFound = async () => (found = await supervisorOf(pid)) !== undefined || this.signal.aborted
    await until(isFound, { instead: () => `client ${pid} without a supervisor` })
    return found
  }

  connect(): Promise<Connection> {
    return connect(this.#run.folder ?? '')
  }
}

/** So many kills, of more than one run where the first is over before its last: a slow disk takes hundreds of items at a time. */
export async function killInRuns(
  kills: number,
  {
    threads = () => 2,
    killing,
  }: { readonly threads?: () => number; readonly killing: (run: KilledRun, kills: number) => Promise<void> },
): Promise<Killed> {
  const sum = { faults: [] as readonly string[], checkpoints: 0, commits: 0 }
  for (let left = kills; left > 0 && sum.faults.length === 0; ) {
    const run = await KilledRun.open(threads())
    try {
      await killing(run, left)
      const { faults, events } = await run.finish()
      left -= run.kills
      sum.faults = faults
      sum.checkpoints += events.filter(({ type }) => type === 'checkpoint.written').length
      sum.commits += await run.commits()
    } finally {
      await run.close()
    }
  }
  return sum
}

/** Asks for one checkpoint after the other. Over the socket: a command of its own each time would be slower than the run. */
export async function takeCheckpoints(session: Session, pauseMs: () => number): Promise<void> {
  const connection = await session.connect()
  try {
    while (!session.signal.aborted) {
      await connection.send({ verb: 'takeCheckpoint' })
      await setTimeout(pauseMs())
    }
  } finally {
    connection.close()
  }
}

function ignoreNotLive(error: unknown): void {
  if (!(error instanceof BatchtopError && error.code === 'not-live')) throw error
}

/** Waits until something happens to such a file. */
async function changed(folder: string, file: RegExp, signal: AbortSignal): Promise<void> {
  try {
    for await (const { filename } of watch(folder, { signal })) if (filename !== null && file.test(filename)) return
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
