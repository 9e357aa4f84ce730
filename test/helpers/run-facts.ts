/** A run's facts as plain data that two ways to the same facts must agree on; how its queues are kept is not among them. */
import { listingsOf } from '../../src/run/listing.ts'
import type { RunState } from '../../src/run/state.ts'

export function factsOf(state: RunState, { ms = true } = {}): Record<string, unknown> {
  const { run, epoch, planVersion, startedAt, lastAt, endedAt, draining, outcome, exit, seq } = state
  const { status, attempts, failures } = state.items
  return {
    run: { run, epoch, planVersion, startedAt, lastAt, endedAt, draining, outcome, exit, seq },
    listings: listingsOf(state.plan),
    status: [...status],
    attempts: [...attempts],
    failures: [...failures],
    ...(ms ? { ms: [...state.items.ms] } : {}),
    batches: state.batches.map(({ durations, sizes, cursor: _cursor, returned: _returned, ...facts }) => ({
      ...facts,
      sizes: sizes.pack(),
      durations: { count: durations.count, ...durations.pack() },
    })),
    threads: state.threads.map(({ span, ...facts }) => ({ ...facts, span: span && state.spans.indexOf(span) })),
    spans: state.spans,
    events: state.events.slice(-200),
    reasons: sorted(state.reasons.entries()),
    because: sorted(state.because.entries()),
    losses: sorted(state.losses),
    deaths: sorted(state.deaths),
    appetites: sorted(state.appetites),
    undone: sorted(state.undone),
    backoff: sorted(state.backoff.entries()),
  }
}

function sorted<Value>(entries: Iterable<readonly [number, Value]>): (readonly [number, Value])[] {
  return [...entries].toSorted(([left], [right]) => left - right)
}
