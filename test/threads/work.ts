/** Chunks of work for a thread under test. */
import { fileURLToPath } from 'node:url'
import type { BatchWork, Chunk, ModuleBatch } from '../../src/model/chunk.ts'
import { batchIndex, itemIndex } from '../../src/model/ids.ts'

export const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url))

let chunks = 0

export function workOf(task: string, folder: string, batch: Partial<ModuleBatch> = {}): ModuleBatch {
  return {
    index: batchIndex(0),
    id: 'demo',
    work: { kind: 'module', task: fixture(task), with: { folder }, cwd: folder, env: {} },
    results: [],
    special: {},
    ...batch,
  }
}

export function chunkOf(batch: BatchWork, names: readonly string[]): Chunk {
  chunks += 1
  return {
    id: chunks,
    batch,
    items: names.map((_, place) => itemIndex(place)),
    names,
    attempts: names.map(() => 1),
  }
}
