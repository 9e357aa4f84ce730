/** Runs of gated items whose supervisor is killed, and what is left of them. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Gates } from './gates.ts'
import type { Box } from './program.ts'
import { until } from './until.ts'

interface Info {
  readonly pid: number
  readonly epoch: number
  readonly options: Readonly<Record<string, unknown>>
}

export class Crashes {
  readonly #box: Box
  readonly #gates: Gates

  constructor(gates: Gates) {
    this.#gates = gates
    this.#box = gates.box
  }

  /** A file of the box; empty where there is none. */
  readonly file = (name: string): Promise<string> => readFile(join(this.#box.folder, name), 'utf8').catch(() => '')

  /** Ids of all runs. */
  readonly runs = (): Promise<string[]> => readdir(join(this.#box.stateDir, 'runs'))

  readonly info = async (run: string): Promise<Info> =>
    JSON.parse(await readFile(join(this.#box.stateDir, 'runs', run, 'run.json'), 'utf8')) as Info

  /** What ran, as `item attempt epoch`, in the order of their beginning. */
  readonly ran = async (): Promise<readonly string[]> =>
    (await this.#runsLog()).map(({ item, attempt, epoch }) => `${item} ${attempt} ${epoch}`)

  /** Numbers of the threads that what ran was on. */
  readonly ranOn = async (): Promise<readonly string[]> => (await this.#runsLog()).map(({ thread }) => thread)

  /** Starts a plan in the background. @returns the run's id */
  async start(plan: string, ...options: readonly string[]): Promise<string> {
    const { out, err, code } = await this.#box.run('run', plan, '-d', ...options)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    return out.trim()
  }

  /** Waits until so many items of a live run are counted as succeeded. */
  async succeeded(run: string, count: number): Promise<void> {
    const counted = async () => (await this.#box.json<{ succeeded: number }>('status', '-R', run)).succeeded
    await expect.poll(counted, { timeout: 30_000 }).toBe(count)
  }

  /** Waits until all that has happened in a live run is on disk: whoever asks its supervisor something is answered only then. */
  async settled(run: string): Promise<void> {
    expect(await this.#box.run('why', '@1', '-R', run)).toMatchObject({ code: 0 })
  }

  /** Kills the supervisor of a run and waits until nothing of the run is left. */
  async kill(run: string): Promise<void> {
    const { pid } = await this.info(run)
    process.kill(pid, 'SIGKILL')
    let left: readonly number[] = []
    // A thread of it that is in the middle of writing to a slow disk keeps its locks until that is done.
    const threads = () => readdir(`/proc/${pid}/task`).catch(() => [])
    const isEmpty = async () => (left = await this.#box.processes()).length === 0 && (await threads()).length <= 1
    await until(isEmpty, { instead: () => `processes ${left.join(', ')}` })
  }

  /** A run of x, y, z, last on two threads: x has succeeded, y and z are running when its supervisor is killed. */
  async interrupted(name: string, ...options: readonly string[]): Promise<{ run: string; plan: string }> {
    const plan = await this.#gates.plan(name, { batches: this.#gates.batch('a', '[x, y, z, last]') })
    const run = await this.start(plan, ...options)
    await this.#gates.go('x')
    await this.#gates.began('x', 'y', 'z')
    // They run before that is on disk.
    await this.settled(run)
    await this.kill(run)
    return { run, plan }
  }

  async #runsLog() {
    const lines = (await this.file('runs.log')).split('\n').filter(Boolean)
    return lines.map((line) => {
      const [item = '', attempt = '', thread = '', epoch = ''] = line.split(' ')
      return { item, attempt, thread, epoch }
    })
  }
}
