import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { Rotated } from '../../src/journal/journal.ts'
import { readEvents } from '../../src/journal/reader.ts'
import { readValue } from '../../src/journal/value-reader.ts'
import type { Trouble } from '../../src/model/snapshot.ts'
import { scratchFolder } from '../helpers/scratch.ts'

/** Of util-linux: changes the limits of a process that runs. */
const PRLIMIT = 'prlimit'
const hasLimits = spawnSync(PRLIMIT, ['--version']).status === 0

const SOON = { timeout: 15_000 }

interface Said {
  readonly durable: number[]
  readonly troubles: (Trouble | null)[]
  readonly cuts: Rotated[]
}

/** A process with a journal of its own. */
async function start(folder: string): Promise<{ child: ChildProcess; said: Said; tell: (...lines: string[]) => void }> {
  const path = fileURLToPath(new URL('fixtures/small-disk.ts', import.meta.url))
  const child = spawn(process.execPath, [path, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: Said = { durable: [], troubles: [], cuts: [] }
  const { promise, resolve } = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { durable, trouble, cut } = JSON.parse(line) as {
      durable?: number[]
      trouble?: Trouble | null
      cut?: Rotated
    }
    if (durable) said.durable.push(...durable)
    if (trouble !== undefined) said.troubles.push(trouble)
    if (cut) said.cuts.push(cut)
    resolve()
  })
  await promise
  return { child, said, tell: (...lines) => child.stdin.write(lines.map((line) => `${line}\n`).join('')) }
}

/** Lets no file of a process grow beyond so many bytes: what a full disk says, with another word. */
function limit({ pid }: ChildProcess, bytes: number | 'unlimited'): void {
  execFileSync(PRLIMIT, ['--pid', String(pid), `--fsize=${bytes}:unlimited`])
}

const numbers = (to: number) => Array.from({ length: to }, (_, place) => place + 1)
const some = (count: number) => Array.from({ length: count }, () => 'append')

test.skipIf(!hasLimits)(
  'a disk that takes nothing is told once; when it takes more, everything arrives in its order',
  async () => {
    const folder = await scratchFolder()
    await mkdir(join(folder, 'values'))
    const { child, said, tell } = await start(folder)
    tell(...some(20))
    await expect.poll(() => said.durable, SOON).toHaveLength(20)
    limit(child, 64)
    tell(...some(20), 'cut', ...some(10))
    await expect.poll(() => said.troubles, SOON).toHaveLength(1)
    expect(said.troubles[0]?.message).toBe('the file may not grow any further (EFBIG)')
    expect(said.durable).toEqual(numbers(20))
    expect(said.cuts).toEqual([])
    limit(child, 'unlimited')
    await expect.poll(() => said.durable, SOON).toHaveLength(50)
    await expect.poll(() => said.troubles, SOON).toHaveLength(2)
    expect(said.troubles[1]).toBeNull()
    expect(said.durable).toEqual(numbers(50))
    expect(said.cuts).toMatchObject([{ seq: 40 }])
    child.stdin?.end()
    await once(child, 'exit')
    let seq = 0
    for await (const { seq: next, event } of readEvents(folder)) {
      expect(next).toBe(++seq)
      const ref = event.type === 'items.succeeded' ? event.values?.[0] : undefined
      expect(ref && (await readValue(folder, 'a', ref))).toBe(`"${'v'.repeat(100)}"`)
    }
    expect(seq).toBe(50)
    expect((await readdir(folder)).filter((name) => name.startsWith('journal-'))).toHaveLength(
      said.cuts[0]?.generation ?? 0,
    )
  },
)
