import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { columnsOf } from '../columns.ts'
import { parseCommand } from '../command.ts'
import { commandsOf } from '../commands.ts'
import type { Path } from '../fields.ts'
import type { BatchInput } from '../schema.ts'
import { insideRange } from '../source.ts'
import { type CheckContext, isReadable } from './context.ts'

/** Programs of commands are there: they may still come before the batch starts, so it is only a warning. */
export async function checkPrograms({ plan, report }: CheckContext): Promise<void> {
  const known = new Map<string, Promise<boolean>>()
  const check = async ({ name, path, search }: Program) => {
    const key = `${name}\n${search}`
    const looked = known.get(key) ?? isThere(name, search)
    known.set(key, looked)
    if (await looked) return
    report.warning({
      rule: 'no-such-program',
      at: insideRange(report.source, path, { start: 0, end: name.length }),
      message: `There is no program \`${name}\` in PATH.`,
      hint: 'Install it before the run, or write its path; the batch can set PATH in `env`.',
    })
  }
  await Promise.all(plan.batches.flatMap(programsOf).map(check))
}

interface Program {
  readonly name: string
  readonly path: Path
  /** Folders to look in, as in PATH. */
  readonly search: string
}

function programsOf(batch: BatchInput, place: number): readonly Program[] {
  const { shell, env = {} } = batch
  const search = env['PATH'] ?? process.env['PATH'] ?? ''
  const commands = commandsOf(batch, place).filter(({ text }) => isReadable(text))
  const programs = commands.flatMap(({ path, text }) => {
    const parsed = parseCommand(text, { columns: columnsOf(batch.items), shell })
    const [first] = parsed.ok && parsed.command.kind === 'words' ? (parsed.command.words[0] ?? []) : []
    return typeof first === 'string' ? [{ name: first, path, search }] : []
  })
  const shells =
    shell && commands.length > 0 ? [{ name: shell[0] ?? '', path: ['batches', place, 'shell'], search }] : []
  return [...programs, ...shells].filter(({ name }) => !name.includes('/'))
}

async function isThere(name: string, search: string): Promise<boolean> {
  for (const folder of search.split(delimiter)) {
    // oxlint-disable-next-line no-await-in-loop -- the first folder that has it is enough
    if (await isProgram(join(folder, name))) return true
  }
  return false
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
