/** Work of a fixed amount: the same for every thread, however many share a core (a clock would count the waiting too). */
export function spin(turns: number): number {
  let state = 1
  for (let turn = 0; turn < turns; turn++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  return state
}

/** How many turns take a millisecond of a core that does nothing else: the best of several tries. */
export function turnsPerMillisecond(): number {
  const turns = 1_000_000
  const times = Array.from({ length: 30 }, () => {
    const from = performance.now()
    spin(turns)
    return performance.now() - from
  })
  return Math.round(turns / Math.min(...times))
}
