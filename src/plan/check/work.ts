import type { Path } from '../fields.ts'
import type { BatchInput } from '../schema.ts'
import { isCommandBatch } from '../setting.ts'
import { type CheckContext, isReadable } from './context.ts'

/** Every item has one thing to run, and all of a batch the same kind: a module, or a command. */
export function checkWork({ plan, report }: CheckContext): void {
  for (const [place, batch] of plan.batches.entries()) {
    const path = ['batches', place]
    for (const { rule, key, message, hint } of [...ofBatch(batch), ...ofItems(batch)]) {
      const at = key.length === 0 ? { value: path } : { key: [...path, ...key] }
      report.error({ rule, at, message, hint })
    }
  }
}

interface Problem {
  readonly rule: string
  /** From the batch on; empty: the batch itself. */
  readonly key: Path
  readonly message: string
  readonly hint: string
}

function* ofBatch(batch: BatchInput): Generator<Problem> {
  const { task, run, shell, undo } = batch
  if (task !== undefined && run !== undefined) {
    const hint = 'Take one of them out, or make two batches of it.'
    yield { rule: 'two-works', key: ['run'], message: 'A batch has a `task` or a `run`, not both.', hint }
  }
  const without = itemsWithoutWork(batch)
  if (task === undefined && run === undefined && without > 0) {
    const message = 'A batch needs a `task` (the module that its items run) or a `run` (the command).'
    const hint = 'Such as `task: ./tasks/hello.ts`, or `run: gzip -k {}`.'
    yield { rule: 'missing-key', key: [], message, hint }
    return
  }
  const isCommand = isCommandBatch(batch)
  if (isCommand && batch.with !== undefined) yield { ...NO_WITH, key: ['with'] }
  if (!isCommand && shell !== undefined && undo === undefined) {
    const message = '`shell` runs commands, and this batch has none.'
    yield { rule: 'no-command', key: ['shell'], message, hint: 'Take it out.' }
  }
}

const NO_WITH = {
  rule: 'no-task',
  message: '`with` is for a `task`; commands are not given anything by it.',
  hint: 'Write it into the command, or pass it in `env`.',
}

/** How many items have nothing of their own to run. */
function itemsWithoutWork({ items }: BatchInput): number {
  if (!Array.isArray(items) || items.length === 0) return 1
  return items.filter((item) => (typeof item === 'string' ? isReadable(item) : (item.task ?? item.run) === undefined))
    .length
}

function* ofItems(batch: BatchInput): Generator<Problem> {
  if (!Array.isArray(batch.items)) return
  const isCommand = isCommandBatch(batch)
  for (const [index, item] of batch.items.entries()) {
    if (typeof item === 'string') continue
    const key = ['items', index]
    const other = isCommand ? 'task' : 'run'
    if (item.task !== undefined && item.run !== undefined) {
      const message = 'An item has a `task` or a `run`, not both.'
      yield { rule: 'two-works', key: [...key, other], message, hint: 'Take one of them out.' }
    } else if (item[other] !== undefined) {
      const [own, rest] = isCommand ? ['module', 'commands'] : ['command', 'modules']
      const message = `This item has a ${own}, and its batch runs ${rest}: all items of a batch are of one kind.`
      yield { rule: 'mixed-works', key: [...key, other], message, hint: 'Put it into a batch of its own.' }
    }
    if (isCommand && item.with !== undefined) yield { ...NO_WITH, key: [...key, 'with'] }
  }
}
