/** Packages in a node_modules folder of a temporary folder, and figures about them from the ordinary tools. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'

export interface Fixture {
  readonly root: string
  /** The node_modules folder. */
  readonly modules: string
  /** Writes files, by path from node_modules. */
  readonly lay: (files: Readonly<Record<string, string | Uint8Array>>) => void
  /** What a line of shell prints in a package's folder, trimmed. */
  readonly shell: (name: string, line: string) => string
  readonly remove: () => void
}

export function createFixture(): Fixture {
  const root = mkdtempSync(join(os.tmpdir(), 'batchtop-audit-'))
  const modules = join(root, 'node_modules')
  mkdirSync(modules)
  return {
    root,
    modules,
    lay(files) {
      for (const [path, contents] of Object.entries(files)) {
        mkdirSync(dirname(join(modules, path)), { recursive: true })
        writeFileSync(join(modules, path), contents)
      }
    },
    shell: (name, line) => execFileSync('/bin/sh', ['-c', line], { cwd: join(modules, name), encoding: 'utf8' }).trim(),
    remove: () => rmSync(root, { recursive: true }),
  }
}
