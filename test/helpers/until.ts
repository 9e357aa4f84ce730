/** Waits for a condition by looking again and again: for what cannot tell by itself that it has happened. */
import { setTimeout } from 'node:timers/promises'

export interface UntilOptions {
  /** What was there instead, for the message. */
  readonly instead: () => string
  /** Milliseconds until it fails. */
  readonly patience?: number
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  { instead, patience = 30_000 }: UntilOptions,
): Promise<void> {
  const last = performance.now() + patience
  while (!(await condition())) {
    if (performance.now() > last) throw new Error(`Waited ${patience} ms in vain. There was instead:\n${instead()}`)
    await setTimeout(10)
  }
}
