import { stripTypeScriptTypes } from 'node:module'
import process from 'node:process'

/** Why Node cannot strip the types of a TypeScript module; undefined where it can. */
export function stripProblem(code: string): string | undefined {
  // Node says once a process that this function is experimental; people checking a plan have no use for that.
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => {}
  try {
    stripTypeScriptTypes(code)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    process.emitWarning = emitWarning
  }
}
