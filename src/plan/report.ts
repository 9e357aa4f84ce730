import type { Diagnostic } from '../model/diagnostic.ts'
import type { Path } from './fields.ts'
import { keyRange, type PlanSource, placeOf, type TextRange, valueRange } from './source.ts'

/** Where in the plan file: the value at a path, the key at a path, or offsets in the text. */
export type Place = { readonly value: Path } | { readonly key: Path } | TextRange

interface Problem {
  /** Short name of the rule, such as `unknown-key`. */
  readonly rule: string
  readonly at: Place
  readonly message: string
  readonly hint?: string | undefined
}

/** Gathers the problems of one plan file, so that all are told at once. */
export class Report {
  readonly source: PlanSource
  readonly #diagnostics: Diagnostic[] = []
  readonly #told = new Set<string>()

  constructor(source: PlanSource) {
    this.source = source
  }

  error(problem: Problem): void {
    this.#add('error', problem)
  }

  warning(problem: Problem): void {
    this.#add('warning', problem)
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some(({ severity }) => severity === 'error')
  }

  /** In the order of the file. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column)
  }

  #add(severity: Diagnostic['severity'], { rule, at, message, hint }: Problem): void {
    const place = placeOf(this.source, this.#range(at))
    // What is merged into several batches (`<<: *base`) is wrong once.
    const key = `${place.line}:${place.column} ${message}`
    if (this.#told.has(key)) return
    this.#told.add(key)
    this.#diagnostics.push({ severity, rule, message, ...(hint === undefined ? {} : { hint }), ...place })
  }

  #range(at: Place): TextRange {
    if ('value' in at) return valueRange(this.source, at.value)
    return 'key' in at ? keyRange(this.source, at.key) : at
  }
}
