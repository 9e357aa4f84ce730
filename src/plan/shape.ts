/** Checks a parsed file against the schema and words what is wrong with it. */
import type * as z from 'zod'
import { dropBroken } from './drop-broken.ts'
import { fieldsAt, type Path } from './fields.ts'
import type { Report } from './report.ts'
import { type PlanInput, planSchema } from './schema.ts'
import { hasValue } from './source.ts'
import { closest } from './suggest.ts'

type Issue = z.core.$ZodIssue

/** How often a file is mended and looked at again, so that one wrong field does not hide what else is wrong. */
const ROUNDS = 5

/**
 * The plan as the schema gives it. Where fields are wrong, they are reported and then left out, so that everything else can still
 * be checked; undefined where too little is left for that.
 */
export function checkShape(value: unknown, report: Report): PlanInput | undefined {
  let sound = value
  for (let round = 0; round < ROUNDS; round++) {
    const result = planSchema.safeParse(sound)
    if (result.success) return result.data
    const issues = result.error.issues.flatMap((issue) => pickIssues(issue, []))
    if (round === 0) for (const issue of issues) reportIssue(issue, report)
    sound = dropBroken(sound, issues)
  }
  return undefined
}

/** The issues to tell: of a union, those of the variant that was most likely meant. */
function pickIssues(issue: Issue, base: Path): readonly Issue[] {
  const path = [...base, ...(issue.path as Path)]
  const here = { ...issue, path } as Issue
  if (issue.code !== 'invalid_union') return [here]
  const variants = issue.errors
    .map((issues) => issues.flatMap((inner) => pickIssues(inner, path)))
    .filter(
      (issues) => !issues.some((inner) => inner.code !== 'unrecognized_keys' && inner.path.length === path.length),
    )
  const [best, next] = variants.toSorted((a, b) => weight(a) - weight(b))
  if (!best) return [here]
  // With keys that do not belong there, which variant was meant is a guess: what it lacks is not told.
  const isGuess = best.some((inner) => inner.code === 'unrecognized_keys')
  if (isGuess) return best.filter((inner) => inner.code === 'unrecognized_keys')
  return next && weight(next) === weight(best) ? [here] : best
}

function weight(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1), 0)
}

function reportIssue(issue: Issue, report: Report): void {
  const path = issue.path as Path
  if (issue.code === 'unrecognized_keys') {
    const later = issue.keys.filter((key) => fieldsAt(path)?.later.includes(key))
    // What stands beside `csv:` belongs to it.
    const told = path[2] === 'items' && later.length > 0 ? later : issue.keys
    for (const key of told) reportKey([...path, key], report)
  } else if (!hasValue(report.source, path) && path.length > 0) {
    reportMissing(path, report)
  } else {
    const rule = issue.code === 'custom' ? String(issue.params?.['rule'] ?? 'wrong-value') : 'wrong-value'
    report.error({ rule, at: { value: path }, message: `${label(path)} ${issue.message}.` })
  }
}

function reportKey(path: Path, report: Report): void {
  const key = String(path.at(-1))
  const fields = fieldsAt(path.slice(0, -1))
  if (fields?.later.includes(key)) {
    return report.error({
      rule: 'not-yet',
      at: { key: path },
      message: `\`${key}\` is not in this version of batchtop yet.`,
      hint: 'Take it out for now.',
    })
  }
  const known = fields?.known ?? []
  if (known.includes(key)) {
    // A map is one of several kinds, and another kind has this key.
    const message = `\`${key}\` does not go together with what stands beside it.`
    return report.error({ rule: 'unknown-key', at: { key: path }, message })
  }
  const near = closest(key, known)
  report.error({
    rule: 'unknown-key',
    at: { key: path },
    message: `\`${key}\` is not known here.`,
    hint: near === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean \`${near}\`?`,
  })
}

function reportMissing(path: Path, report: Report): void {
  const message = `\`${String(path.at(-1))}\` is missing.`
  report.error({ rule: 'missing-key', at: { value: path.slice(0, -1) }, message })
}

/** The name of what stands at a path: `retry.attempts`, `needs[2]`, `The plan`. */
function label(path: Path): string {
  const last = path.findLastIndex((part, place) => typeof part === 'number' && place < path.length - 1)
  const parts = path.slice(last + 1)
  if (parts.length === 0) return 'The plan'
  const text = parts.map((part) => (typeof part === 'number' ? `[${part + 1}]` : `.${part}`)).join('')
  return text.startsWith('[') ? `\`${String(path[last])}${text}\`` : `\`${text.replace(/^\./, '')}\``
}
