/** The bench in words: a line a run, a table of medians at the end. */
import { median } from '../measure.ts'
import { MemoryGroup } from './memory-group.ts'
import { isClean, type Outcome } from './outcome.ts'
import type { Sizing } from './sizing.ts'

const NAME_WIDTH = 20

export function introduce(sizing: Sizing, items: number, seeds: number): void {
  const { threads, cap, budget, neighbour, planned } = sizing
  const group = MemoryGroup.create(`bench-governor-${process.pid}`, budget)
  const limit = group
    ? `a control group of version ${group.version} holds the threads to 100 % of it`
    : 'no limit of the kernel can be set here (it takes root, or a delegated group): nobody is killed for memory'
  void group?.close()
  console.log(
    `${items} items that fit a cap of ${mb(cap)} (and for batchtop two that do not), ${seeds} seeds, ${threads} threads`,
  )
  console.log(
    `planned for ${mb(planned)}; a neighbour holds ${mb(neighbour)}, so the budget is ${mb(budget)}; ${limit}\n`,
  )
  console.log(row(['', 'seed', 'completed', 'killed', 'peak held', 'counted', 'mean', 'thrown away', 'seconds', '']))
}

export function printOutcome(outcome: Outcome, { budget }: Sizing): void {
  const { contender, seed, completed, fitting, kills, thrownAway, ms, note } = outcome
  const held = heldOf([outcome], budget)
  const cells = [`${completed} of ${fitting}`, String(kills ?? '?'), ...held, String(thrownAway)]
  console.log(row([contender, String(seed), ...cells, ms === undefined ? '-' : seconds(ms), note]))
}

export function printSummary(outcomes: readonly Outcome[], { budget }: Sizing): void {
  const best = bestStatic(outcomes)
  const names = [...new Set(outcomes.map(({ contender }) => contender))]
  console.log(`\nmedians of what ran${best ? `; best static choice: ${best}` : ''}\n`)
  console.log(
    row(['', 'runs', 'clean', 'killed', 'peak held', 'counted', 'mean', 'thrown away', 'seconds', 'to best static']),
  )
  for (const name of names) {
    const runs = outcomes.filter(({ contender }) => contender === name)
    const of = (figure: (run: Outcome) => number) => median(runs.map(figure))
    const lived = runs.flatMap(({ ms }) => (ms === undefined ? [] : [ms]))
    const killed = String(runs.reduce((sum, { kills }) => sum + (kills ?? 0), 0))
    const head = [name, String(runs.length), String(runs.filter(isClean).length), killed]
    const figures = [...heldOf(runs, budget), of(({ thrownAway }) => thrownAway).toFixed(0)]
    console.log(
      row([...head, ...figures, lived.length > 0 ? seconds(median(lived)) : '-', ratio(runs, best, outcomes)]),
    )
  }
  console.log(
    '\naims for batchtop: killed 0, peak held at most 95 %, thrown away 0, at most 1.15 of the best static choice',
  )
}

/** Peak by looking, peak by the kernel's count, mean by looking: medians of runs. */
function heldOf(runs: readonly Outcome[], budget: number): readonly string[] {
  const figures = [
    runs.map(({ peakHeld }) => peakHeld),
    runs.map(({ peakCounted }) => peakCounted ?? Number.NaN),
    runs.map(({ meanHeld }) => meanHeld),
  ]
  return figures.map((all) => `${((median(all) / budget) * 100).toFixed(1)} %`)
}

/** Name of the plain pool that did all seeds with nothing killed: the last that was tried, if any. */
function bestStatic(outcomes: readonly Outcome[]): string | undefined {
  const pools = outcomes.filter(({ role }) => role !== 'naive' && role !== 'batchtop')
  const last = pools.at(-1)?.contender
  return pools.filter(({ contender }) => contender === last).every(isClean) ? last : undefined
}

/** Median of the ratios seed by seed. */
function ratio(runs: readonly Outcome[], best: string | undefined, outcomes: readonly Outcome[]): string {
  const ratios = runs.flatMap(({ seed, ms }) => {
    const other = outcomes.find((one) => one.contender === best && one.seed === seed)?.ms
    return ms === undefined || other === undefined ? [] : [ms / other]
  })
  return ratios.length > 0 ? median(ratios).toFixed(2) : ''
}

function row([name = '', ...cells]: readonly string[]): string {
  const widths = [4, 9, 6, 9, 8, 7, 11, 8]
  const padded = cells.map((cell, place) => (widths[place] === undefined ? cell : cell.padStart(widths[place])))
  return `  ${name.padEnd(NAME_WIDTH)} ${padded.join('  ')}`.trimEnd()
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}
