import { globSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

/** The table of ARCHITECTURE.md: what a room may import besides itself and Node, and what only it may import. */
const ROOMS: Record<string, { readonly rooms: readonly string[]; readonly packages: readonly string[] }> = {
  model: { rooms: [], packages: [] },
  plan: { rooms: ['model'], packages: ['csv-parse', 'yaml', 'zod'] },
  run: { rooms: ['model'], packages: [] },
  schedule: { rooms: ['model', 'run'], packages: [] },
  forecast: { rooms: ['model', 'run', 'schedule'], packages: [] },
  govern: { rooms: ['model'], packages: [] },
  view: { rooms: ['model', 'run'], packages: [] },
  journal: { rooms: ['model', 'run'], packages: ['lowdb', 'node:sqlite'] },
  threads: { rooms: ['model'], packages: ['piscina'] },
  probe: { rooms: ['model'], packages: ['systeminformation'] },
  link: { rooms: ['model', 'run'], packages: ['node:net'] },
  supervisor: {
    rooms: ['model', 'plan', 'run', 'schedule', 'forecast', 'govern', 'journal', 'threads', 'probe', 'link'],
    packages: [],
  },
  output: { rooms: ['model', 'view'], packages: [] },
  tui: { rooms: ['model', 'view'], packages: ['ink', 'react', 'ink-table'] },
  cli: {
    rooms: [
      'model',
      'plan',
      'run',
      'schedule',
      'forecast',
      'govern',
      'journal',
      'threads',
      'probe',
      'link',
      'view',
      'output',
      'tui',
    ],
    packages: ['commander'],
  },
}

/** Pure rooms take time as an argument and touch nothing outside. */
const PURE = new Set(['model', 'run', 'schedule', 'forecast', 'govern', 'view'])

/** Node modules that belong to one room. */
const GUARDED = new Set(['node:sqlite', 'node:net'])

const files = globSync('**/*.{ts,tsx}', { cwd: source })

function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8')
  const { module, errors } = parseSync(file, text)
  expect(errors).toEqual([])
  const fixed = module.staticImports.map((entry) => entry.moduleRequest.value)
  const later = module.dynamicImports.map(({ moduleRequest }) =>
    text.slice(moduleRequest.start, moduleRequest.end).replaceAll(/^['"]|['"]$/g, ''),
  )
  const passedOn = module.staticExports.flatMap((entry) =>
    entry.entries.flatMap((one) => (one.moduleRequest ? [one.moduleRequest.value] : [])),
  )
  return [...fixed, ...later, ...passedOn]
}

const roomOf = (file: string) => file.split('/')[0] ?? ''
const targetOf = (file: string, name: string) => normalize(join(file, '..', name))

test('every file is in a room of the table', () => {
  expect(files.length).toBeGreaterThan(100)
  expect(files.filter((file) => !(roomOf(file) in ROOMS))).toEqual([])
})

test('rooms import only the rooms that the table allows', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => roomOf(targetOf(file, name)))
      .filter((room) => room !== roomOf(file) && !ROOMS[roomOf(file)]?.rooms.includes(room))
      .map((room) => `${file} imports ${room}`),
  )
  expect(wrong).toEqual([])
})

test('every third-party package and guarded module is imported by one room only', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((name) => /^[@a-z]/.test(name))
      .filter((name) => GUARDED.has(name) || !name.startsWith('node:'))
      // Literals only: what is computed at run time (task modules) has no name here.
      .filter((name) => /^[@\w./:-]+$/.test(name) && !isComputed(name))
      .filter((name) => !ROOMS[roomOf(file)]?.packages.includes(packageOf(name)))
      .map((name) => `${file} imports ${name}`),
  )
  expect(wrong).toEqual([])
})

/** `import(url)`: an identifier, not a package. */
function isComputed(name: string): boolean {
  return !/^@|[/:-]/.test(name) && !Object.values(ROOMS).some(({ packages }) => packages.includes(name))
}

function packageOf(name: string): string {
  if (name.startsWith('node:')) return name
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

test('pure rooms import nothing of Node', () => {
  const wrong = files.filter(
    (file) => PURE.has(roomOf(file)) && importsOf(file).some((name) => name.startsWith('node:')),
  )
  expect(wrong).toEqual([])
})

test('only the command line loads the screen, and only when it is needed', () => {
  const early = files.filter((file) => {
    const { module } = parseSync(file, readFileSync(join(source, file), 'utf8'))
    return (
      roomOf(file) !== 'tui' &&
      module.staticImports.some(
        (entry) => /(^|\/)tui\//.test(entry.moduleRequest.value) && entry.entries.some(({ isType }) => !isType),
      )
    )
  })
  expect(early).toEqual([])
})

test('no file imports itself through others', () => {
  const graph = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => targetOf(file, name)),
    ]),
  )
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' → ')]
    if (done.has(file)) return []
    const found = (graph.get(file) ?? []).flatMap((next) => visit(next, [...path, file]))
    done.add(file)
    return found
  }
  expect(files.flatMap((file) => visit(file, []))).toEqual([])
})

test('no file has more than 400 lines, and no room has a file that only passes others on', () => {
  const long = files.filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 400)
  expect(long).toEqual([])
  expect(files.filter((file) => /(^|\/)index\.tsx?$/.test(file))).toEqual([])
})
