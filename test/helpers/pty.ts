/** A real pseudo-terminal with a terminal emulator behind it: keys are typed into it, the screen is read back from it. */
import type { IPty } from '@lydell/node-pty'
import { spawn } from '@lydell/node-pty'
import headless from '@xterm/headless'
import { until } from './until.ts'

export interface PtyOptions {
  readonly columns?: number
  readonly rows?: number
  readonly cwd: string
  readonly env: Record<string, string>
}

export class Pty {
  readonly terminal: InstanceType<typeof headless.Terminal>
  readonly #pty: IPty
  readonly exited: Promise<{ exitCode: number; signal?: number | undefined }>
  #bytes = 0

  constructor(command: readonly string[], { columns = 120, rows = 36, cwd, env }: PtyOptions) {
    this.terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 })
    const [file = '', ...args] = command
    this.#pty = spawn(file, args, {
      name: 'xterm-256color',
      cols: columns,
      rows,
      cwd,
      env: { ...env, TERM: 'xterm-256color' },
    })
    this.#pty.onData((data) => {
      this.#bytes += data.length
      this.terminal.write(data)
    })
    // Replies of the terminal, such as its cursor position.
    this.terminal.onData((data) => this.#pty.write(data))
    // Once the emulator has taken the last of what was written.
    this.exited = new Promise((resolve) => this.#pty.onExit((exit) => this.terminal.write('', () => resolve(exit))))
  }

  get pid(): number {
    return this.#pty.pid
  }

  get bytes(): number {
    return this.#bytes
  }

  /** What the screen shows, a line a row. */
  text(): string {
    const { active } = this.terminal.buffer
    const lines = Array.from(
      { length: this.terminal.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    )
    return lines.join('\n')
  }

  /** Waits until the screen shows something. */
  async shows(expected: string | RegExp): Promise<string> {
    const matches = () => (typeof expected === 'string' ? this.text().includes(expected) : expected.test(this.text()))
    await until(matches, { instead: () => this.text() })
    return this.text()
  }

  async hides(expected: string): Promise<void> {
    await until(() => !this.text().includes(expected), { instead: () => this.text() })
  }

  type(keys: string): void {
    this.#pty.write(keys)
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows)
    this.terminal.resize(columns, rows)
  }

  /** Stops and goes on reading, as a stalled connection does. */
  pause(): void {
    this.#pty.pause()
  }

  resume(): void {
    this.#pty.resume()
  }

  kill(signal = 'SIGKILL'): void {
    try {
      this.#pty.kill(signal)
    } catch {
      // It has ended.
    }
  }

  /** Whether the terminal is as a shell expects it: normal screen, cursor shown, no mouse, no bracketed paste. */
  isClean(): boolean {
    const { modes, buffer } = this.terminal
    const core = (this.terminal as unknown as { _core: { coreService: { isCursorHidden: boolean } } })._core
    return (
      buffer.active.type === 'normal' &&
      !core.coreService.isCursorHidden &&
      !modes.bracketedPasteMode &&
      modes.mouseTrackingMode === 'none'
    )
  }
}
