/**
 * Why items' last attempts did not succeed. In full for the first ten thousand: whoever looks at more reads their logs, and a million
 * stacks would be more memory than the run itself. Of the others the kind is kept.
 */
import type { ItemIndex } from '../model/ids.ts'
import type { Reason } from '../model/reason.ts'
import { ItemLabels } from './item-labels.ts'

const MOST_FULL = 10_000
const message = 'see its log'

const SHORT: Readonly<Record<Reason['kind'], Reason>> = {
  threw: { kind: 'threw', message },
  exit: { kind: 'exit', message, code: '' },
  signal: { kind: 'signal', message, code: '' },
  output: { kind: 'output', message },
  timeout: { kind: 'timeout', message },
  lost: { kind: 'lost', message },
  memory: { kind: 'memory', message },
  setup: { kind: 'setup', message },
  user: { kind: 'user', message },
}

export class Reasons {
  readonly #full = new Map<ItemIndex, Reason>()
  readonly #short: ItemLabels<Reason>

  constructor(items: number, short = new ItemLabels<Reason>(items)) {
    this.#short = short
  }

  /** Makes room for so many items. */
  grow(items: number): void {
    this.#short.grow(items)
  }

  /** How many items have one. */
  get size(): number {
    return this.#full.size + this.#short.size
  }

  get(item: ItemIndex): Reason | undefined {
    return this.#full.get(item) ?? this.#short.get(item)
  }

  set(item: ItemIndex, reason: Reason): void {
    if (this.#full.size < MOST_FULL || this.#full.has(item)) {
      this.#full.set(item, reason)
      this.#short.delete(item)
    } else this.#short.set(item, SHORT[reason.kind])
  }

  delete(item: ItemIndex): void {
    this.#full.delete(item)
    this.#short.delete(item)
  }

  *entries(): Generator<readonly [ItemIndex, Reason]> {
    yield* this.#full
    yield* this.#short.entries()
  }

  /** Those that are there in full. */
  get full(): ReadonlyMap<ItemIndex, Reason> {
    return this.#full
  }

  /** Those of which only the kind is kept. */
  get short(): ItemLabels<Reason> {
    return this.#short
  }
}
