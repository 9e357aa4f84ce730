/**
 * batchtop under the same limit. A control group stands for the machine; in it are a neighbour, the program, and below it the group of the
 * thread processes, which the kernel holds to 100 % of the budget: the one that batchtop makes for them, lowered to what is left, or where it
 * makes none one of ours.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BIN } from '../../helpers/program.ts'
import { until } from '../../helpers/until.ts'
import { inGroup } from './in-group.ts'
import { MemoryGroup } from './memory-group.ts'
import type { Outcome } from './outcome.ts'
import { countUp } from './outcome.ts'
import { runStory, tell } from './story.ts'
import { readTrace } from './tasks/trace.ts'
import { ThreadProcesses } from './thread-processes.ts'
import type { Trial } from './trial.ts'
import { tellPeak, Watch } from './watch.ts'

export async function runGoverned(trial: Trial): Promise<Outcome> {
  const { seed, sizing, items } = trial
  const folder = join(trial.folder, `batchtop-${seed}`)
  const path = join(folder, 'ran.trace')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'bench.yaml'), JSON.stringify(planOf(trial, path)))
  const machine = MemoryGroup.create(`bench-governor-${process.pid}`, sizing.machine)
  const neighbour = await moveIn(sizing.neighbour, machine)
  const client = program(folder, machine)
  const processes = new ThreadProcesses(client.pid ?? 0, sizing.budget, machine)
  const watch = new Watch(() => processes.look())
  await once(client, 'close')
  const watched = watch.stop()
  neighbour?.kill('SIGKILL')
  const group = await processes.close()
  await machine?.close()
  const story = runStory(folder)
  const counted = countUp({ items, traced: readTrace(path), group })
  return {
    contender: `batchtop, ${sizing.threads}`,
    role: 'batchtop',
    seed,
    ...counted,
    ...watched,
    ms: story.ms,
    note: `${tell(story)}; ${tellPeak(watched)}`,
  }
}

/** JSON is YAML. */
function planOf({ sizing, items }: Trial, trace: string): unknown {
  const { threads, cap, reserve, planned } = sizing
  return {
    name: 'bench',
    threads,
    memory: { perThread: cap, reserve, total: planned + reserve },
    batches: [
      {
        id: 'bench',
        items: items.map((item) => ({ id: item.id, with: { item, trace } })),
        task: fileURLToPath(new URL('./tasks/governed-item.ts', import.meta.url)),
      },
    ],
  }
}

async function moveIn(bytes: number, machine: MemoryGroup | undefined): Promise<ChildProcess | undefined> {
  if (bytes === 0) return undefined
  const file = fileURLToPath(new URL('./neighbour.ts', import.meta.url))
  const child = inGroup(machine, [file, String(Math.round(bytes / 2 ** 20))], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout?.on('data', (data) => (said += data))
  await until(() => said !== '', { instead: () => 'a neighbour that never came' })
  return child
}

function program(folder: string, machine: MemoryGroup | undefined): ChildProcess {
  const { NODE_ENV: _, ...env } = process.env
  const out = openSync(join(folder, 'out.txt'), 'w')
  return inGroup(machine, [BIN, 'run', 'bench.yaml', '--foreground', '--plain', '-q'], {
    cwd: folder,
    env: { ...env, BATCHTOP_STATE_DIR: join(folder, 'state') },
    stdio: ['ignore', out, out],
  })
}
