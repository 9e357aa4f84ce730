/**
 * Whether a file is what its name says: JavaScript, TypeScript or JSON that parses. It would rather miss a broken
 * file than call a good one broken.
 */
import { stripTypeScriptTypes } from 'node:module'
import vm from 'node:vm'
import type { Kind } from './package-files.ts'

/** What is wrong with the text of a file, in a few words; undefined where nothing is. A byte order mark is fine. */
export function findProblem(name: string, kind: Kind, text: string): string | undefined {
  const source = text.replace(/^\uFEFF/, '')
  if (kind === 'javascript') return problemOf(() => parseJavaScript(source))
  // What only declares is not for Node's parser: `const a: string` without a value is right there.
  if (kind === 'typescript' && !/\.d(?:\.[^/]+)?\.[cm]?ts$/i.test(name)) return problemOf(() => parseTypeScript(source))
  if (kind === 'json') return problemOf(() => parseJson(name, source))
  return undefined
}

function problemOf(parse: () => void): string | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) return firstLine(error)
    throw error
  }
}

function firstLine(error: Error): string {
  return error.message.split('\n', 1)[0] ?? error.name
}

/**
 * A script (or CommonJS module: a function's body) is parsed by V8 itself. It does not parse modules without a flag,
 * so those go to the parser that Node strips types with; it lets types pass, which a .js file should not have.
 */
function parseJavaScript(source: string): void {
  try {
    vm.compileFunction(source.replace(/^#!/, '//'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    try {
      parseTypeScript(source)
    } catch (moduleError) {
      // The second parser knows modules, so its words fit them; for a script V8's do.
      throw /^\s*(?:import|export)\b/m.test(source) ? moduleError : error
    }
  }
}

function parseTypeScript(source: string): void {
  try {
    stripQuietly(source)
  } catch (error) {
    // Enums and such parse; they just cannot be left out.
    if (codeOf(error) === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return
    if (codeOf(error) === 'ERR_INVALID_TYPESCRIPT_SYNTAX')
      throw new SyntaxError((error as Error).message, { cause: error })
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

let hasStripped = false

/** Node warns at the first use that the function is experimental: no news for who reads an item's output. */
function stripQuietly(source: string): void {
  if (hasStripped) {
    stripTypeScriptTypes(source)
    return
  }
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    hasStripped = true
    stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}

/** package.json must be strict JSON; in tsconfig and its like, comments and a comma before a bracket are common. */
function parseJson(name: string, source: string): void {
  try {
    JSON.parse(source)
  } catch (error) {
    if (/(?:^|\/)package\.json$/.test(name)) throw error
    try {
      JSON.parse(withoutComments(source))
    } catch {
      // The position in the original is the one that helps.
      throw error
    }
  }
}

function withoutComments(source: string): string {
  const strings = '"(?:[^"\\\\\\n]|\\\\.)*"'
  const withoutThem = source.replaceAll(new RegExp(`(${strings})|//[^\\n]*|/\\*[^]*?\\*/`, 'g'), '$1')
  return withoutThem.replaceAll(new RegExp(`(${strings})|,(?=\\s*[}\\]])`, 'g'), '$1')
}
