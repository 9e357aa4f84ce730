import type { Path } from '../fields.ts'
import type { Report } from '../report.ts'
import { type CheckContext, isReadable } from './context.ts'

/** Ids name files and stand in `batch:item`; longer ones would not fit a file name. */
const MAX_LENGTH = 100

/** Ids of batches and phases: usable as names of files, and each one once, since a need may name either. */
export function checkIds({ plan, report }: CheckContext): void {
  const seen = new Map<string, 'batch' | 'phase'>()
  for (const [place, { id }] of (plan.phases?.list ?? []).entries()) {
    checkId({ id, kind: 'phase', at: ['phases', 'list', place, 'id'], seen, report })
  }
  for (const [place, { id }] of plan.batches.entries()) {
    checkId({ id, kind: 'batch', at: ['batches', place, 'id'], seen, report })
  }
}

interface Id {
  readonly id: string
  readonly kind: 'batch' | 'phase'
  readonly at: Path
  readonly seen: Map<string, 'batch' | 'phase'>
  readonly report: Report
}

function checkId({ id, kind, at, seen, report }: Id): void {
  if (!isReadable(id)) return
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  const bad = /[\s:/\u0000-\u001f\u007f]/.exec(id)?.[0]
  if (bad !== undefined) {
    const what = /\s/.test(bad) ? 'blanks' : bad === ':' || bad === '/' ? `\`${bad}\`` : 'control characters'
    const better = id.trim().replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    const message = `The id \`${id}\` of a ${kind} may hold no ${what}.`
    report.error({
      rule: 'bad-id',
      at: { value: at },
      message,
      hint: `Such as \`${better}\`; \`title\` may hold anything.`,
    })
  } else if (id.length > MAX_LENGTH) {
    const message = `The id of a ${kind} may have ${MAX_LENGTH} characters, this one has ${id.length}.`
    report.error({ rule: 'bad-id', at: { value: at }, message, hint: 'Put the long text in `title`.' })
  }
  const other = seen.get(id)
  if (other === undefined) seen.set(id, kind)
  else if (other === kind) {
    report.error({ rule: 'duplicate-id', at: { value: at }, message: `Another ${kind} is named \`${id}\` already.` })
  } else {
    const message = `The batch \`${id}\` is named as a phase is; a need for \`${id}\` could mean either.`
    report.error({ rule: 'duplicate-id', at: { value: at }, message })
  }
}
