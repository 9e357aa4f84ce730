/**
 * The best static choice, found by trying: plain pools of fewer and fewer threads, until one does all seeds with nothing killed. The first of
 * them, as many threads as batchtop has, is the ungoverned pool, so it runs with all seeds however it does.
 */
import { isClean, type Outcome } from './outcome.ts'
import { type Peer, runPeer } from './peers.ts'
import { printOutcome } from './report.ts'
import type { Trial } from './trial.ts'

/** @param most the count to begin with */
export async function tryStaticCounts(trials: readonly Trial[], most: number): Promise<readonly Outcome[]> {
  const all: Outcome[] = []
  for (let threads = most; threads > 0; threads -= 1) {
    const outcomes = await tryCount(threads, trials)
    all.push(...outcomes)
    if (outcomes.every(isClean)) break
  }
  return all
}

async function tryCount(threads: number, trials: readonly Trial[]): Promise<readonly Outcome[]> {
  const isUngoverned = threads === trials[0]?.sizing.threads
  const role = isUngoverned ? 'ungoverned' : 'static'
  const name = isUngoverned ? `ungoverned pool, ${threads}` : `plain pool, ${threads}`
  const peer: Peer = { name, role, program: new URL('./peers/plain-pool.ts', import.meta.url), threads }
  const outcomes: Outcome[] = []
  for (const trial of trials) {
    const outcome = await runPeer(peer, trial)
    printOutcome(outcome, trial.sizing)
    outcomes.push(outcome)
    if (!isUngoverned && !isClean(outcome)) break
  }
  return outcomes
}
