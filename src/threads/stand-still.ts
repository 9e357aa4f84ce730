/** Stops all that runs of a command. */
import type { CommandAttempt } from './command-attempt.ts'
import { signalTree, treeMembers } from './tree.ts'

/** Until all of it stands, and how often that is looked at: what is in an uninterruptible wait stops when that ends. */
const LOOK_MS = 2
const MOST_LOOKS = 25

/**
 * @param running the command that runs, asked again and again: it may have no process yet, or end meanwhile
 * @param stands called once nothing moves any more, at once where nothing runs
 * @returns gives it up
 */
export function standStill(running: () => CommandAttempt | undefined, stands: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  let looks = 0
  const look = (): void => {
    looks += 1
    if (isStill(running(), looks > MOST_LOOKS)) stands()
    else timer = setTimeout(look, LOOK_MS)
  }
  look()
  return () => clearTimeout(timer)
}

function isStill(attempt: CommandAttempt | undefined, isLast: boolean): boolean {
  // What only its end is waited for does nothing that could be stopped.
  if (!attempt || attempt.isEnding) return true
  const { tree } = attempt
  if (!tree || !signalTree(tree, 'SIGSTOP')) return false
  const members = treeMembers(tree)
  return isLast || members === undefined || members.every(({ isStopped }) => isStopped)
}
