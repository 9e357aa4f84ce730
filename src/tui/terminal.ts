/** The terminal around the screen: left clean whatever happens, suspended as shells expect, told about signals. */
import { writeSync } from 'node:fs'
import process from 'node:process'

/** End of a synchronised frame, paste marks off, back to the normal screen, plain text, cursor. */
const RESET = '\u001B[?2026l\u001B[?2004l\u001B[?1049l\u001B[0m\u001B[?25h'

/** Signals that end this process, and SIGHUP when the terminal is closed. */
const ending = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const

interface GuardOptions {
  readonly stdout: NodeJS.WriteStream
  /** A signal came, or the terminal does not take any more. */
  readonly leave: () => void
  /** The process was stopped and goes on: what is on the terminal is not ours. */
  readonly repaint: () => void
  /** The shell asks to stop. */
  readonly suspend: () => void
}

/**
 * Watches the process until the returned function is called. If it exits before that, the terminal is restored with a
 * synchronous write: a stream would not be flushed any more.
 */
export function guardTerminal({ stdout, leave, repaint, suspend }: GuardOptions): () => void {
  const restore = (): void => {
    const { fd } = stdout as { readonly fd?: number }
    if (!stdout.isTTY || typeof fd !== 'number') return
    try {
      writeSync(fd, RESET)
    } catch {
      // The terminal is gone: nothing is left to restore.
    }
  }
  process.on('exit', restore)
  for (const signal of ending) process.on(signal, leave)
  process.on('SIGCONT', repaint)
  process.on('SIGTSTP', suspend)
  // A closed terminal answers every write with an error, which would otherwise end the process in the middle of leaving.
  stdout.on('error', leave)
  return () => {
    process.off('exit', restore)
    for (const signal of ending) process.off(signal, leave)
    process.off('SIGCONT', repaint)
    process.off('SIGTSTP', suspend)
    stdout.off('error', leave)
  }
}

/** Stops this process and its group, as the shell's own Ctrl-Z would; resolves when it goes on. */
export async function stopUntilContinued(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGCONT', () => resolve())
    process.kill(0, 'SIGSTOP')
  })
}
