import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { formatDiagnostics } from '../../src/plan/format-diagnostic.ts'

const problem: Diagnostic = {
  severity: 'error',
  rule: 'unknown-key',
  message: '`treads` is not known here.',
  hint: 'Did you mean `threads`?',
  file: 'plans/x.yaml',
  line: 12,
  column: 3,
  length: 6,
  text: '  treads: 6',
}

test('a problem shows its place, rule, message, line and hint', () => {
  expect(formatDiagnostics([problem], { color: false })).toBe(`plans/x.yaml:12:3  error unknown-key
  \`treads\` is not known here.

  12 │   treads: 6
     │   ^^^^^^
  hint: Did you mean \`threads\`?

1 error.`)
})

test('several are counted at the end', () => {
  const warning: Diagnostic = { ...problem, severity: 'warning' }
  expect(formatDiagnostics([problem, problem, warning], { color: false })).toMatch(/\n\n2 errors, 1 warning\.$/)
  expect(formatDiagnostics([], { color: false })).toBe('')
})

test('colour changes nothing but colour', () => {
  const colored = formatDiagnostics([problem], { color: true })
  expect(colored).toContain('\u001b[31m')
  expect(stripVTControlCharacters(colored)).toBe(formatDiagnostics([problem], { color: false }))
})

const rows = (change: Partial<Diagnostic>) => {
  const [, , , line = '', underline = ''] = formatDiagnostics([{ ...problem, ...change }], { color: false }).split('\n')
  return [line, underline]
}

test('a long line is cut around the place', () => {
  const text = `${'a'.repeat(200)}treads${'b'.repeat(200)}`
  const [line = '', underline = ''] = rows({ text, column: 201 })
  expect(line.length).toBeLessThan(115)
  expect(line.slice(underline.indexOf('^'), underline.lastIndexOf('^') + 1)).toBe('treads')
})

test('wide characters take two columns of the underline', () => {
  const [, underline] = rows({ text: '日本: 仕事', column: 5, length: 2 })
  expect(underline).toBe(`     │ ${' '.repeat(6)}^^^^`)
})

test('control characters of a file never reach the terminal', () => {
  const text = formatDiagnostics([{ ...problem, text: '\tx: \u001b[2J', message: 'a\u001b]0;b', column: 5 }], {
    color: false,
  })
  expect(text).not.toContain('\u001b')
  expect(text).not.toContain('\t')
})
