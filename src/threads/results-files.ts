/** Values of needed batches for commands, which read files: each batch's values in one file, named by an environment variable. */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import type { ResultSource } from '../model/chunk.ts'
import { readLines } from './results.ts'

/** Longest readable part of a file's name. */
const MAX_SLUG = 40

type Variables = Readonly<Record<string, string>>

/** By the list they were asked for: it is the same one for all items of a batch. */
const known = new WeakMap<readonly ResultSource[], Promise<Variables>>()

/**
 * Variables with the path of a file for each source: lines `{"item":…,"value":…}`, only durable and valid ones. Files of the run are named
 * themselves where they hold just that; else a copy in `results/` of the run's folder is made, once.
 * @throws Error, for people, where a copy cannot be made
 */
export function resultsFiles(sources: readonly ResultSource[], folder: string): Promise<Variables> {
  const before = known.get(sources)
  if (before) return before
  const files = gather(sources, folder)
  known.set(sources, files)
  // Another attempt tries again.
  files.catch(() => known.delete(sources))
  return files
}

async function gather(sources: readonly ResultSource[], folder: string): Promise<Variables> {
  const variables: Record<string, string> = {}
  // The last one written stays: the first of those that share a variable, unless the id of another is just that.
  const exact = sources.filter(isExact)
  const others = sources.filter((one) => !isExact(one)).toReversed()
  for (const source of [...others, ...exact]) variables[resultsVariable(source.batch)] = await fileOf(source, folder)
  return variables
}

function isExact({ batch }: ResultSource): boolean {
  return resultsVariable(batch) === PREFIX + batch
}

const PREFIX = 'BATCHTOP_RESULTS_'

/** The variable that names a batch's values: shells know letters, digits and `_` only. */
export function resultsVariable(batch: string): string {
  return PREFIX + batch.replaceAll(/[^A-Za-z0-9_]/g, '_')
}

async function fileOf(source: ResultSource, folder: string): Promise<string> {
  const { batch, files, end, voids = [] } = source
  const [only] = files
  if (only !== undefined && files.length === 1 && voids.length === 0 && (await sizeOf(only)) === end) return only
  const slug = batch.replaceAll(/[^A-Za-z0-9_.]/g, '_').slice(0, MAX_SLUG)
  const isWhole = voids.length === 0 ? '' : `-${hash(JSON.stringify(voids))}`
  const path = join(folder, 'results', `${slug}-${hash(batch)}-${end}${isWhole}.ndjson`)
  if ((await sizeOf(path)) === undefined) await copy(source, path)
  return path
}

const hash = (text: string): string => crc32(text).toString(16).padStart(8, '0')

let copies = 0

/** Under another name first, and durable: whatever dies when, a file of this name is complete. */
async function copy(source: ResultSource, path: string): Promise<void> {
  const begun = `${path}.${process.pid}.${++copies}`
  try {
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
    await write(source, begun)
    const file = await open(begun)
    await file.sync().finally(() => file.close())
    await rename(begun, path)
  } catch (error) {
    await rm(begun, { force: true }).catch(() => undefined)
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`the values of batch ${source.batch} cannot be gathered in one file: ${why}`, { cause: error })
  }
}

async function write(source: ResultSource, path: string): Promise<void> {
  await pipeline(
    async function* () {
      if (source.voids?.length) yield* validText(source)
      else yield* wholeText(source)
    },
    createWriteStream(path, { mode: 0o600 }),
  )
}

/** As it stands in the files. */
async function* wholeText({ files, end }: ResultSource): AsyncGenerator<Buffer> {
  let left = end
  for (const file of files) {
    if (left <= 0) return
    const { size } = await stat(file)
    if (size > 0) yield* createReadStream(file, { end: Math.min(left, size) - 1 }) as AsyncIterable<Buffer>
    left -= size
  }
}

async function* validText(source: ResultSource): AsyncGenerator<Buffer> {
  for await (const { line } of readLines(source)) yield Buffer.concat([line, NEWLINE])
}

const NEWLINE = Buffer.from('\n')

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
}
