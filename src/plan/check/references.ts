import type { Path } from '../fields.ts'
import { needName } from '../needs.ts'
import type { BatchInput } from '../schema.ts'
import { suggestion } from '../suggest.ts'
import { type CheckContext, isReadable } from './context.ts'

interface Known {
  readonly batches: ReadonlySet<string>
  readonly phases: ReadonlySet<string>
  readonly categories: ReadonlySet<string>
}

/** Every phase, category and need that a batch names is there. */
export function checkReferences(context: CheckContext): void {
  const { plan, options, report } = context
  const known: Known = {
    batches: new Set(plan.batches.map(({ id }) => id).filter(isReadable)),
    phases: new Set((plan.phases?.list ?? []).map(({ id }) => id).filter(isReadable)),
    categories: new Set([...(plan.priority ?? []), ...(options.overrides.priority ?? [])].filter(isReadable)),
  }
  for (const [place, batch] of plan.batches.entries()) checkBatch(context, { known, batch, path: ['batches', place] })
  for (const [place, word] of (plan.priority ?? []).entries()) {
    if (plan.priority?.indexOf(word) === place || !isReadable(word)) continue
    const message = `\`${word}\` stands twice in \`priority\`.`
    report.error({ rule: 'duplicate-category', at: { value: ['priority', place] }, message })
  }
}

interface Place {
  readonly known: Known
  readonly batch: BatchInput
  readonly path: Path
}

function checkBatch({ report }: CheckContext, { known, batch, path }: Place): void {
  const { phase, category, needs = [] } = batch
  const unknown = (rule: string, at: Path, name: string, kinds: readonly (keyof Known)[]) => {
    const candidates = kinds.flatMap((kind) => [...known[kind]])
    const what = kinds.join(' and ')
    const message = `There is no ${kinds.map((kind) => SINGULAR[kind]).join(' or ')} \`${name}\`.`
    report.error({ rule, at: { value: at }, message, hint: suggestion(name, candidates, what) })
  }
  if (phase !== undefined && !known.phases.has(phase)) unknown('unknown-phase', [...path, 'phase'], phase, ['phases'])
  if (category !== undefined && !known.categories.has(category)) {
    unknown('unknown-category', [...path, 'category'], category, ['categories'])
  }
  for (const [place, need] of needs.entries()) {
    const at = [...path, 'needs', place]
    const { name, kind } = needName(need)
    const kinds =
      kind === undefined
        ? (['batches', 'phases'] as const)
        : kind === 'batch'
          ? (['batches'] as const)
          : (['phases'] as const)
    if (!isReadable(name) || kinds.some((each) => known[each].has(name))) continue
    if (known.batches.has(name.slice(0, Math.max(0, name.indexOf(':'))))) {
      const message = `A need for one item (\`${name}\`) is not in this version of batchtop yet.`
      report.error({ rule: 'not-yet', at: { value: at }, message, hint: 'Need the whole batch for now.' })
    } else {
      unknown('unknown-need', at, name, kinds)
    }
  }
}

const SINGULAR = { batches: 'batch', phases: 'phase', categories: 'category' } as const
