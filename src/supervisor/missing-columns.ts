/** Columns that the texts of a batch name: whether a table has them is known only once it is read. */
import type { Batch, Work } from '../model/plan.ts'
import type { Template } from '../model/template.ts'

/** Names of columns that a batch uses and a table does not have. */
export function missingColumns(batch: Batch, columns: readonly string[]): readonly string[] {
  const used = templatesOf(batch).flatMap((template) =>
    template.flatMap((part) => (typeof part === 'object' && part.slot === 'column' ? [part.name] : [])),
  )
  return [...new Set(used)].filter((name) => !columns.includes(name))
}

function templatesOf({ work, outputs = [], undo }: Batch): readonly Template[] {
  return outputs.concat(templatesIn(work), undo ? templatesIn(undo) : [])
}

function templatesIn(work: Work): readonly Template[] {
  if (work.kind === 'module') return []
  const { run, itemCwd, itemEnv = {} } = work
  const words = run.kind === 'words' ? run.words : [run.script]
  return words.concat(itemCwd ? [itemCwd] : [], Object.values(itemEnv))
}
