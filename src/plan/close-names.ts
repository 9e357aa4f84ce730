import { readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { closest } from './suggest.ts'

/**
 * A hint with the name beside a missing file that is nearest to it; undefined: none is near.
 * @param full its absolute path
 * @param written its path as the plan file says it
 */
export async function closeNames(full: string, written: string): Promise<string | undefined> {
  const folder = dirname(full)
  const names = await readdir(folder).catch(() => undefined)
  if (!names) return `There is no folder ${folder}.`
  const near = closest(basename(full), names)
  if (near === undefined) return undefined
  return `Did you mean \`${written.slice(0, written.length - basename(written).length)}${near}\`?`
}
