/** One problem in a plan file, with its place. All of a plan's problems are reported at once. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  /** Short name of the rule, such as `unknown-key`. */
  readonly rule: string
  readonly message: string
  readonly hint?: string
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in characters. */
  readonly column: number
  /** How many characters of the line the problem covers, at least 1. */
  readonly length: number
  /** The line as it stands in the file. */
  readonly text: string
}
