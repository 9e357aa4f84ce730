/**
 * Names of values files. They follow the batch's id, not its place in the plan, which a changed plan may change:
 *
 *     values/<id, made readable>-<crc32 of the id>-<n>.ndjson
 */
import { crc32 } from 'node:zlib'

/** Longest readable part. */
const MAX_SLUG = 40

/** What the names of a batch's values files begin with. */
export function valuesStem(batch: string): string {
  const slug = batch
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]/g, '_')
    .slice(0, MAX_SLUG)
  return `${slug}-${crc32(batch).toString(16).padStart(8, '0')}`
}

export function valuesName(stem: string, number: number): string {
  return `${stem}-${number}.ndjson`
}

/** Undefined where the name is none of a values file. */
export function parseValuesName(name: string): { readonly stem: string; readonly number: number } | undefined {
  const match = /^([a-z0-9._]*-[0-9a-f]{8})-([1-9]\d*)\.ndjson$/.exec(name)
  return match ? { stem: match[1] as string, number: Number(match[2]) } : undefined
}
