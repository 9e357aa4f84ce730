/** "Did you mean": the known word that a mistyped one is nearest to. */

/** Edits (insert, delete, change, swap neighbours) that make one word the other: Damerau-Levenshtein, optimal string alignment. */
function distance(from: string, to: string): number {
  let before: number[] = []
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      const replaced = (above[column - 1] ?? 0) + (isSame ? 0 : 1)
      let best = Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1)
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (isSwap) best = Math.min(best, (before[column - 2] ?? 0) + 1)
      current.push(best)
    }
    before = above
    above = current
  }
  return above[to.length] ?? 0
}

/** The candidate nearest to `word`, if one is near enough to be meant: a third of its letters may differ, capitals do not count. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const sought = word.toLowerCase()
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue
    const edits = distance(sought, candidate.toLowerCase())
    if (edits < least) [best, least] = [candidate, edits]
  }
  return best
}

const MOST_NAMED = 8

/** A hint for an unknown word: the nearest known one, else the few there are. */
export function suggestion(word: string, candidates: readonly string[], what: string): string {
  const near = closest(word, candidates)
  if (near !== undefined) return `Did you mean \`${near}\`?`
  if (candidates.length === 0) return `There are no ${what} in this plan.`
  const named = candidates.slice(0, MOST_NAMED).join(', ')
  const more = candidates.length - MOST_NAMED
  return `The ${what}: ${named}${more > 0 ? ` and ${more} more` : ''}.`
}
