import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Journal, JournalOptions } from '../../src/journal/journal.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { readEvents } from '../../src/journal/reader.ts'
import type { JournaledEvent, RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { Trouble } from '../../src/model/snapshot.ts'
import { wallTime } from '../../src/model/units.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const SOON = { timeout: 15_000 }

const event = (thread: number): RunEvent => ({ type: 'thread.started', thread: threadNumber(thread) })

interface Opened {
  readonly journal: Journal
  readonly folder: string
  /** What each commit made durable. */
  readonly commits: (readonly JournaledEvent[])[]
  readonly troubles: (Trouble | undefined)[]
}

async function runFolder(): Promise<string> {
  const folder = await scratchFolder()
  await mkdir(join(folder, 'values'))
  return folder
}

async function opened(folder: string, options: Partial<JournalOptions> = {}): Promise<Opened> {
  const commits: (readonly JournaledEvent[])[] = []
  const troubles: (Trouble | undefined)[] = []
  const journal = await openJournal(folder, {
    run: runId('7f3a'),
    generation: 1,
    firstSeq: 1,
    onDurable: (events) => commits.push(events),
    onTrouble: (trouble) => troubles.push(trouble),
    retryMs: 1,
    ...options,
  })
  onTestFinished(() => journal.close())
  return { journal, folder, commits, troubles }
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
  await expect.poll(() => journal.durableSeq, SOON).toBe(3)
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
  const second = await opened(folder, { generation: 2, firstSeq: 2 })
  expect(second.journal.append(event(2))).toBe(2)
  await second.journal.close()
  expect((await readAll(folder)).map(({ seq }) => seq)).toEqual([1, 2])
  expect(await readFile(join(folder, 'journal-00000002.log'), 'utf8')).toMatch(/^batchtop-journal 1 7f3a 2\n# 1 2 1 /)
})

test('journal and values are for their user only', async () => {
  const { journal, folder } = await opened(await runFolder())
  journal.value('a', 'x', '1')
  journal.append(event(1))
  await journal.flush()
  for (const name of ['journal-00000001.log', 'values/a-e8b7be43-1.ndjson']) {
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  }
})

test('a value is on disk when the event that names it is durable, and seen by readers only then', async () => {
  const batch = '3.1'
  const folder = await runFolder()
  const path = join(folder, 'values', '3.1-83b58bcd-1.ndjson')
  const seen: Promise<string>[] = []
  const { journal } = await opened(folder, { onDurable: () => seen.push(readFile(path, 'utf8')) })
  const value = journal.value(batch, 'naïve', '{"a":"ü"}')
  journal.append({
    type: 'items.succeeded',
    thread: threadNumber(1),
    batch: batchIndex(2),
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

test('a cut ends one file and begins the next: what was appended before it and after it in the same turn', async () => {
  const { journal, folder, commits } = await opened(await runFolder())
  for (const thread of [1, 2]) journal.append(event(thread))
  const first = journal.rotate()
  journal.append(event(3))
  const second = journal.rotate()
  for (const thread of [4, 5]) journal.append(event(thread))
  expect(await first).toEqual({ generation: 2, seq: 2, values: {} })
  expect(await second).toEqual({ generation: 3, seq: 3, values: {} })
  await journal.flush()
  expect(commits.map((events) => events.map(({ seq }) => seq))).toEqual([[1, 2], [3], [4, 5]])
  expect(await readAll(folder)).toEqual(commits.flat())
  for (const [generation, seqs] of [
    [1, '1 2'],
    [2, '3 1'],
    [3, '4 2'],
  ] as const)
    expect(await readFile(join(folder, `journal-0000000${generation}.log`), 'utf8')).toMatch(
      new RegExp(`^batchtop-journal 1 7f3a ${generation}\\n# 1 ${seqs} [^#]*$`),
    )
})

test('a cut tells the bytes of all values before it, and everything before it is durable when it does', async () => {
  const { journal, folder } = await opened(await runFolder())
  journal.value('a', 'x', '1')
  journal.append(event(1))
  const rotating = journal.rotate()
  journal.value('a', 'y', '2')
  journal.value('b', 'y', '2')
  journal.append(event(2))
  const { seq, values } = await rotating
  expect(journal.durableSeq).toBeGreaterThanOrEqual(seq)
  const line = '{"item":"x","value":1}\n'
  expect(values).toEqual({ a: line.length })
  await journal.flush()
  const later = await journal.rotate()
  expect(later.values).toEqual({ a: 2 * line.length, b: line.length })
  expect(journal.valuesEnd('a')).toBe(2 * line.length)
  const text = await readFile(join(folder, 'values', 'a-e8b7be43-1.ndjson'), 'utf8')
  expect(text).toBe(`${line}${line.replace('x', 'y').replace('1', '2')}`)
})

test('a file without a frame is as good as a new one: cutting twice leaves no empty file', async () => {
  const { journal } = await opened(await runFolder())
  expect(await journal.rotate()).toMatchObject({ generation: 1, seq: 0 })
  journal.append(event(1))
  expect(await journal.rotate()).toMatchObject({ generation: 2, seq: 1 })
  expect(await journal.rotate()).toMatchObject({ generation: 2, seq: 1 })
})

test('what was written since the last cut is counted', async () => {
  const { journal, folder } = await opened(await runFolder())
  expect(journal.since).toEqual({ events: 0, bytes: 0 })
  for (const thread of [1, 2, 3]) journal.append(event(thread))
  await journal.flush()
  const [header = ''] = (await readFile(join(folder, 'journal-00000001.log'), 'utf8')).split('\n')
  const { size } = await stat(join(folder, 'journal-00000001.log'))
  expect(journal.since).toEqual({ events: 3, bytes: size - header.length - 1 })
  journal.append(event(4))
  const rotating = journal.rotate()
  journal.append(event(5))
  await rotating
  expect(journal.since).toEqual({ events: 0, bytes: 0 })
  await journal.flush()
  expect(journal.since.events).toBe(1)
})

test('a later epoch counts values on from what the recovery found valid, and says so at its first cut', async () => {
  const folder = await runFolder()
  const first = await opened(folder)
  const early = first.journal.value('a', 'x', '1')
  first.journal.append(event(1))
  await first.journal.close()
  const { journal } = await opened(folder, { generation: 2, firstSeq: 2, valuesEnds: { a: 23 } })
  expect(journal.valuesEnd('a')).toBe(23)
  expect(journal.valueFiles('a')).toHaveLength(1)
  const late = journal.value('a', 'y', '2')
  expect(late.offset - early.offset).toBe(23)
  journal.append(event(2))
  expect((await journal.rotate()).values).toEqual({ a: 46 })
  expect(journal.valueFiles('a')).toHaveLength(2)
  await expect(opened(folder, { generation: 9, valuesEnds: { a: 45 } })).rejects.toThrow('end at 46, not at 45')
})

test('a file of somebody else in the way is told once and left alone; once it is gone everything arrives', async () => {
  const folder = await runFolder()
  const { journal, commits, troubles } = await opened(folder)
  const path = join(folder, 'values', 'a-e8b7be43-1.ndjson')
  await writeFile(path, 'of somebody else')
  journal.value('a', 'x', '1')
  journal.append(event(1))
  const flushed = journal.flush()
  await expect.poll(() => troubles, SOON).toHaveLength(1)
  expect(troubles[0]).toMatchObject({ message: 'a file of somebody else stands in the way (EEXIST)', events: 1 })
  journal.append(event(2))
  expect(journal.trouble).toMatchObject({ events: 2 })
  expect(await readFile(path, 'utf8')).toBe('of somebody else')
  expect(commits).toEqual([])
  await rm(path)
  await flushed
  await journal.flush()
  await expect.poll(() => journal.trouble, SOON).toBeUndefined()
  expect(troubles.slice(1)).toEqual([undefined])
  expect(await readAll(folder)).toEqual(commits.flat())
  expect(await readFile(path, 'utf8')).toBe('{"item":"x","value":1}\n')
})

test.for([true, false])('closing in the middle of trouble tries once more (which succeeds: %s)', async (isOver) => {
  const folder = await runFolder()
  const { journal, troubles } = await opened(folder, { retryMs: 3_600_000 })
  const path = join(folder, 'values', 'a-e8b7be43-1.ndjson')
  await writeFile(path, 'of somebody else')
  journal.value('a', 'x', '1')
  journal.append(event(1))
  await expect.poll(() => troubles, SOON).toHaveLength(1)
  if (isOver) await rm(path)
  await journal.close()
  expect(troubles).toHaveLength(isOver ? 2 : 1)
  expect(journal.durableSeq).toBe(isOver ? 1 : 0)
  expect(await readAll(folder)).toHaveLength(isOver ? 1 : 0)
})

test('what is durable carries the time of the clock that was handed over, whatever the machine says', async () => {
  const { journal, commits } = await opened(await runFolder(), { now: () => wallTime(1234.5) })
  journal.append(event(1))
  await journal.close()
  expect(commits.flat().map(({ at }) => at)).toEqual([wallTime(1235)])
})
