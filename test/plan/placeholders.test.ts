import { expect, test } from 'vitest'
import { fill } from '../../src/model/template.ts'
import { parseTemplate, unknownWords } from '../../src/plan/placeholders.ts'

const values = {
  item: 'docs/a b/x.tar.gz',
  number: 17,
  thread: 3,
  batch: '1.1',
  fields: { seed: '42', 'first name': 'Ada', '': 'nobody' },
}
const filled = (text: string, columns: readonly string[] | undefined = []) => fill(parseTemplate(text, columns), values)

test.each([
  ['{}', 'docs/a b/x.tar.gz'],
  ['{.}', 'docs/a b/x.tar'],
  ['{/}', 'x.tar.gz'],
  ['{//}', 'docs/a b'],
  ['{/.}', 'x.tar'],
  ['{#}', '17'],
  ['{%}', '3'],
  ['{batch}', '1.1'],
  ['out/{//}/{/.}-{#}.png', 'out/docs/a b/x.tar-17.png'],
  ['{}{}', 'docs/a b/x.tar.gzdocs/a b/x.tar.gz'],
])('%s is filled in', (text, expected) => {
  expect(filled(text)).toBe(expected)
})

test.each([
  ['{{}}', '{}'],
  ['{{}}{#}', '{}17'],
  ['{{.}}', '{{.}}'],
  ['{{range .X}}{#}{{end}}', '{{range .X}}17{{end}}'],
  ['{{ {#}', '{{ 17'],
  ['${}', '${}'],
  ['${x:-{}} {#}', '${x:-{}} 17'],
  ['${x:-${y:-{#}}}', '${x:-${y:-{#}}}'],
  ['${x {#}', '${x 17'],
  ['$x{#}', '$x17'],
  ['{ }', '{ }'],
  ['{print $1}', '{print $1}'],
  ['{a,b}{1..3}', '{a,b}{1..3}'],
  ['{"a":{#}}', '{"a":17}'],
  ['{seed}', '{seed}'],
  ['{', '{'],
  ['{}}', 'docs/a b/x.tar.gz}'],
  ['', ''],
])('%s is %s', (text, expected) => {
  expect(filled(text)).toBe(expected)
})

test('columns are placeholders where the items have them, whatever they are called', () => {
  expect(filled('{seed} {first name} {seeds} {Seed}', ['seed', 'first name'])).toBe('42 Ada {seeds} {Seed}')
  expect(filled('{{seed}} ${seed}', ['seed'])).toBe('{{seed}} ${seed}')
  expect(filled('{} {#}', ['', '#'])).toBe('docs/a b/x.tar.gz 17')
})

test('while columns are not known, every word in braces is one', () => {
  expect(parseTemplate('{seed}-{x.y} {two words} {a,b} {1}', undefined)).toEqual([
    { slot: 'column', name: 'seed' },
    '-',
    { slot: 'column', name: 'x.y' },
    ' {two words} {a,b} {1}',
  ])
})

test('words in braces that are no columns are found where they stand', () => {
  expect(unknownWords('{sed} {seed} {} {batch} ${x} {{y}} {a b}', ['seed'])).toEqual([{ word: 'sed', at: 0 }])
})
