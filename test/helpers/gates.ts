/**
 * Task modules that a test steers: an item says that it began by making a file, which is never there without the process's id, and ends when
 * the test makes another, so nothing is ever waited for by time.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Box } from './program.ts'

/**
 * Notes item, attempt, thread and epoch in `<folder>/runs.log`, then waits for `<folder>/go/<item>` or `<folder>/go/all`; an item whose go file
 * says `fail` throws.
 */
const GATED = `
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
export default async function (item, context) {
  const folder = context.with.folder
  appendFileSync(folder + '/runs.log', [item.id, context.attempt, context.thread, process.env.BATCHTOP_EPOCH].join(' ') + '\\n')
  writeFileSync(folder + '/began-' + item.id, String(process.pid))
  renameSync(folder + '/began-' + item.id, folder + '/began/' + item.id)
  const go = [folder + '/go/' + item.id, folder + '/go/all']
  while (!go.some((file) => existsSync(file))) {
    if (context.signal.aborted) throw context.signal.reason
    await setTimeout(5)
  }
  const word = readFileSync(go.find((file) => existsSync(file)), 'utf8')
  if (word === 'fail') throw new Error('told to fail')
  return { said: word }
}
`

/** Spins without ever giving the event loop a turn, counting in a file, until \`<folder>/go/<item>\` exists. */
const SPINNING = `
import { existsSync, renameSync, writeFileSync } from 'node:fs'
export default function (item, context) {
  const folder = context.with.folder
  writeFileSync(folder + '/count-' + item.id, '')
  writeFileSync(folder + '/began-' + item.id, String(process.pid))
  renameSync(folder + '/began-' + item.id, folder + '/began/' + item.id)
  for (let count = 0; !existsSync(folder + '/go/' + item.id) && !existsSync(folder + '/go/all'); count += 1) {
    writeFileSync(folder + '/count-' + item.id, String(count))
  }
}
`

export interface GatedPlan {
  readonly threads?: number
  /** YAML lines of the batches, without their task; each gets the gated one unless it names \`task:\`. */
  readonly batches: string
  readonly head?: string
}

export class Gates {
  readonly box: Box

  private constructor(box: Box) {
    this.box = box
  }

  static async in(box: Box): Promise<Gates> {
    await mkdir(join(box.folder, 'began'), { recursive: true })
    await mkdir(join(box.folder, 'go'), { recursive: true })
    await box.write('gated.ts', GATED)
    await box.write('spinning.ts', SPINNING)
    await box.write('noop.ts', 'export default function () {}\n')
    return new Gates(box)
  }

  /** Writes a plan; \`items\` in it run until they are told to go. */
  async plan(name: string, { threads = 2, batches, head = '' }: GatedPlan): Promise<string> {
    return this.box.write(`${name}.yaml`, `name: ${name}\nthreads: ${threads}\n${head}\nbatches:\n${batches}`)
  }

  /** YAML of one batch of gated items. */
  batch(id: string, items: string, more = ''): string {
    return `  - { id: ${id}, items: ${items}, task: ./gated.ts, with: { folder: ${JSON.stringify(this.box.folder)} }${more} }\n`
  }

  spinning(id: string, items: string, more = ''): string {
    return `  - { id: ${id}, items: ${items}, task: ./spinning.ts, with: { folder: ${JSON.stringify(this.box.folder)} }${more} }\n`
  }

  /** Waits until these items run. */
  async began(...items: readonly string[]): Promise<void> {
    await expect
      .poll(() => items.filter((item) => !existsSync(join(this.box.folder, 'began', item))), {
        timeout: 30_000,
        interval: 20,
      })
      .toEqual([])
  }

  async running(): Promise<string[]> {
    return (await readdir(join(this.box.folder, 'began'))).toSorted()
  }

  async go(item: string, word = 'done'): Promise<void> {
    // Whoever waits for the file reads it at once: it is never there without its word.
    const path = join(this.box.folder, 'go', item)
    await writeFile(`${path}.new`, word)
    await rename(`${path}.new`, path)
  }
}
