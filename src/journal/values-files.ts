/** The values files of a run as they stand on disk. A value's place counts over all files of its batch as if they were one. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { Disk } from './disk.ts'
import { realDisk, truncateFile } from './disk.ts'
import { parseValuesName, valuesStem } from './values-names.ts'

/** A values file on disk. */
export interface ValuesFile {
  /** From 1. */
  readonly number: number
  readonly path: string
  /** Bytes of all files of the batch before it. */
  readonly start: number
  readonly bytes: number
}

/** The values files of a run's batches, in order, by the stem of their names. */
export async function listValuesFiles(folder: string): Promise<Map<string, ValuesFile[]>> {
  const found: { stem: string; number: number; path: string }[] = []
  for (const name of await readdir(join(folder, 'values'))) {
    const parsed = parseValuesName(name)
    if (parsed) found.push({ ...parsed, path: join(folder, 'values', name) })
  }
  found.sort((a, b) => a.number - b.number)
  const sizes = await Promise.all(found.map(async ({ path }) => (await stat(path)).size))
  const files = new Map<string, ValuesFile[]>()
  for (const [place, { stem, number, path }] of found.entries()) {
    const list = files.get(stem) ?? []
    list.push({ number, path, start: endOf(list), bytes: sizes[place] as number })
    files.set(stem, list)
  }
  return files
}

/** Bytes of all these files of one batch. */
export function endOf(files: readonly ValuesFile[]): number {
  const last = files.at(-1)
  return last ? last.start + last.bytes : 0
}

/**
 * Cuts every batch's values to these bytes, for good; batches that are not named have none left. Values that no durable event names must not
 * count: their items run again. Done again after a crash it does the same.
 * @throws BatchtopError `value-missing` where a batch has fewer
 */
export async function truncateValues(
  folder: string,
  ends: Readonly<Record<string, number>>,
  disk: Disk = realDisk,
): Promise<void> {
  const files = await listValuesFiles(folder)
  const kept = new Map(Object.entries(ends).map(([batch, end]) => [valuesStem(batch), end]))
  for (const [batch, end] of Object.entries(ends)) {
    const found = endOf(files.get(valuesStem(batch)) ?? [])
    if (found < end) throw missing(folder, `batch ${batch} has ${found} of ${end} bytes`)
  }
  let isAnyGone = false
  for (const [stem, list] of files) {
    const end = kept.get(stem) ?? 0
    for (const { path, start, bytes } of list.toReversed()) {
      if (start >= end) {
        await disk.remove(path)
        isAnyGone = true
      } else if (start + bytes > end) await truncateFile(path, end - start, disk)
    }
  }
  if (isAnyGone) await disk.syncFolder(join(folder, 'values'))
}

function missing(folder: string, what: string): BatchtopError {
  return new BatchtopError('value-missing', `Values are missing in ${join(folder, 'values')}: ${what}`, {
    hint: 'Was the values folder of this run changed or removed?',
    exit: EXIT.usage,
  })
}
