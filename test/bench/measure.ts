/**
 * Measures sides of a comparison in turn, round after round, so that whatever else the machine does meets all of them alike; what
 * is printed are medians and their ratio to the first side. Benchmarks report, they never fail.
 */

interface Side {
  readonly name: string
  /** One round. Everything that is not to be measured (starting up, cleaning up) is left out of the figure. */
  readonly measure: () => Promise<number>
  /** What the ratio should be, in words, such as `at least 20`. */
  readonly aim?: string
}

export interface Comparison {
  readonly title: string
  /** Such as `items/s`. */
  readonly unit: string
  /** The first one is what the others are held against. */
  readonly sides: readonly Side[]
  readonly rounds: number
}

export interface Figures {
  readonly name: string
  readonly median: number
  readonly low: number
  readonly high: number
  /** The median's share of the first side's. */
  readonly ratio: number
  readonly aim?: string
}

export async function compare({ sides, rounds }: Comparison): Promise<readonly Figures[]> {
  const measured = sides.map((): number[] => [])
  for (let turn = 0; turn < rounds; turn++) {
    for (const [place, side] of sides.entries()) {
      // One at a time is the point.
      measured[place]?.push(await side.measure())
    }
  }
  const base = median(measured[0] ?? [])
  return sides.map(({ name, aim }, place) => {
    const values = measured[place] ?? []
    const figures = { name, median: median(values), low: Math.min(...values), high: Math.max(...values) }
    return { ...figures, ratio: figures.median / base, ...(aim === undefined ? {} : { aim }) }
  })
}

export function print({ title, unit, rounds }: Comparison, figures: readonly Figures[]): void {
  console.log(`\n${title}\n  ${unit}: median of ${rounds} rounds (lowest to highest), ratio to the first`)
  const width = Math.max(...figures.map(({ name }) => name.length))
  for (const { name, median: middle, low, high, ratio, aim } of figures) {
    const range = `(${round(low)} to ${round(high)})`
    const target = aim === undefined ? '' : `   aim: ${aim}`
    console.log(
      `  ${name.padEnd(width)}  ${round(middle).padStart(9)}  ${range.padEnd(24)}  ${ratio.toFixed(2)}${target}`,
    )
  }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
}

function round(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0)
}
