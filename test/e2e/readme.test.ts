import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Box } from '../helpers/program.ts'

const root = new URL('../../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')

/** The first fenced block of a language. */
function block(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1] ?? ''
}

test('the plan and the task of the README run as they are written there', async () => {
  const box = await Box.open()
  try {
    await box.write('hello.ts', block('ts'))
    const plan = await box.write('hello.yaml', block('yaml'))
    expect(await box.run('plan', 'check', plan)).toMatchObject({ code: 0 })
    const { code, out } = await box.run('run', plan, '--json')
    expect(code).toBe(0)
    expect(out).toContain('"item":"round-07"')
    expect((await box.run('log', 'round-07')).out).toBe('round-07 is done\n')
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
