/** Which batches of a plan a run is about: all, or those of `--only` and what they need. */
import { BatchtopError, EXIT } from '../model/errors.ts'
import { needName } from './needs.ts'
import type { Overrides } from './options.ts'
import type { BatchInput, PlanInput } from './schema.ts'
import { suggestion } from './suggest.ts'

export interface Chosen {
  readonly batches: readonly ChosenBatch[]
  /** Phases that are left, first one first. */
  readonly phases: readonly { readonly id: string; readonly title?: string | undefined }[]
}

export interface ChosenBatch {
  readonly batch: BatchInput
  /** Its place in the file. */
  readonly place: number
}

/** @throws BatchtopError `no-such-batch` (exit 4) where `--only` names nothing of the plan */
export function selectBatches(plan: PlanInput, { only, noNeeds = false }: Overrides): Chosen {
  const all = plan.batches.map((batch, place) => ({ batch: noNeeds ? withoutNeeds(batch) : batch, place }))
  const phases = plan.phases?.list ?? []
  if (only === undefined) return { batches: all, phases }
  const names = new Set([...plan.batches, ...phases].map(({ id }) => id))
  for (const name of only) if (!names.has(name)) throw unknown(name, [...names])
  const kept = withNeeds(all, only)
  const batches = all.filter(({ batch }) => kept.has(batch.id))
  const left = new Set(batches.map(({ batch }) => batch.phase))
  return { batches, phases: phases.filter(({ id }) => left.has(id)) }
}

/** Ids of the batches that are named, alone or by their phase, and of all that they need. */
function withNeeds(all: readonly ChosenBatch[], names: readonly string[]): ReadonlySet<string> {
  const byId = new Map(all.map(({ batch }) => [batch.id, batch]))
  const byPhase = Map.groupBy(all, ({ batch }) => batch.phase ?? '')
  const kept = new Set<string>()
  const open = [...names]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const batch = byId.get(name)
    if (!batch) open.push(...(byPhase.get(name) ?? []).map((member) => member.batch.id).filter((id) => !kept.has(id)))
    else if (!kept.has(name)) {
      kept.add(name)
      open.push(...(batch.needs ?? []).map((need) => needName(need).name))
    }
  }
  return kept
}

function withoutNeeds(batch: BatchInput): BatchInput {
  return { ...batch, needs: [] }
}

function unknown(name: string, candidates: readonly string[]): BatchtopError {
  const hint = suggestion(name, candidates, 'batches and phases')
  return new BatchtopError('no-such-batch', `--only: there is no batch or phase \`${name}\` in this plan.`, {
    exit: EXIT.notFound,
    hint,
  })
}
