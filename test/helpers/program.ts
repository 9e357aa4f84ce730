/** The real program, as a person or a script runs it: built, in its own process, with a state folder of its own. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Pty } from './pty.ts'
import { until } from './until.ts'

export const BIN = fileURLToPath(new URL('../../bin/batchtop', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface Program {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<Ended>
}

/** A folder with task modules and plans in it, and the state of whatever is run there. Ends every process it started. */
export class Box {
  readonly folder: string
  readonly stateDir: string
  /** A command that starts every program, such as one that enters another mount namespace. */
  through: readonly string[] = []
  readonly #programs: Program[] = []
  readonly #screens: Pty[] = []

  private constructor(folder: string) {
    this.folder = folder
    this.stateDir = join(folder, 'state')
  }

  static async open(): Promise<Box> {
    const box = new Box(await mkdtemp(join(tmpdir(), 'batchtop-e2e-')))
    await box.write('package.json', '{ "type": "module" }')
    return box
  }

  async write(name: string, text: string): Promise<string> {
    const path = join(this.folder, name)
    await writeFile(path, text)
    return path
  }

  /** The environment of a person's shell: no CI, no test runner's NODE_ENV, no colours forced. */
  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const { CI: _ci, NODE_ENV: _env, FORCE_COLOR: _color, VITEST: _vitest, ...rest } = process.env
    return { ...(rest as Record<string, string>), BATCHTOP_STATE_DIR: this.stateDir, ...more }
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
    const [command = '', ...rest] = [...this.through, process.execPath, BIN, ...args]
    const child = spawn(command, rest, {
      cwd: this.folder,
      env: this.env(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (data) => (out += data))
    child.stderr.on('data', (data) => (err += data))
    const ended = new Promise<Ended>((resolve) =>
      child.on('close', (code, signal) => resolve({ code, signal, out, err })),
    )
    const program = { child, out: () => out, err: () => err, ended }
    this.#programs.push(program)
    return program
  }

  /** The program on a terminal of its own. */
  screen(args: readonly string[], size: { readonly columns?: number; readonly rows?: number } = {}): Pty {
    const pty = new Pty([process.execPath, BIN, ...args], { cwd: this.folder, env: this.env(), ...size })
    this.#screens.push(pty)
    return pty
  }

  run(...args: readonly string[]): Promise<Ended> {
    return this.start(args).ended
  }

  /** One command whose JSON object comes back. */
  async json<Result>(...args: readonly string[]): Promise<Result> {
    const { code, out, err } = await this.run(...args, '--json')
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${err}`)
    return JSON.parse(out) as Result
  }

  /** One command whose JSON lines come back. */
  async lines<Line>(...args: readonly string[]): Promise<Line[]> {
    const { out } = await this.run(...args, '--json')
    return out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line)
  }

  /** Pids of everything alive that belongs to this box: its supervisors, hosts and reapers, by folder or environment. */
  async processes(): Promise<number[]> {
    const found: number[] = []
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
      if (await this.#isOurs(pid)) found.push(Number(pid))
    }
    return found
  }

  async #isOurs(pid: string): Promise<boolean> {
    try {
      const [environ, stat] = await Promise.all([
        readFile(`/proc/${pid}/environ`, 'utf8'),
        readFile(`/proc/${pid}/stat`, 'utf8'),
      ])
      return environ.includes(this.stateDir) && !/^\d+ \(.*\) [ZX]/s.test(stat)
    } catch {
      return false
    }
  }

  async close(): Promise<void> {
    for (const pty of this.#screens) pty.kill()
    for (const { child } of this.#programs) child.kill('SIGKILL')
    await this.kill()
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  /** Kills all that belongs to this box, and what some of it was just starting; nothing is left then. */
  async kill(): Promise<void> {
    let left: number[] = []
    const isEmpty = async () => {
      left = await this.processes()
      for (const pid of left) killIfThere(pid)
      return left.length === 0
    }
    await until(isEmpty, { instead: () => `processes ${left.join(', ')}` })
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended meanwhile.
  }
}
