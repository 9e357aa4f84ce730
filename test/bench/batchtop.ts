/** The real program in its own processes: a plan of so many items, run in the foreground with nobody watching. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/batchtop', import.meta.url))

export interface BenchPlan {
  /** Task module. */
  readonly task: URL
  readonly items: number
  readonly threads: number
  /** Left out: adaptive. */
  readonly batchSize?: number
  /** Time between two checkpoints. Left out: as long as plans have that do not say. */
  readonly checkpoint?: string
  readonly with?: number
}

/**
 * Items a second once it runs. A run of few items and one of many are timed, and the difference counts: starting a process a thread
 * is no part of the speed.
 */
export async function batchtopRate(plan: BenchPlan): Promise<number> {
  const few = Math.ceil(plan.items / 5)
  const fewMs = await runPlan({ ...plan, items: few })
  const manyMs = await runPlan({ ...plan, items: few + plan.items })
  return (plan.items / (manyMs - fewMs)) * 1000
}

/** How long a run took in ms, as its `run.finished` says. */
async function runPlan(plan: BenchPlan): Promise<number> {
  const folder = await mkdtemp(join(os.tmpdir(), 'batchtop-bench-'))
  try {
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    await writeFile(join(folder, 'bench.yaml'), JSON.stringify(planOf(plan)))
    await batchtop(folder, ['run', 'bench.yaml', '--foreground', '--plain', '-q'])
    const last = await batchtop(folder, ['events', '-R', 'last', '--json'])
    const event = JSON.parse(last) as { readonly type?: string; readonly ms?: number }
    if (event.type !== 'run.finished' || event.ms === undefined) throw new Error(`not the end of a run: ${last}`)
    return event.ms
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** JSON is YAML. */
function planOf({ task, items, threads, batchSize, checkpoint, with: given }: BenchPlan): unknown {
  return {
    threads,
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    batches: [
      {
        id: 'bench',
        items: { count: items },
        task: fileURLToPath(task),
        ...(given === undefined ? {} : { with: given }),
      },
    ],
  }
}

/** Runs a command and gives the last line it printed. Output goes to a file: nobody here spends time on reading it. */
async function batchtop(folder: string, command: readonly string[]): Promise<string> {
  const path = join(folder, 'out.txt')
  const out = await open(path, 'w')
  try {
    const { NODE_ENV: _, ...env } = process.env
    const child = spawn(process.execPath, [BIN, ...command], {
      cwd: folder,
      env: { ...env, BATCHTOP_STATE_DIR: join(folder, 'state') },
      stdio: ['ignore', out.fd, 'inherit'],
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) {
      const said = await Promise.all(
        [path, ...(await logsIn(join(folder, 'state')))].map((file) => readFile(file, 'utf8')),
      )
      throw new Error(`batchtop ${command.join(' ')} ended with ${code}: ${said.join('\n')}`)
    }
  } finally {
    await out.close()
  }
  return lastLine(path)
}

/** What supervisors left that went wrong: the folder is gone when somebody could look. */
async function logsIn(state: string): Promise<readonly string[]> {
  const names = await readdir(state, { recursive: true })
  return names.filter((name) => /\/(?:supervisor|crash)[^/]*$/.test(name)).map((name) => join(state, name))
}

async function lastLine(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, 16 * 1024))
    await file.read(tail, 0, tail.length, size - tail.length)
    return tail.toString().trimEnd().split('\n').at(-1) ?? ''
  } finally {
    await file.close()
  }
}
