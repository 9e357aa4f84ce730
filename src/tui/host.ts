/** What the controller may do with the terminal while Ink has it: leave, fail, hand it to somebody else for a while. */
import type { SuspendTerminal } from 'ink'
import type { Host } from './actions.ts'
import type { Controller } from './controller.ts'
import { F1 } from './input.ts'
import type { ScreenExit } from './leaving.ts'
import { stopUntilContinued } from './terminal.ts'

/** What Ink offers only from inside the tree. */
export interface Inside {
  readonly exit: (error?: Error) => void
  readonly suspendTerminal: SuspendTerminal
}

interface InkHost {
  readonly host: Host
  /** Called from inside the tree as soon as it stands. */
  readonly attach: (terminal: Inside) => void
  /** Reads the keys that Ink has no name for. */
  readonly listen: (controller: Controller) => void
  readonly exit: () => ScreenExit
  /** Whether somebody else has the terminal, or is about to. */
  readonly isAway: () => boolean
  /** Takes the screen down with what was thrown. */
  readonly fail: (reason: unknown) => void
  readonly close: () => void
}

export function createHost(
  stdin: NodeJS.ReadStream,
  openPager: ((item: number) => Promise<void>) | undefined,
): InkHost {
  let inside: Inside | undefined
  let left: ScreenExit | undefined
  let failure: Error | undefined
  let isAway = false
  let raw: ((bytes: string) => void) | undefined
  const fail = (reason: unknown): void => {
    failure = reason instanceof Error ? reason : new Error(String(reason))
    inside?.exit(failure)
  }
  const away = (use: () => void | Promise<void>): void => {
    if (inside === undefined || isAway) return
    isAway = true
    // A listener for data would take the pager's input.
    if (raw !== undefined) stdin.off('data', raw)
    inside
      .suspendTerminal(use)
      .catch(fail)
      .finally(() => {
        isAway = false
        if (raw !== undefined) stdin.on('data', raw)
      })
  }
  return {
    host: {
      exit: (exit) => {
        left = exit
        inside?.exit()
      },
      repaint: () => away(() => undefined),
      suspend: () => away(stopUntilContinued),
      openPager: openPager === undefined ? undefined : (item) => away(async () => openPager(item)),
    },
    attach: (terminal) => {
      inside = terminal
      // Whoever wanted to leave before there was anything to leave.
      if (failure !== undefined || left !== undefined) inside.exit(failure)
    },
    listen: (controller) => {
      raw = (bytes) => {
        if (F1.includes(bytes)) controller.press(['f1'])
      }
      stdin.on('data', raw)
    },
    exit: () => left ?? { how: 'detached' },
    isAway: () => isAway || left !== undefined || failure !== undefined,
    fail,
    close: () => {
      if (raw !== undefined) stdin.off('data', raw)
      raw = undefined
      inside = undefined
    },
  }
}
