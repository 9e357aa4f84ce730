/** The texts of a batch in which placeholders stand, with where the plan file has them. */
import type { Path } from './fields.ts'
import type { BatchInput } from './schema.ts'
import { isCommandBatch } from './setting.ts'

export interface PlacedText {
  readonly path: Path
  readonly text: string
}

/** Its commands. */
export function commandsOf({ run, undo, items }: BatchInput, place: number): readonly PlacedText[] {
  const own = Array.isArray(items) ? items : []
  return [
    ...placed(['batches', place, 'run'], run),
    ...own.flatMap((item, index) =>
      typeof item === 'string' ? [] : placed(['batches', place, 'items', index, 'run'], item.run),
    ),
    ...placed(['batches', place, 'undo'], undo),
  ]
}

/** Those that are filled in as they are. */
export function plainTextsOf(batch: BatchInput, place: number): readonly PlacedText[] {
  const { outputs = [], cwd, env = {} } = batch
  const setting = isCommandBatch(batch)
    ? [
        ...placed(['batches', place, 'cwd'], cwd),
        ...Object.entries(env).flatMap(([name, text]) => placed(['batches', place, 'env', name], text)),
      ]
    : []
  return [...outputs.flatMap((text, index) => placed(['batches', place, 'outputs', index], text)), ...setting]
}

function placed(path: Path, text: string | undefined): readonly PlacedText[] {
  return text === undefined ? [] : [{ path, text }]
}
