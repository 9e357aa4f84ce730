/** Memory of a supervisor with very many items: while they run, and after it has taken over from one that was killed. */
import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { isAlive } from '../crash/processes.ts'
import type { Live } from './long-run.ts'
import { begin, killAll, liveIn, noOpBox, reach } from './long-run.ts'

const MILLION = 1_000_000

/** How often its memory is looked at. */
const LOOK_MS = 20

interface Memory {
  /** Everything in memory, the program's own files included, in MB. */
  readonly all: number
  /** What it wrote itself. */
  readonly own: number
}

export async function memoryBench(): Promise<void> {
  console.log('\nMemory of the supervisor: most of all looks, and at the last one')
  for (const [items, aim] of [
    [MILLION, '120 MB'],
    [10 * MILLION, 'none'],
  ] as const) {
    console.log(`  ${items / MILLION} M pattern items that do nothing, chunks of 100   aim: ${aim}`)
    await measure(items)
  }
}

async function measure(items: number): Promise<void> {
  const box = await noOpBox(items)
  try {
    const first = await begin(box, 'run', 'long.yaml')
    report('until half of them ran', await watch(first, () => reach(first, items, 0.5)))
    await box.run('pause')
    report('paused there', await watch(first, () => setTimeout(3000)))
    await killAll(box, first)
    const second = await begin(box, 'recover')
    report('recovered, still paused', await watch(second, () => setTimeout(3000)))
    await box.run('resume')
    const live = await liveIn(box)
    report('from there to the end', await watch(live, () => gone(live)))
  } finally {
    await box.close()
  }
}

async function watch({ pid }: Live, act: () => Promise<unknown>): Promise<readonly Memory[]> {
  const looks: Memory[] = []
  const look = async () => {
    const now = await memoryOf(pid)
    if (now) looks.push(now)
  }
  const over = new AbortController()
  const acting = act().finally(() => over.abort())
  while (!over.signal.aborted) {
    await look()
    await setTimeout(LOOK_MS)
  }
  await acting
  await look()
  return looks
}

async function gone({ pid }: Live): Promise<void> {
  while (await isAlive(pid)) await setTimeout(LOOK_MS)
}

async function memoryOf(pid: number): Promise<Memory | undefined> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const field = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]) / 1024
  return text.includes('VmRSS') ? { all: field('VmRSS'), own: field('RssAnon') } : undefined
}

function report(when: string, looks: readonly Memory[]): void {
  const most = (of: keyof Memory) => Math.max(...looks.map((look) => look[of])).toFixed(0)
  const last = looks.at(-1)
  console.log(
    `    ${when.padEnd(24)}  RSS ${most('all').padStart(4)} MB (last ${last?.all.toFixed(0)})   RssAnon ${most('own').padStart(4)} MB (last ${last?.own.toFixed(0)})`,
  )
}
