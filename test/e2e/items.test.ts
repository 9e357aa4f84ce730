/** Items by their exact names and columns, through the whole program. */
import { mkdir, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Box } from '../helpers/program.ts'

let box: Box

beforeEach(async () => {
  box = await Box.open()
})
afterEach(() => box.close())

interface ItemLine {
  readonly batch: string
  readonly item: string
  readonly itemBase64?: string
  readonly number: number
  readonly attempts: number
  readonly value?: unknown
}

const itemsOf = (run: string) => box.lines<ItemLine>('items', '-R', run)

const bytesOf = ({ item, itemBase64 }: ItemLine) =>
  itemBase64 === undefined ? Buffer.from(item) : Buffer.from(itemBase64, 'base64')

test('files of any name get to tasks and commands byte for byte, and back to people by number', async () => {
  const names = ['caf\xe9.txt', 'd\xff/in.txt', 'two\nlines.txt', '-dash $(x) \'".txt'].map((name) =>
    Buffer.from(name, 'latin1'),
  )
  for (const name of names) {
    const path = Buffer.concat([Buffer.from(`${box.folder}/files/`), name])
    await mkdir(path.subarray(0, path.lastIndexOf(0x2f)), { recursive: true })
    await writeFile(path, name)
  }
  await box.write('id.ts', 'export default (item: { id: string }) => item.id\n')
  const plan = await box.write(
    'plan.yaml',
    `
name: names
threads: 2
batches:
  - { id: module, items: { glob: "**", }, cwd: files, task: ./id.ts }
  - { id: command, items: { glob: "**" }, cwd: files, run: "cat ./{} | od -An -tx1; printf %s {} | od -An -tx1" }
`,
  )
  expect(await box.run('run', plan, '--plain')).toMatchObject({ code: 0 })
  const items = await itemsOf('names')
  const sorted = names.toSorted((one, other) => Buffer.compare(one, other))
  expect(items.map(bytesOf)).toEqual([...sorted, ...sorted])
  for (const { number } of items.slice(names.length)) {
    // What stands in the file, and what the command was given, is the name.
    const { out } = await box.run('log', `@${number}`, '-R', 'names')
    const hex = out.replaceAll(/\s/g, '')
    const name = (sorted[number - 1 - names.length] as Buffer).toString('hex')
    expect(hex).toBe(name + name)
  }
  const typed = await box.run('log', 'caf\ufffd.txt', '-R', 'names')
  expect(typed).toMatchObject({ code: 4, err: expect.stringMatching(/cannot be typed: say @\d or @\d\.\n$/) })
  const shown = (await box.run('items', '-R', 'names')).out.trimEnd().split('\n')
  expect(shown).toHaveLength(items.length)
})

test('a recovered run does the rows again that say something else now, and no others', async () => {
  const plan = await box.write(
    'plan.yaml',
    `
name: rows
threads: 1
batches:
  - { id: rows, items: { csv: data.csv, id: name }, run: 'echo {n} > "$BATCHTOP_VALUE"; [ {n} != 0 ] || sleep 600' }
`,
  )
  await box.write('data.csv', 'n,name\n1,same\n2,other\n0,long\n7,later\n')
  const first = box.start(['run', plan, '--plain'])
  await expect
    .poll(async () => (await box.run('status', '-R', 'rows', '--json')).out, { timeout: 30_000 })
    .toContain('"item":"long"')
  await box.run('stop', '-R', 'rows', '--now')
  expect(await first.ended).toMatchObject({ code: 3 })
  await box.write('data.csv', 'n,name\n5,long\n20,other\n7,later\n1,same\n3,new\n')
  const refused = await box.run('run', plan, '--plain', '--recover')
  expect(refused).toMatchObject({
    code: 2,
    err: expect.stringContaining('1 item that has ended would run something else'),
  })
  expect(await box.run('run', plan, '--plain', '--recover', '--changed', 'rerun')).toMatchObject({ code: 0 })
  expect((await itemsOf('rows')).map(({ item, value, attempts }) => [item, value, attempts])).toEqual([
    ['long', 5, 2],
    ['other', 20, 2],
    ['later', 7, 1],
    ['same', 1, 1],
    ['new', 3, 1],
  ])
})

test('the columns of a product are data of tasks and words of commands', async () => {
  await box.write('data.ts', 'export default (item: { data: unknown }) => item.data\n')
  const plan = await box.write(
    'plan.yaml',
    `
name: sweep
threads: 2
batches:
  - { id: task, items: { product: &sweep { beta: [0.10, "x y"], seed: 09..10 } }, task: ./data.ts }
  - { id: run, items: { product: *sweep }, run: 'printf \\'{"b":"%s","s":"%s"}\\' {beta} {seed} > "$BATCHTOP_VALUE"' }
`.replaceAll("\\'", "''"),
  )
  expect(await box.run('run', plan, '--plain')).toMatchObject({ code: 0 })
  const values = (await itemsOf('sweep')).map(({ batch, item, value }) => [batch, item, value])
  const combined = ['0.10', 'x y'].flatMap((beta) => ['09', '10'].map((seed) => ({ beta, seed })))
  expect(values).toEqual([
    ...combined.map(({ beta, seed }) => ['task', `beta=${beta},seed=${seed}`, { beta, seed }]),
    ...combined.map(({ beta, seed }) => ['run', `beta=${beta},seed=${seed}`, { b: beta, s: seed }]),
  ])
})
