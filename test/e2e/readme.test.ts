import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Reason } from '../../src/model/reason.ts'
import { batchShape, breakerShape, itemShape, planShape, retryShape, sourceShapes } from '../../src/plan/schema.ts'
import { Box } from '../helpers/program.ts'

const root = new URL('../../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')

/** The fenced block of a language that has this in it. */
function block(language: string, text: string): string {
  const blocks = [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))]
  return blocks.find(([, inside = '']) => inside.includes(text))?.[1] ?? ''
}

test('the plan and the task of the README run as they are written there', async () => {
  const box = await Box.open()
  try {
    await box.write('hello.ts', block('ts', 'export default'))
    const plan = await box.write('hello.yaml', block('yaml', 'hello.ts'))
    expect(await box.run('plan', 'check', plan)).toMatchObject({ code: 0 })
    const { code, out } = await box.run('run', plan, '--json')
    expect(code).toBe(0)
    expect(out).toContain('"item":"round-07"')
    expect((await box.run('log', 'round-07')).out).toBe('round-07 is done\n')
  } finally {
    await box.close()
  }
})

test('the plan of commands of the README does what is said of it', async () => {
  const box = await Box.open()
  try {
    mkdirSync(join(box.folder, 'logs/old ones'), { recursive: true })
    const names = ['today.log', "old ones/it's $(date).log"]
    for (const name of names) await box.write(`logs/${name}`, `${name} has been written\n`.repeat(20))
    const plan = await box.write('pack.yaml', block('yaml', 'run:'))
    expect(await box.run('plan', 'check', plan)).toMatchObject({ code: 0 })
    expect(await box.run('run', plan, '--json')).toMatchObject({ code: 0 })
    for (const name of names) {
      const packed = await readFile(join(box.folder, `packed/logs/${name}.gz`))
      expect(gunzipSync(packed).toString()).toBe(await readFile(join(box.folder, 'logs', name), 'utf8'))
    }
  } finally {
    await box.close()
  }
})

test('what the documents link to is there', () => {
  const documents = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'docs/command-line.md',
    'docs/commands.md',
    'docs/plan-file.md',
    'docs/task-module.md',
    'docs/memory.md',
  ]
  const dead = documents.flatMap((document) => {
    const links = readFileSync(new URL(document, root), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)
    return [...links].flatMap(([, link = '']) =>
      existsSync(fileURLToPath(new URL(link, new URL(document, root)))) ? [] : [`${document}: ${link}`],
    )
  })
  expect(dead).toEqual([])
})

test('the page of the command line names every kind of reason', () => {
  const kinds: Record<Reason['kind'], true> = {
    threw: true,
    exit: true,
    signal: true,
    output: true,
    timeout: true,
    lost: true,
    memory: true,
    setup: true,
    user: true,
  }
  const page = readFileSync(new URL('docs/command-line.md', root), 'utf8')
  const [said = ''] = /Kinds of reasons: [^]*?\n\n/.exec(page) ?? []
  expect(Object.keys(kinds).filter((kind) => !said.includes(`\`${kind}\``))).toEqual([])
})

test('the page of the plan file has every field of a plan', () => {
  const page = readFileSync(new URL('docs/plan-file.md', root), 'utf8')
  const fields = [planShape, batchShape, itemShape, retryShape, breakerShape, sourceShapes].flatMap((shape) =>
    Object.keys(shape),
  )
  expect(fields.filter((field) => !new RegExp(`\`${field}\`|\\b${field}:`).test(page))).toEqual([])
})
