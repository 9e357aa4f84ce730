/** What a checkpoint costs the supervisor's loop: the longest time between two of its turns while one is taken. */
import { join } from 'node:path'
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, threadNumber } from '../../src/model/ids.ts'
import { millis, wallTime } from '../../src/model/units.ts'
import { noOpBox } from './long-run.ts'
import { median } from './measure.ts'
import { WrittenRun } from './written-run.ts'

const MILLION = 1_000_000
const CHUNK = 100
const ROUNDS = 7
const THREAD = threadNumber(1)
const BATCH = batchIndex(0)

interface Cost {
  readonly stall: Gap
  readonly ms: number
  readonly bytes: number
}

export async function checkpointBench(): Promise<void> {
  console.log(
    `\nA checkpoint of items in every state, 2 % of them failed or in backoff with reasons: median of ${ROUNDS} (worst)`,
  )
  for (const [items, aim] of [
    [MILLION, '10 ms'],
    [10 * MILLION, 'none'],
  ] as const) {
    const { idle, costs } = await measure(items)
    const walls = costs.map(({ stall }) => stall.wall)
    const cpus = costs.map(({ stall }) => stall.cpu)
    const last = costs.at(-1)
    const size = ((last?.bytes ?? 0) / 2 ** 20).toFixed(2)
    const took = median(costs.map(({ ms }) => ms)).toFixed(0)
    console.log(
      `  ${items / MILLION} M items: longest stall ${said(walls)}, computing ${said(cpus)}   aim: ${aim}   ` +
        `idle loop ${idle.wall.toFixed(1)} ms, ${took} ms in all, ${size} MB`,
    )
  }
}

function said(times: readonly number[]): string {
  return `${median(times).toFixed(1)} ms (${Math.max(...times).toFixed(1)})`
}

async function measure(items: number): Promise<{ readonly idle: Gap; readonly costs: readonly Cost[] }> {
  const box = await noOpBox(items)
  try {
    const run = await WrittenRun.begin(join(box.folder, 'long.yaml'), box.stateDir)
    await mix(run, items)
    const idle = (await longestGap(() => new Promise((resolve) => setTimeout(resolve, 200)))).gap
    const costs: Cost[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const { gap, result } = await longestGap(() => run.checkpoint())
      costs.push({ stall: gap, ...result })
    }
    await run.close()
    return { idle, costs }
  } finally {
    await box.close()
  }
}

/** Of every hundred items one fails, one is in backoff; of every ten chunks one is on a thread, one in the queue. */
async function mix(run: WrittenRun, items: number): Promise<void> {
  for (let first = 0, count = 0; first < items; first += CHUNK, count += 1) {
    if (count % 10 === 9) continue
    const chunk = Array.from({ length: Math.min(CHUNK, items - first) }, (_, place) => itemIndex(first + place))
    run.emit({ type: 'chunk.started', thread: THREAD, batch: BATCH, items: chunk })
    if (count % 10 !== 8) for (const event of endings(chunk)) run.emit(event)
    if (count % 1000 === 0) await run.journal.flush()
  }
  await run.journal.flush()
}

function endings([first, second, ...rest]: readonly ReturnType<typeof itemIndex>[]): readonly RunEvent[] {
  const reason = { kind: 'threw', message: `Error: row ${first} of table orders does not fit` } as const
  const how = { thread: THREAD, attempt: 1, ms: millis(1.25), reason }
  return [
    ...(first === undefined ? [] : [{ type: 'item.failed', item: first, ...how } as const]),
    ...(second === undefined
      ? []
      : [{ type: 'item.retrying', item: second, retryAt: wallTime(Date.now() + 60_000 + second), ...how } as const]),
    {
      type: 'items.succeeded',
      thread: THREAD,
      batch: BATCH,
      items: rest,
      attempts: rest.map(() => 1),
      ms: rest.map((item) => (item % 9) / 100),
    },
  ]
}

/** The longest time between two turns of a loop, and the most that this thread computed in one of them: the rest others had the core. */
interface Gap {
  readonly wall: number
  readonly cpu: number
}

/** Runs it beside a loop that does nothing but look at the clock. */
async function longestGap<Result>(act: () => Promise<Result>): Promise<{ readonly gap: Gap; readonly result: Result }> {
  let gap: Gap = { wall: 0, cpu: 0 }
  let last = clocks()
  let isOver = false
  const look = () => {
    const now = clocks()
    gap = { wall: Math.max(gap.wall, now.wall - last.wall), cpu: Math.max(gap.cpu, now.cpu - last.cpu) }
    last = now
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  const result = await act()
  isOver = true
  look()
  return { gap, result }
}

/** In milliseconds. */
function clocks(): Gap {
  const { user, system } = process.threadCpuUsage()
  return { wall: performance.now(), cpu: (user + system) / 1000 }
}
