import { needName } from '../needs.ts'
import type { PlanInput } from '../schema.ts'
import { type CheckContext, isReadable } from './context.ts'

/** What a batch or phase waits for; the words go between the two names. */
interface Wait {
  readonly on: string
  readonly words: string
}

/**
 * Nothing waits for itself, not even by way of others. A batch waits for what it needs and for the start of its phase; a phase
 * ends with its batches; and an ordered phase starts when the one above it has ended.
 */
export function checkCycles({ plan, report }: CheckContext): void {
  const waits = graph(plan)
  const done = new Set<string>()
  for (const cycle of [...waits.keys()].flatMap((start) => findCycles(waits, start, done))) {
    const needy = new Set(cycle.filter(({ words }) => words === NEEDS).map(({ node }) => node))
    const first = plan.batches.findIndex(({ id }) => needy.has(batchNode(id)))
    if (first === -1) continue
    const from = cycle.findIndex(({ node }) => node === batchNode(plan.batches[first]?.id ?? ''))
    const turned = [...cycle.slice(from), ...cycle.slice(0, from)]
    report.error({
      rule: 'cycle',
      at: { value: ['batches', first, 'needs'] },
      message: `These wait for each other: ${sentence(turned)}.`,
      hint: 'Take one of these needs out.',
    })
  }
}

/** More steps than this are not worth reading. */
const MOST_STEPS = 24

/** `1.1 needs 2.1, which needs 1.1`. */
function sentence(cycle: readonly Step[]): string {
  const name = (place: number) => nodeText(cycle[place % cycle.length]?.node ?? '')
  const steps = cycle.map(({ words }, place) => `${words} ${name(place + 1)}`)
  const hidden = steps.length - MOST_STEPS
  if (hidden > 0) steps.splice(MOST_STEPS / 2, hidden, `goes on (by ${hidden} more)`)
  return `${name(0)} ${steps.join(', which ')}`
}

const NEEDS = 'needs'
const batchNode = (id: string) => `batch ${id}`
const startNode = (id: string) => `start ${id}`
const endNode = (id: string) => `end ${id}`
const nodeText = (node: string) =>
  node
    .replace(/^batch /, '')
    .replace(/^start (.*)$/, 'the start of $1')
    .replace(/^end (.*)$/, 'the end of $1')

function graph(plan: PlanInput): Map<string, Wait[]> {
  const phases = [...new Set((plan.phases?.list ?? []).map(({ id }) => id))]
  const isOrdered = plan.phases?.ordered ?? true
  const waits = new Map<string, Wait[]>()
  for (const [place, id] of phases.entries()) {
    const above = isOrdered ? phases[place - 1] : undefined
    waits.set(startNode(id), above === undefined ? [] : [{ on: endNode(above), words: 'waits for' }])
    waits.set(endNode(id), [{ on: startNode(id), words: 'comes after' }])
  }
  const batches = new Set(plan.batches.map(({ id }) => id))
  for (const { id, phase, needs = [] } of plan.batches) {
    if (!isReadable(id)) continue
    const own: Wait[] = []
    for (const need of needs) {
      const { name, kind } = needName(need)
      const isBatch = kind === undefined ? batches.has(name) : kind === 'batch'
      own.push({ on: isBatch ? batchNode(name) : endNode(name), words: NEEDS })
    }
    if (phase !== undefined) {
      own.push({ on: startNode(phase), words: 'waits for' })
      waits.get(endNode(phase))?.push({ on: batchNode(id), words: 'waits for' })
    }
    waits.set(batchNode(id), own)
  }
  return waits
}

interface Step {
  readonly node: string
  readonly words: string
}

interface Visit {
  readonly node: string
  next: number
}

/**
 * Cycles among everything `start` waits for, each node in at most one of them. Walks depth first without recursion (plans have
 * chains of thousands) and marks what it saw as done.
 */
function findCycles(waits: ReadonlyMap<string, Wait[]>, start: string, done: Set<string>): Step[][] {
  if (done.has(start)) return []
  const found: Step[][] = []
  const told = new Set<string>()
  const stack: Visit[] = [{ node: start, next: 0 }]
  const open = new Map([[start, 0]])
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const wait = waits.get(top.node)?.[top.next]
    top.next += 1
    if (!wait) {
      stack.pop()
      open.delete(top.node)
      done.add(top.node)
      continue
    }
    const from = open.get(wait.on)
    if (from === undefined) {
      if (done.has(wait.on)) continue
      open.set(wait.on, stack.length)
      stack.push({ node: wait.on, next: 0 })
    } else {
      const cycle = stack.slice(from).map((visit) => stepOf(waits, visit))
      if (!cycle.some(({ node }) => told.has(node))) found.push(cycle)
      for (const { node } of cycle) told.add(node)
    }
  }
  return found
}

function stepOf(waits: ReadonlyMap<string, Wait[]>, { node, next }: Visit): Step {
  return { node, words: waits.get(node)?.[next - 1]?.words ?? '' }
}
