/** A disk that refuses what a command needs to write is no bug: it is said in one sentence. */
import { BatchtopError } from '../model/errors.ts'

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full',
  EDQUOT: 'The disk quota is used up',
  EROFS: 'The file system is read-only',
  EACCES: 'Access is not allowed',
  ENOTDIR: 'A file stands where a folder is needed',
  EEXIST: 'A file stands where a folder is needed',
}

/** @returns undefined where the error is of another kind */
export function diskProblem(error: unknown): BatchtopError | undefined {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return undefined
  const words = WORDS[String(error.code)]
  if (words === undefined) return undefined
  const where = 'path' in error ? `: ${String(error.path)}` : ''
  return new BatchtopError('disk', `${words} (${String(error.code)})${where}.`, {
    hint: 'Nothing was started. --state-dir puts the state elsewhere.',
    cause: error,
  })
}
