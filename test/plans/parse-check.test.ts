import { describe, expect, test } from 'vitest'
import type { Kind } from '../../plans/tasks/lib/package-files.ts'
import { findProblem } from '../../plans/tasks/lib/parse-check.ts'

const good: readonly (readonly [what: string, name: string, kind: Kind, text: string])[] = [
  ['a script', 'a.js', 'javascript', 'var a = 010; with (a) b()'],
  ['CommonJS that returns', 'a.cjs', 'javascript', 'if (a) return\nmodule.exports = require("b")'],
  ['a module', 'a.js', 'javascript', 'import a from "a" with { type: "json" }\nexport default a?.b ?? await c'],
  ['a module with a comparison that looks like a type', 'a.mjs', 'javascript', 'export const a = b < c > (d)'],
  [
    'a module with class fields',
    'a.js',
    'javascript',
    'export class A { #a = 1; static { } has(o) { return #a in o } }',
  ],
  ['top-level await without imports', 'a.mjs', 'javascript', 'await fetch("a")'],
  ['import.meta', 'a.js', 'javascript', 'const url = import.meta.url'],
  ['a byte order mark', 'a.js', 'javascript', '\uFEFFexport {}'],
  ['a program with a first line for the shell', 'cli.js', 'javascript', '#!/usr/bin/env node\nimport "a"'],
  ['an old comment of HTML', 'a.js', 'javascript', '<!-- hidden\nvar a'],
  ['an empty file', 'a.js', 'javascript', ''],
  ['TypeScript with types', 'a.ts', 'typescript', 'export const a: string = b as string'],
  ['TypeScript that cannot be stripped', 'a.ts', 'typescript', 'export enum A { B }'],
  ['declarations', 'a.d.ts', 'typescript', 'export const a: string\nexport const b: number'],
  ['declarations of another kind of file', 'a.d.css.ts', 'typescript', 'const a: string\nexport default a'],
  ['strict JSON', 'package.json', 'json', '{ "a": [1, 2, "// no comment"] }'],
  ['JSON with a byte order mark', 'package.json', 'json', '\uFEFF{}'],
  ['JSON with comments', 'tsconfig.json', 'json', '{ // why\n "a": "b // c", /* d */ "e": [1, 2,], }'],
  ['what nobody parses', 'a.md', 'text', '{{{'],
]

const bad: readonly (readonly [what: string, name: string, kind: Kind, text: string])[] = [
  ['a script', 'a.js', 'javascript', 'function ('],
  ['a module', 'a.js', 'javascript', 'import a from "a"\nexport const = 1'],
  ['an unclosed text in a module', 'a.mjs', 'javascript', 'export default "abc'],
  ['JSX', 'a.js', 'javascript', 'export const a = <div/>'],
  ['TypeScript', 'a.ts', 'typescript', 'export const a: = 1'],
  ['JSON that is cut off', 'a.json', 'json', '{ "a": 1'],
  ['an empty JSON file', 'a.json', 'json', ''],
  ['a manifest with comments', 'package.json', 'json', '{ // no\n}'],
  ['a manifest in a folder with a comma too many', 'esm/package.json', 'json', '{ "type": "module", }'],
]

describe('parse check', () => {
  test.each(good)('%s is fine', (_, name, kind, text) => {
    expect(findProblem(name, kind, text)).toBeUndefined()
  })

  test.each(bad)('%s is found broken', (_, name, kind, text) => {
    expect(findProblem(name, kind, text)).toMatch(/^.+$/)
  })

  test('Node’s warning about its type stripper does not reach the output', async () => {
    const warnings: unknown[] = []
    const keep = (warning: unknown) => warnings.push(warning)
    process.on('warning', keep)
    findProblem('a.ts', 'typescript', 'const a: string = "b"')
    await new Promise(setImmediate)
    process.off('warning', keep)
    expect(warnings).toEqual([])
  })
})
