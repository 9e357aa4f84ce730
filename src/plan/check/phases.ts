import { type CheckContext, isReadable } from './context.ts'

/** A phase without batches is allowed, but hardly meant. */
export function checkPhases({ plan, report }: CheckContext): void {
  const used = new Set(plan.batches.map(({ phase }) => phase))
  for (const [place, { id }] of (plan.phases?.list ?? []).entries()) {
    if (used.has(id) || !isReadable(id)) continue
    report.warning({
      rule: 'empty-phase',
      at: { value: ['phases', 'list', place, 'id'] },
      message: `No batch is in phase \`${id}\`.`,
    })
  }
}
