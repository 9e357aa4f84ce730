/** What a run says of itself when it is over. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BIN } from '../../helpers/program.ts'

export interface Story {
  /** Undefined: it did not come to its end. */
  readonly ms: number | undefined
  readonly succeeded: number
  /** Attempts that items needed besides the one that succeeded. */
  readonly thrownAway: number
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
  readonly attempt?: number
  readonly reason?: { readonly kind: string }
  readonly stage?: string
}

/** Of the last run of a folder. */
export function runStory(folder: string): Story {
  const text = execFileSync(process.execPath, [BIN, 'events', '-R', 'last', '--json'], {
    cwd: folder,
    env: { ...process.env, BATCHTOP_STATE_DIR: join(folder, 'state') },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return storyOf(text)
}

/** @param path of a file of JSON lines */
export function readStory(path: string): Story {
  return storyOf(readFileSync(path, 'utf8'))
}

function storyOf(text: string): Story {
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
  const of = (type: string) => lines.filter((line) => line.type === type)
  const [finished] = of('run.finished')
  const acts = new Map<string, number>()
  for (const { stage = '' } of of('governor.acted')) acts.set(stage, (acts.get(stage) ?? 0) + 1)
  return {
    ms: finished?.ms,
    succeeded: finished?.succeeded ?? 0,
    thrownAway: of('item.succeeded').reduce((sum, { attempt = 1 }) => sum + attempt - 1, 0),
    failed: new Map(of('item.failed').map(({ item = '', reason }) => [item, reason?.kind ?? ''])),
    acts,
  }
}

/** Such as `aborts: memory, hold 3, reclaim 12`. */
export function tell({ failed, acts }: Story): string {
  return [
    ...[...failed].map(([item, kind]) => `${item}: ${kind}`),
    ...[...acts].map(([stage, times]) => `${stage} ${times}`),
  ].join(', ')
}
