/** What the contract promises for later: known by name, so that nobody is told of a typing error, and refused with one sentence. */
import type { Command } from 'commander'
import { Option } from 'commander'
import { BatchtopError } from '../model/errors.ts'

export const LATER_VERBS = ['each', 'approve', 'reject', 'report', 'completions', 'worker'] as const

export const LATER_PLAN_VERBS = ['tiers', 'matrix', 'forecast'] as const

export const LATER_RUN_OPTIONS = ['--halt <when>', '--approve <gate>'] as const

/** Adds hidden verbs that refuse whatever follows them. */
export function addLaterVerbs(parent: Command, verbs: readonly string[]): void {
  const path = parent.parent ? `${parent.name()} ` : ''
  for (const verb of verbs) {
    const refuse = (): never => {
      throw notYet(`\`batchtop ${path}${verb}\``)
    }
    parent
      .command(verb, { hidden: true })
      .argument('[anything...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(refuse)
  }
}

/** Adds hidden options that refuse to be given. */
export function addLaterOptions(command: Command, flags: readonly string[]): void {
  for (const text of flags) {
    const option = new Option(text).hideHelp()
    command.addOption(option)
    command.on(`option:${option.name()}`, () => {
      throw notYet(`\`${option.long ?? text}\``)
    })
  }
}

function notYet(what: string): BatchtopError {
  return new BatchtopError('not-yet', `${what} is not in this version of batchtop yet.`, {
    hint: '`batchtop -h` lists what is.',
  })
}
