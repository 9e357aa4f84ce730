/** What an item of command work runs, filled in: for people, who may want to type it. */
import type { ItemIndex, ThreadNumber } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import { batchOf, isUnlisted, itemFields, itemName } from '../model/plan.ts'
import type { Command, Template } from '../model/template.ts'
import { commandWords, quoteWord } from '../model/template.ts'

/**
 * The command as one would type it, without line end; undefined for module work.
 * @param thread left out where nobody knows: its placeholder then stays
 */
export function commandText(plan: Plan, item: ItemIndex, thread?: ThreadNumber): string | undefined {
  const batch = batchOf(plan, item)
  if (batch.work.kind !== 'command' || isUnlisted(batch)) return undefined
  const place = item - batch.first
  const run = batch.special[place]?.run ?? batch.work.run
  const words = commandWords(thread === undefined ? withoutThread(run) : run, {
    item: itemName(batch, place),
    number: item + 1,
    thread: thread ?? 0,
    batch: batch.id,
    fields: itemFields(batch, place),
  })
  return run.kind === 'script' ? words.at(-1)?.trimEnd() : words.map(typed).join(' ')
}

function withoutThread(command: Command): Command {
  return command.kind === 'words'
    ? { ...command, words: command.words.map(keepThread) }
    : { ...command, script: keepThread(command.script) }
}

function keepThread(template: Template): Template {
  return template.map((part) => (typeof part !== 'string' && part.slot === 'thread' ? '{%}' : part))
}

/** Most words need no quotes. */
function typed(word: string): string {
  return /^[\w/.:=@%+,{}-]+$/.test(word) ? word : quoteWord(word)
}
