/** What a run says of itself when it is over. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { BIN } from '../../helpers/program.ts'

export interface Story {
  /** Undefined: it did not come to its end. */
  readonly ms: number | undefined
  readonly succeeded: number
  /** Items that failed, with the kind of their last reason. */
  readonly failed: ReadonlyMap<string, string>
  /** How often the governor did what. */
  readonly acts: ReadonlyMap<string, number>
}

interface Line {
  readonly type: string
  readonly ms?: number
  readonly succeeded?: number
  readonly item?: string
  readonly reason?: { readonly kind: string }
  readonly stage?: string
}

/** The last run in a folder. */
export function runStory(folder: string): Story {
  const lines = events(folder)
  const finished = lines.find(({ type }) => type === 'run.finished')
  const acts = new Map<string, number>()
  for (const { type, stage = '' } of lines) if (type === 'governor.acted') acts.set(stage, (acts.get(stage) ?? 0) + 1)
  return {
    ms: finished?.ms,
    succeeded: finished?.succeeded ?? 0,
    failed: new Map(
      lines.flatMap(({ type, item = '', reason }) =>
        type === 'item.failed' ? [[item, reason?.kind ?? ''] as const] : [],
      ),
    ),
    acts,
  }
}

function events(folder: string): readonly Line[] {
  const text = execFileSync(process.execPath, [BIN, 'events', '-R', 'last', '--json'], {
    cwd: folder,
    env: { ...process.env, BATCHTOP_STATE_DIR: join(folder, 'state') },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
}

/** Such as `aborts: memory, hold 3, reclaim 12`. */
export function tell({ failed, acts }: Story): string {
  return [
    ...[...failed].map(([item, kind]) => `${item}: ${kind}`),
    ...[...acts].map(([stage, times]) => `${stage} ${times}`),
  ].join(', ')
}
