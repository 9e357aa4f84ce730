/** Threads and which batch ran on which of them when. */
import type { BatchIndex, ThreadNumber } from '../../model/ids.ts'
import type { WallTime } from '../../model/units.ts'
import type { OpenSpan, RunState, ThreadFacts } from '../state.ts'

/** Thread, batch, from, to; `to` is null while it goes on. */
type PackedSpan = readonly [ThreadNumber, BatchIndex, WallTime, WallTime | null]

interface PackedThread extends Omit<ThreadFacts, 'paused' | 'span'> {
  readonly paused?: NonNullable<ThreadFacts['paused']>
  /** Place of its newest stretch in the list; itself where the list does not hold it any more. */
  readonly span?: number | PackedSpan
}

export interface PackedTimeline {
  readonly threads: readonly PackedThread[]
  readonly spans: readonly PackedSpan[]
}

export function packTimeline({ threads, spans }: RunState): PackedTimeline {
  const places = new Map(spans.map((span, place) => [span, place]))
  const packed = threads.map(({ paused, span, ...facts }): PackedThread => {
    const packedSpan = span && (places.get(span) ?? packSpan(span))
    return {
      ...facts,
      ...(paused ? { paused } : {}),
      ...(packedSpan === undefined ? {} : { span: packedSpan }),
    }
  })
  return { threads: packed, spans: spans.map(packSpan) }
}

function packSpan({ thread, batch, from, to }: OpenSpan): PackedSpan {
  return [thread, batch, from, to ?? null]
}

/** @throws Error where a stretch is of a batch that is not in the plan */
export function unpackTimeline(packed: PackedTimeline, state: RunState): void {
  const unpackSpan = ([thread, batch, from, to]: PackedSpan): OpenSpan => {
    if (!state.batches[batch]) throw new Error(`Packed batch ${batch} of ${state.batches.length}`)
    return { thread, batch, from, to: to ?? undefined }
  }
  state.spans.push(...packed.spans.map(unpackSpan))
  for (const { paused, span, ...facts } of packed.threads) {
    const unpacked = typeof span === 'number' ? state.spans[span] : span && unpackSpan(span)
    state.threads.push({ ...facts, paused, span: unpacked })
  }
}
