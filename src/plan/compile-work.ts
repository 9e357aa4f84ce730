/** What the items of a batch run, and what goes with it: special items, undo, outputs, breaker. */
import { resolve } from 'node:path'
import type { Batch, Breaker, CommandWork, SpecialItem, Work } from '../model/plan.ts'
import type { Command } from '../model/template.ts'
import { millis } from '../model/units.ts'
import type { Columns } from './columns.ts'
import { parseCommand } from './command.ts'
import { parseTemplate } from './placeholders.ts'
import type { BatchInput } from './schema.ts'
import { settingOf } from './setting.ts'

interface Place {
  /** Of the plan file. */
  readonly folder: string
  readonly columns: Columns
}

/** The work of the batch; where each item has its own, that of the first. */
export function workOf(batch: BatchInput, { folder, columns }: Place): Work {
  const [first] = Array.isArray(batch.items) ? batch.items : []
  const own = typeof first === 'object' ? first : undefined
  const setting = settingOf(batch, folder, columns)
  const { task = batch.run === undefined ? own?.task : undefined } = batch
  if (task !== undefined) {
    return { kind: 'module', task: resolve(folder, task), with: batch.with ?? null, cwd: setting.cwd, env: setting.env }
  }
  return { kind: 'command', run: commandOf(batch.run ?? own?.run ?? '', batch, columns), ...setting }
}

/** Items that differ from the rest of the batch, by place. */
export function specialOf(batch: BatchInput, { folder, columns }: Place): Batch['special'] {
  const special: Record<string, SpecialItem> = {}
  if (!Array.isArray(batch.items)) return special
  for (const [place, item] of batch.items.entries()) {
    if (typeof item === 'string') continue
    const { task, run, estimate } = item
    special[place] = {
      ...(task === undefined ? {} : { task: resolve(folder, task) }),
      ...(item.with === undefined ? {} : { with: item.with }),
      ...(run === undefined ? {} : { run: commandOf(run, batch, columns) }),
      ...(estimate === undefined ? {} : { estimate }),
    }
  }
  return special
}

type Rest = Pick<Batch, 'outputs' | 'undo' | 'breaker'>

export function restOf(batch: BatchInput, { folder, columns }: Place): Rest {
  const { outputs = [], undo, breaker } = batch
  return {
    ...(outputs.length === 0 ? {} : { outputs: outputs.map((path) => parseTemplate(path, columns)) }),
    ...(undo === undefined ? {} : { undo: undoOf(undo, batch, { folder, columns }) }),
    ...(breaker === undefined ? {} : { breaker: breakerOf(breaker) }),
  }
}

function breakerOf({ failures = 0.5, of = 20, wait = millis(60_000) }: NonNullable<BatchInput['breaker']>): Breaker {
  return { failures, of, wait }
}

function undoOf(text: string, batch: BatchInput, { folder, columns }: Place): CommandWork {
  return { kind: 'command', run: commandOf(text, batch, columns), ...settingOf(batch, folder, columns) }
}

function commandOf(text: string, { shell }: BatchInput, columns: Columns): Command {
  const parsed = parseCommand(text, { columns, shell })
  if (!parsed.ok) throw new Error(`${text} was not checked: ${parsed.problem}`)
  return parsed.command
}
