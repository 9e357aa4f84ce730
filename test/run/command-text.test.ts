import { expect, test } from 'vitest'
import { itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Batch, Plan } from '../../src/model/plan.ts'
import type { Command } from '../../src/model/template.ts'
import { commandText } from '../../src/run/command-text.ts'
import { buildPlan } from '../helpers/build-plan.ts'

const item = { slot: 'item' } as const
const thread = { slot: 'thread' } as const
const words: Command = { kind: 'words', text: 'convert -q {%} {}', words: [['convert'], ['-q'], [thread], [item]] }
const script: Command = {
  kind: 'script',
  text: 'wc < {} > {n}.txt',
  shell: ['/bin/sh', '-e'],
  script: ['wc < ', item, ' > ', { slot: 'column', name: 'n' }, '.txt\n'],
}

function planOf(run: Command, special: Batch['special'] = {}): Plan {
  const plan = buildPlan({ batches: [{ id: 'a', count: 2, run: '' }] })
  const names: Batch['names'] = {
    kind: 'list',
    names: ["it's $(date)", 'plain.png'],
    table: { columns: ['n'], rows: [['1'], ['2']] },
  }
  const [batch] = plan.batches as readonly [Batch]
  const work = { kind: 'command', run, cwd: '/plans', env: {} } as const
  return { ...plan, batches: [{ ...batch, names, special, work }] }
}

test('words are shown as one would type them', () => {
  const plan = planOf(words)
  expect(commandText(plan, itemIndex(0), threadNumber(3))).toBe(`convert -q 3 'it'\\''s $(date)'`)
  expect(commandText(plan, itemIndex(1), threadNumber(3))).toBe('convert -q 3 plain.png')
})

test('a script has its placeholders filled in and quoted', () => {
  expect(commandText(planOf(script), itemIndex(1))).toBe(`wc < 'plain.png' > '2'.txt`)
})

test('a thread that nobody knows stays a placeholder', () => {
  expect(commandText(planOf(words), itemIndex(1))).toBe('convert -q {%} plain.png')
})

test("an item's own command counts instead of its batch's", () => {
  const plan = planOf(words, { 1: { run: script } })
  expect(commandText(plan, itemIndex(1))).toBe(`wc < 'plain.png' > '2'.txt`)
})

test('items of task modules run no command', () => {
  expect(commandText(buildPlan({ batches: [{ id: 'a', count: 1 }] }), itemIndex(0))).toBeUndefined()
})
