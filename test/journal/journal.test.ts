import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { Journal, JournalOptions } from '../../src/journal/journal.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { readEvents } from '../../src/journal/reader.ts'
import type { JournaledEvent, RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import { wallTime } from '../../src/model/units.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const event = (thread: number): RunEvent => ({ type: 'thread.started', thread: threadNumber(thread) })

interface Opened {
  readonly journal: Journal
  readonly folder: string
  /** What each commit made durable. */
  readonly commits: (readonly JournaledEvent[])[]
  readonly errors: Error[]
}

async function runFolder(): Promise<string> {
  const folder = await scratchFolder()
  await mkdir(join(folder, 'values'))
  return folder
}

async function opened(folder: string, options: Partial<JournalOptions> = {}): Promise<Opened> {
  const commits: (readonly JournaledEvent[])[] = []
  const errors: Error[] = []
  const journal = await openJournal(folder, {
    run: runId('7f3a'),
    generation: 1,
    firstSeq: 1,
    onDurable: (events) => commits.push(events),
    onError: (error) => errors.push(error),
    ...options,
  })
  onTestFinished(() => journal.close())
  return { journal, folder, commits, errors }
}

async function readAll(folder: string): Promise<JournaledEvent[]> {
  const events: JournaledEvent[] = []
  for await (const one of readEvents(folder)) events.push(one)
  return events
}

test('events of one turn become durable together, at once and in order', async () => {
  const { journal, folder, commits } = await opened(await runFolder())
  expect([1, 2, 3].map((thread) => journal.append(event(thread)))).toEqual([1, 2, 3])
  expect(journal.durableSeq).toBe(0)
  await expect.poll(() => journal.durableSeq).toBe(3)
  expect(commits).toHaveLength(1)
  expect(commits[0]?.map(({ event: { type }, seq }) => [type, seq])).toEqual(
    [1, 2, 3].map((seq) => ['thread.started', seq]),
  )
  expect(await readAll(folder)).toEqual(commits.flat())
})

test('what comes while a commit is under way waits for the next one, and flush for both', async () => {
  const { journal, folder, commits } = await opened(await runFolder())
  const first = journal.append(event(1))
  const flushed = journal.flush()
  await new Promise(setImmediate)
  for (let thread = 2; thread <= 50; thread++) journal.append(event(thread))
  await flushed
  expect(journal.durableSeq).toBe(first)
  await journal.flush()
  expect(commits.map(({ length }) => length)).toEqual([1, 49])
  expect(await readAll(folder)).toEqual(commits.flat())
})

test('a steady stream is committed in groups, not one by one', async () => {
  const { journal, folder, commits } = await opened(await runFolder())
  for (let thread = 1; thread <= 400; thread++) {
    journal.append(event(thread))
    await new Promise(setImmediate)
  }
  await journal.close()
  expect(commits.flat().map(({ seq }) => seq)).toEqual(Array.from({ length: 400 }, (_, place) => place + 1))
  expect(commits.length).toBeLessThan(200)
  expect(await readAll(folder)).toEqual(commits.flat())
})

test('closing makes everything durable and lets nothing more in', async () => {
  const { journal, folder } = await opened(await runFolder())
  journal.append(event(1))
  await Promise.all([journal.close(), journal.close()])
  expect(await readAll(folder)).toHaveLength(1)
  expect(() => journal.append(event(2))).toThrow('closed')
})

test('a generation that exists is never written again; the next one counts on', async () => {
  const folder = await runFolder()
  const first = await opened(folder)
  first.journal.append(event(1))
  await first.journal.close()
  await expect(opened(folder)).rejects.toThrow('EEXIST')
  const second = await opened(folder, { generation: 2, firstSeq: 5 })
  expect(second.journal.append(event(2))).toBe(5)
  await second.journal.close()
  expect((await readAll(folder)).map(({ seq }) => seq)).toEqual([1, 5])
  expect(await readFile(join(folder, 'journal-00000002.log'), 'utf8')).toMatch(/^batchtop-journal 1 7f3a 2\n# 1 5 1 /)
})

test('journal and values are for their user only', async () => {
  const { journal, folder } = await opened(await runFolder())
  journal.value(batchIndex(0), 'a', '1')
  journal.append(event(1))
  await journal.flush()
  for (const name of ['journal-00000001.log', 'values/0-1.ndjson']) {
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  }
})

test('a value is on disk when the event that names it is durable, and seen by readers only then', async () => {
  const batch = batchIndex(2)
  const folder = await runFolder()
  const path = join(folder, 'values', '2-1.ndjson')
  const seen: Promise<string>[] = []
  const { journal } = await opened(folder, { onDurable: () => seen.push(readFile(path, 'utf8')) })
  const value = journal.value(batch, 'naïve', '{"a":"ü"}')
  journal.append({
    type: 'items.succeeded',
    thread: threadNumber(1),
    batch,
    items: [itemIndex(0)],
    attempts: [1],
    ms: [1],
    values: [value],
  })
  expect(journal.valuesEnd(batch)).toBe(0)
  expect(journal.valueFiles(batch)).toEqual([])
  await journal.flush()
  const text = '{"item":"naïve","value":{"a":"ü"}}\n'
  expect(await Promise.all(seen)).toEqual([text])
  expect(journal.valuesEnd(batch)).toBe(Buffer.byteLength(text))
  expect(journal.valueFiles(batch)).toEqual([path])
  expect(Buffer.from(text).toString('utf8', value.offset, value.offset + value.length)).toBe('{"a":"ü"}')
})

test('a values file that cannot be made is told once, and nothing is durable after it', async () => {
  const folder = await runFolder()
  const { journal, commits, errors } = await opened(folder)
  await writeFile(join(folder, 'values', '0-1.ndjson'), 'of somebody else')
  journal.value(batchIndex(0), 'a', '1')
  journal.append(event(1))
  await expect(journal.flush()).rejects.toThrow('EEXIST')
  journal.append(event(2))
  await expect(journal.flush()).rejects.toThrow('EEXIST')
  await journal.close()
  expect(errors).toHaveLength(1)
  expect(commits).toEqual([])
  expect(await readAll(folder)).toEqual([])
})

test('a disk that is full is told once, what was durable stays readable, and nothing is durable after it', async () => {
  const folder = await runFolder()
  const child = fileURLToPath(new URL('fixtures/small-disk.ts', import.meta.url))
  // One block of 512 bytes, or of 1024, whatever this shell counts in.
  const { stdout } = await promisify(execFile)('/bin/sh', [
    '-c',
    'ulimit -f 1; exec "$@"',
    'sh',
    process.execPath,
    child,
    folder,
  ])
  const { errors, durable, rejected, durableSeq } = JSON.parse(stdout) as Record<string, number> & { durable: number[] }
  expect(errors).toBe(1)
  expect(durable.length).toBeGreaterThan(0)
  expect(durable.at(-1)).toBe(durableSeq)
  expect(rejected).toBe(50 - durable.length)
  expect((await readAll(folder)).map(({ seq }) => seq)).toEqual(durable)
  expect(await readdir(folder)).toEqual(['journal-00000001.log', 'values'])
})

test('what is durable carries the time of the clock that was handed over, whatever the machine says', async () => {
  const { journal, commits } = await opened(await runFolder(), { now: () => wallTime(1234.5) })
  journal.append(event(1))
  await journal.close()
  expect(commits.flat().map(({ at }) => at)).toEqual([wallTime(1235)])
})
