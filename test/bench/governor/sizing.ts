/**
 * How much memory there is, and who has it. The caps of a plan never add up to more than its budget: one that asks for that is refused. So
 * on a machine of its own a plan cannot overcommit, and even a plain pool lives there as long as each of its items keeps to its share (peaks
 * of 68 to 80 % were measured). What happens outside is that the machine is not the plan's own: somebody else holds a part of it, the budget
 * of the moment is smaller than the plan's, and the caps add up to more than there is. That is what is set up here, in a control group that
 * stands for the machine: a neighbour holds so much that 62 % of the plan's budget is left.
 */
import os from 'node:os'

const MB = 2 ** 20
const THREADS = 6
const LARGEST_CAP = 400 * MB

/** Of the machine's memory, what the bench may take. */
const MACHINE_SHARE = 0.4

const LEFT_SHARE = 0.62

/** All in bytes but `threads`. */
export interface Sizing {
  readonly threads: number
  readonly cap: number
  /** What the plan counts on for its threads: all caps. */
  readonly planned: number
  readonly reserve: number
  readonly neighbour: number
  /** What is left for the threads: 100 %, the kernel's limit. */
  readonly budget: number
  /** What stands for the machine. Part of it is what the supervisor and the client take. */
  readonly machine: number
}

const OWN_PROCESSES = 100 * MB

export function sizing({ isAlone }: { readonly isAlone: boolean }): Sizing {
  const cap = Math.min(LARGEST_CAP, Math.floor((os.totalmem() * MACHINE_SHARE) / THREADS / MB) * MB)
  const planned = THREADS * cap
  const reserve = Math.floor(planned / 12)
  const budget = isAlone ? planned : Math.floor(planned * LEFT_SHARE)
  const neighbour = planned - budget
  return { threads: THREADS, cap, planned, reserve, neighbour, budget, machine: planned + reserve + OWN_PROCESSES }
}
