/** How many threads a run has and how memory is shared out between them and the system. Pure. */
import type { MemoryPlan } from '../model/plan.ts'
import { sizeAtMost, sizeText } from '../model/size-text.ts'
import { bytes } from '../model/units.ts'
import type { Path } from './fields.ts'
import { type LoadOptions, threadsAsked } from './options.ts'
import type { PlanInput } from './schema.ts'

export interface Sizing {
  readonly threads: number
  readonly memory: MemoryPlan
}

interface Problem {
  readonly rule: string
  readonly path: Path
  readonly message: string
  readonly hint: string
}

export type SizingResult =
  | { readonly ok: true; readonly sizing: Sizing; readonly warning?: Problem }
  | { readonly ok: false; readonly problem: Problem }

const LARGEST_RESERVE = 4 * 2 ** 30

/**
 * A machine sold with 16 GB shows 15.5: its firmware and kernel keep the rest. So much may be missing of what a plan counts on before it
 * is refused; the reserve pays for it, never the threads.
 */
const MISSING_SHARE = 1 / 20

interface Wish {
  readonly threads: number
  readonly total: number
  readonly isTotalGiven: boolean
  readonly reserve: number
  /** Undefined: whatever is there. */
  readonly perThread: number | undefined
  /** Undefined: as usual. */
  readonly act: number | undefined
  readonly machine: number
}

/**
 * Numbers of the run from the plan file, the machine and the command line.
 * @throws BatchtopError `bad-option` where `--threads` makes no sense
 */
export function sizePlan(plan: PlanInput, { machine, overrides }: LoadOptions): SizingResult {
  const { memory = {} } = plan
  const { act } = memory
  const total = memory.total ?? machine.memory
  const reserve = overrides.reserve ?? memory.reserve ?? bytes(Math.min(Math.floor(total / 4), LARGEST_RESERVE))
  const perThread = overrides.memoryPerThread ?? memory.perThread
  const asked = overrides.threads === undefined ? plan.threads : threadsAsked(overrides.threads, machine.cores)
  const fitting = perThread === undefined ? machine.cores : Math.floor((total - reserve) / perThread)
  const threads = typeof asked === 'number' ? asked : Math.max(1, Math.min(machine.cores, fitting))
  const isTotalGiven = memory.total !== undefined
  return shareOut({ threads, total, isTotalGiven, reserve, perThread, act, machine: machine.memory })
}

function shareOut(wish: Wish): SizingResult {
  const { threads, total, reserve, machine, isTotalGiven, perThread, act } = wish
  const most = machine * (1 + MISSING_SHARE)
  if (isTotalGiven && total > most) return totalRefused(wish)
  if (reserve >= total) return reserveRefused(wish)
  const sum = perThread === undefined ? 0 : threads * perThread
  const isTight = sum > total - reserve && !isTotalGiven && sum + reserve <= most
  if (sum > total - reserve && !isTight) return sumRefused(wish, sum)
  const budget = isTight ? sum : total - reserve
  const usable = Math.min(total, machine)
  if (budget >= usable) return sumRefused(wish, Math.max(sum, budget))
  const memory: MemoryPlan = {
    total: bytes(usable),
    reserve: bytes(usable - budget),
    budget: bytes(budget),
    perThread: bytes(perThread ?? Math.floor(budget / threads)),
    isCapGiven: perThread !== undefined,
    ...(act === undefined ? {} : { act }),
  }
  const sizing = { threads, memory }
  return memory.reserve < reserve ? { ok: true, sizing, warning: tight(wish, memory) } : { ok: true, sizing }
}

function tight({ reserve, machine }: Wish, memory: MemoryPlan): Problem {
  return {
    rule: 'memory-tight',
    path: ['memory'],
    message: `This machine has ${sizeText(machine)}: of the reserve of ${sizeText(reserve)}, ${sizeText(memory.reserve)} is left.`,
    hint: `The threads keep their ${sizeText(memory.budget)}. Ask for less to keep the whole reserve.`,
  }
}

function totalRefused({ total, machine }: Wish): SizingResult {
  return refused(
    ['memory', 'total'],
    `The plan counts on ${sizeText(total)} in all; this machine has ${sizeText(machine)}.`,
    'Take `total` out to use what the machine has.',
  )
}

function reserveRefused({ reserve, total, isTotalGiven }: Wish): SizingResult {
  const holder = isTotalGiven ? "the plan's total is" : 'this machine has'
  return refused(
    ['memory', 'reserve'],
    `A reserve of ${sizeText(reserve)} leaves nothing for threads; ${holder} ${sizeText(total)}.`,
    'Ask for a smaller reserve.',
  )
}

function sumRefused({ threads, perThread, reserve, total, isTotalGiven }: Wish, sum: number): SizingResult {
  const holder = isTotalGiven ? "the plan's total is" : 'this machine has'
  const budget = total - reserve
  const each = perThread ?? sum / threads
  const fitting = Math.floor(budget / each)
  const count = threads === 1 ? '1 thread' : `${threads} threads`
  const fewer = fitting >= 1 && fitting < threads ? `${fitting} of these threads fit, or ` : ''
  return refused(
    ['memory', 'perThread'],
    `${count} x ${sizeText(each)} = ${sizeText(sum)}, and ${sizeText(reserve)} reserve = ${sizeText(sum + reserve)}; ` +
      `${holder} ${sizeText(total)}.`,
    `${fewer}${threads === 1 ? 'one thread' : count} with ${sizeAtMost(budget / threads)} each.`,
  )
}

function refused(path: Path, message: string, hint: string): SizingResult {
  return { ok: false, problem: { rule: 'memory', path, message, hint: hint[0]?.toUpperCase() + hint.slice(1) } }
}
