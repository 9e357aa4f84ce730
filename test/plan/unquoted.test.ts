import { expect, test } from 'vitest'
import { diagnosticsOf } from './rig.ts'

/** A plan of one batch with this line. */
const plan = (line: string) => `batches:\n  - id: a\n    items: [x]\n    ${line}\n`

test.each(['run: {} --version', 'run: {.}.sh', 'run: echo hi: {}', 'outputs: [never/{}.x]', 'undo: {} x'])(
  'what YAML reads for itself comes with a hint to quote it: %s',
  async (line) => {
    const [first] = await diagnosticsOf(plan(line))
    expect(first).toMatchObject({ rule: 'yaml', hint: expect.stringContaining('into quotes') as unknown })
  },
)

test.each(['run: {}', 'run: [echo, hi]'])(
  'a command that is a map or a list to YAML is asked for in quotes: %s',
  async (line) => {
    const [first] = await diagnosticsOf(plan(line))
    expect(first?.message).toContain('in quotes where it begins with')
  },
)

test('other mistakes of YAML have no such hint', async () => {
  const [first] = await diagnosticsOf(plan('title: "never closed'))
  expect(first?.hint).toBeUndefined()
})
