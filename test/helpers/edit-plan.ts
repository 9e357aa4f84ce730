/** Compiled plans whose batches list their items, for tests that change a plan. */
import type { Json } from '../../src/model/json.ts'
import type { Batch, ItemNames, Need, Plan, ProductColumn, SpecialItem, Table } from '../../src/model/plan.ts'
import { valueCount } from '../../src/model/plan.ts'
import { buildPlan } from './build-plan.ts'

export interface ListedBatch {
  readonly id: string
  /** Names, a table whose first column has them, a product, or a pattern with how many. */
  readonly items:
    | readonly string[]
    | Table
    | { readonly product: readonly ProductColumn[] }
    | (Omit<Extract<ItemNames, { kind: 'pattern' }>, 'kind'> & { readonly count: number })
  readonly task?: string
  readonly with?: Json
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** By name. */
  readonly special?: Readonly<Record<string, SpecialItem>>
  /** Ids of batches that must have succeeded. */
  readonly needs?: readonly string[]
}

export function listedPlan(specs: readonly ListedBatch[]): Plan {
  const counts = specs.map(({ id, items }) => ({ id, count: namesOf(items).count }))
  const plan = buildPlan({ batches: counts })
  return { ...plan, batches: plan.batches.map((batch, place) => listed(batch, specs[place] as ListedBatch, specs)) }
}

function namesOf(items: ListedBatch['items']): { readonly names: ItemNames; readonly count: number } {
  if ('rows' in items) {
    const names = items.rows.map(([name = '']) => name)
    return { names: { kind: 'list', names, table: items }, count: names.length }
  }
  if ('product' in items) {
    const count = items.product.reduce((all, { values }) => all * valueCount(values), 1)
    return { names: { kind: 'product', columns: items.product }, count }
  }
  if ('count' in items) return { names: { kind: 'pattern', ...items }, count: items.count }
  return { names: { kind: 'list', names: items }, count: items.length }
}

function listed(batch: Batch, spec: ListedBatch, all: readonly ListedBatch[]): Batch {
  const { items, task = '/tasks/one.ts', cwd = '/plans', env = {}, special = {} } = spec
  const places = Object.entries(special).map(
    ([name, own]) => [(items as readonly string[]).indexOf(name), own] as const,
  )
  const needs = (spec.needs ?? []).map((id): Need => {
    return { kind: 'batch', index: all.findIndex((one) => one.id === id), when: 'succeeded' }
  })
  return {
    ...batch,
    names: namesOf(items).names,
    special: Object.fromEntries(places.filter(([place]) => place >= 0)),
    work: { kind: 'module', task, with: spec.with ?? null, cwd, env },
    needs,
  }
}
