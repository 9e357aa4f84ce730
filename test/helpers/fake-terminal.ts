/** A terminal in memory: what the screen writes goes through a real emulator, what a test types arrives as from a keyboard. */
import { PassThrough, Writable } from 'node:stream'
import headless from '@xterm/headless'
import { expect } from 'vitest'

export class FakeTerminal {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly #emulator: InstanceType<typeof headless.Terminal>
  readonly #keys: PassThrough
  isRaw = false
  bytes = 0

  constructor(columns = 80, rows = 24) {
    this.#emulator = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })
    this.#keys = new PassThrough()
    const stdin = this.#keys
    this.stdin = Object.assign(stdin, {
      isTTY: true,
      setRawMode: (isRaw: boolean) => {
        this.isRaw = isRaw
        return stdin
      },
      ref: () => stdin,
      unref: () => stdin,
    }) as unknown as NodeJS.ReadStream
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.bytes += chunk.length
        this.#emulator.write(chunk, done)
      },
    })
    this.stdout = Object.assign(sink, { columns, rows, isTTY: true }) as unknown as NodeJS.WriteStream
  }

  type(keys: string): void {
    this.#keys.write(keys)
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows)
    Object.assign(this.stdout, { columns, rows })
    this.stdout.emit('resize')
  }

  text(): string {
    const { active } = this.#emulator.buffer
    return Array.from(
      { length: this.#emulator.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    ).join('\n')
  }

  /** Waits until the screen shows something. */
  async shows(expected: string): Promise<string> {
    await expect.poll(() => this.text(), { timeout: 15_000, interval: 5 }).toContain(expected)
    return this.text()
  }

  async hides(expected: string): Promise<void> {
    await expect.poll(() => this.text(), { timeout: 15_000, interval: 5 }).not.toContain(expected)
  }

  /** As a shell expects it: normal screen, keys by the line, no paste marks. */
  isClean(): boolean {
    const { buffer, modes } = this.#emulator
    return buffer.active.type === 'normal' && !this.isRaw && !modes.bracketedPasteMode
  }
}
