/** What is done about the files an item of a module must make. Only batches that name some come here. */
import type { ModuleBatch } from '../model/chunk.ts'
import type { Reason } from '../model/reason.ts'
import type { SlotValues, Template } from '../model/template.ts'
import { fill } from '../model/template.ts'
import type { SeenOutputs } from './outputs.ts'
import { Outputs } from './outputs.ts'
import type { Detail } from './wire.ts'

/** From the worker to its host and on to the supervisor before an item begins: who outlives the others removes what a failure leaves. */
export interface OutputsNote {
  readonly is: 'prepared'
  readonly place: number
  readonly names: readonly string[]
  readonly folder: string
  readonly seen: SeenOutputs
}

export interface ItemOutputs {
  readonly place: number
  readonly batch: ModuleBatch
  readonly templates: readonly Template[]
  readonly slots: SlotValues
  readonly tell: (note: OutputsNote) => void
}

type Run = () => Promise<Detail | undefined>

/** Runs the item, which has not succeeded where a file is not there then. */
export async function runWithOutputs(of: ItemOutputs, run: Run): Promise<Detail | undefined> {
  const { place, templates, slots, tell } = of
  const folder = of.batch.work.cwd
  const names = templates.map((template) => fill(template, slots))
  const outputs = new Outputs(names, folder)
  const problem = await outputs.prepare()
  if (problem !== undefined) return failed(place, { kind: 'setup', message: problem })
  tell({ is: 'prepared', place, names, folder, seen: outputs.seen ?? [] })
  const detail = await run()
  const missing = detail?.failure ? undefined : await outputs.missing()
  if (!detail?.failure && missing === undefined) return detail
  await outputs.clean()
  return detail?.failure
    ? detail
    : {
        ...failed(place, { kind: 'output', message: `made no ${missing}` }),
        ...(detail?.log ? { log: detail.log } : {}),
      }
}

/** Its process is gone, or its worker: removes what the item left. */
export async function cleanAfter({ names, folder, seen }: OutputsNote): Promise<void> {
  await new Outputs(names, folder, seen).clean()
}

function failed(place: number, reason: Reason): Detail {
  return { place, failure: { how: 'failed', reason, isRetryable: true } }
}
