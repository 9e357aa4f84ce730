/** The size of the terminal: every change of it, also one that was over before this process looked. */
import process from 'node:process'

/** Begins a synchronised frame, which the next one of Ink ends: nobody sees the screen empty. */
export const BEGIN = '\u001B[?2026h'
export const EMPTY = '\u001B[H\u001B[J'

/**
 * Calls back whenever the terminal has been resized, until the returned function is called. A terminal that was small for
 * a moment has cut what stood on it, but Node says nothing if its size is the old one again by the time it looks; and a
 * process that is stopped hears of no size.
 */
export function followSize(stdout: NodeJS.WriteStream, resized: () => void): () => void {
  let isTold = false
  const changed = (): void => {
    isTold = true
    resized()
  }
  // Comes after Node's own listener, which compares the sizes.
  const signalled = (): void => {
    if (!isTold) resized()
    isTold = false
  }
  stdout.on('resize', changed)
  process.on('SIGWINCH', signalled)
  process.on('SIGCONT', askForSize)
  return () => {
    stdout.off('resize', changed)
    process.off('SIGWINCH', signalled)
    process.off('SIGCONT', askForSize)
  }
}

/** Node looks for itself only when it is told. */
function askForSize(): void {
  process.kill(process.pid, 'SIGWINCH')
}
