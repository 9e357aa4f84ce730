import { copyFile, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { Disk } from '../../src/journal/disk.ts'
import { realDisk } from '../../src/journal/disk.ts'
import type { Examination } from '../../src/journal/examine.ts'
import { examineRun } from '../../src/journal/examine.ts'
import { fileHeader } from '../../src/journal/frame.ts'
import { repairRun } from '../../src/journal/repair.ts'
import { restore } from '../../src/journal/restore.ts'
import { readRunInfo } from '../../src/journal/run-info.ts'
import type { RunEvent } from '../../src/model/event.ts'
import { wallTime } from '../../src/model/units.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, succeeded } from '../helpers/facts.ts'
import type { LeftRun } from '../helpers/left-run.ts'
import { change, copyRun, flip, journaled, journalPath, leaveRun, NOW, replay } from '../helpers/left-run.ts'
import { factsOf } from '../helpers/run-facts.ts'

// Hundreds of times it waits for a disk, each time for as long as that takes.
vi.setConfig({ testTimeout: 300_000 })

const plan = buildPlan({ batches: [{ id: 'a', count: 10 }] })
const finished: RunEvent = {
  type: 'run.finished',
  outcome: 'succeeded',
  succeeded: 10,
  failed: 0,
  skipped: 0,
  left: 0,
  ms: 1 as never,
  exit: 0,
}
/** Events 2n - 1 and 2n start and end item n - 1, in a frame of their own. */
const journal = journaled(
  [...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((item) => [chunk(0, [item]), succeeded(0, [item])]), finished],
  2,
)

const ended = { at: NOW, outcome: 'succeeded', succeeded: 10, failed: 0, skipped: 0, left: 0, ms: 1, exit: 0 } as const

/** Files of three frames, the fourth of two (the last of them ends the run). */
const leave = (checkpoint?: number) =>
  leaveRun(plan, journal, {
    files: [3, 3, 3],
    info: { ended },
    ...(checkpoint === undefined ? {} : { checkpoint }),
  })

/** Damages the frame with this number, counted over all files. */
async function damage(run: LeftRun, frame: number): Promise<string> {
  const { generation, start } = run.frames[frame - 1] as LeftRun['frames'][number]
  const path = journalPath(run, generation)
  await change(path, (bytes) => flip(bytes, start + 30))
  return path
}

const examine = ({ folder, info }: LeftRun): Promise<Examination> => examineRun(folder, info)

async function repair(run: LeftRun, options: { disk?: Disk; now?: number } = {}): Promise<readonly string[]> {
  const { now = NOW, ...rest } = options
  const { folder, info } = run
  const { kept } = await repairRun(folder, info, { examination: await examine(run), now: wallTime(now), ...rest })
  return kept.map((path) => basename(path))
}

async function namesOf({ folder }: LeftRun): Promise<string[]> {
  return (await readdir(folder))
    .filter((name) => name.startsWith('journal') || name.startsWith('checkpoint'))
    .toSorted()
}

async function expectFacts({ folder, info }: LeftRun, seq: number): Promise<void> {
  const restored = await restore(folder, info)
  expect(restored.seq).toBe(seq)
  expect(factsOf(restored.state, { ms: false })).toEqual(factsOf(replay(plan, journal.slice(0, seq)), { ms: false }))
}

test('a run that is whole has nothing to repair, also where it was cut short by a kill', async () => {
  const run = await leave()
  for (const cut of [0, 3]) {
    await change(journalPath(run, 4), (bytes) => bytes.subarray(0, bytes.length - cut))
    const whole = {
      damages: [],
      dropped: { frames: 0, events: 0 },
      isCovered: true,
      cuts: [],
      isCheckpointDamaged: false,
    }
    expect(await examine(run)).toMatchObject(whole)
  }
  expect(await repair(run)).toEqual([])
  expect((await readRunInfo(run.folder))?.ended).toEqual(ended)
})

test('of a damaged journal the longest whole part stays, and what stood behind it is kept aside', async () => {
  const run = await leave()
  const path = await damage(run, 5)
  const whole = await Promise.all([2, 3, 4].map((generation) => readFile(journalPath(run, generation))))
  const place = run.frames[4]?.start ?? 0
  const examination = await examine(run)
  expect(examination).toMatchObject({
    damages: [{ path, offset: place, why: expect.stringContaining('no valid frame') as string }],
    kept: { events: 8, succeeded: 4 },
    dropped: { frames: 6, events: 11 },
    isCovered: false,
    hasEnded: false,
  })
  const stamp = 'damaged-20231114T221320000Z'
  const aside = [2, 4, 3].map((generation) => `journal-0000000${generation}.log.${stamp}`)
  expect(await repair(run)).toEqual(aside)
  expect(await namesOf(run)).toEqual(['journal-00000001.log', 'journal-00000002.log', ...aside].toSorted())
  const kept = await Promise.all([2, 3, 4].map((number) => readFile(`${journalPath(run, number)}.${stamp}`)))
  expect(kept).toEqual(whole)
  expect(await readFile(path)).toEqual(whole[0]?.subarray(0, place))
  // It had ended by what is set aside: by what is left there is work to do.
  const { ended: _, ...info } = run.info
  expect(await readRunInfo(run.folder)).toEqual(info)
  expect((await examine(run)).damages).toEqual([])
  expect(await repair(run)).toEqual([])
  await expectFacts(run, 8)
})

test('a run that had ended before the damaged place has still ended', async () => {
  const again = journaled([...journal.map(({ event }) => event), chunk(0, [0]), succeeded(0, [0]), chunk(0, [1])])
  const run = await leaveRun(plan, again, { files: [21, 1], info: { ended } })
  await damage(run, 22)
  expect(await examine(run)).toMatchObject({ kept: { events: 21 }, hasEnded: true })
  await repair(run)
  expect((await readRunInfo(run.folder))?.ended).toEqual(ended)
})

test('where a checkpoint stands in for the damaged place all facts stay, and all files from it on', async () => {
  const run = await leave(4)
  const path = await damage(run, 2)
  const examination = await examine(run)
  expect(examination).toMatchObject({
    damages: [{ path, offset: run.frames[1]?.start }],
    kept: { events: 21, succeeded: 10 },
    dropped: { frames: 7, events: 14 },
    isCovered: true,
  })
  await expectFacts(await copyRun(run), 21)
  expect(await repair(run)).toHaveLength(3)
  expect((await namesOf(run)).filter((name) => !name.includes('damaged'))).toEqual([
    'checkpoint.json',
    'journal-00000001.log',
    'journal-00000004.log',
  ])
  await expectFacts(run, 21)
  expect((await readRunInfo(run.folder))?.ended).toEqual(ended)
  // The hole is known now, and no damage.
  expect((await examine(run)).damages).toEqual([])
  expect(await repair(run)).toEqual([])
})

test('damage before and behind a checkpoint is repaired in one go', async () => {
  const run = await leave(3)
  const paths = [await damage(run, 6), await damage(run, 8)]
  const examination = await examine(run)
  expect(examination.damages.map(({ path }) => path)).toEqual(paths)
  expect(examination).toMatchObject({ isCovered: false, kept: { events: 14, succeeded: 7 } })
  await repair(run)
  expect((await namesOf(run)).filter((name) => !name.includes('damaged'))).toEqual([
    'checkpoint.json',
    'journal-00000001.log',
    'journal-00000002.log',
    'journal-00000003.log',
  ])
  await expectFacts(run, 14)
})

test('a damaged checkpoint is kept aside, and costs nothing', async () => {
  const run = await leave(3)
  await truncate(join(run.folder, 'checkpoint.json'), 50)
  const examination = await examine(run)
  expect(examination).toMatchObject({ isCovered: true, isCheckpointDamaged: true, kept: { events: 21 } })
  expect(examination.damages.map(({ path }) => basename(path))).toEqual(['checkpoint.json'])
  expect(await repair(run)).toEqual(['checkpoint.json.damaged-20231114T221320000Z'])
  expect((await examine(run)).damages).toEqual([])
  await expectFacts(run, 21)
})

test.each([
  ['its first file', 1, 0],
  ['one in the middle', 2, 6],
])('of a run that misses %s what stood before it stays', async (_which, generation, seq) => {
  const run = await leave()
  await rm(journalPath(run, generation))
  expect((await examine(run)).kept.events).toBe(seq)
  await repair(run)
  expect((await examine(run)).damages).toEqual([])
  await expectFacts(run, seq)
})

test('the file behind a checkpoint that is gone is made anew: the facts are those of the checkpoint', async () => {
  const run = await leave(4)
  await rm(journalPath(run, 4))
  const path = journalPath(run, 4)
  expect(await examine(run)).toMatchObject({ damages: [{ path, offset: 0 }], kept: { events: 18 }, isCovered: false })
  await repair(run)
  expect(await readFile(path, 'utf8')).toBe(fileHeader(run.info.run, 4))
  await expectFacts(run, 18)
})

test('a file whose first line is damaged gives nothing, and is kept', async () => {
  const run = await leave()
  await change(journalPath(run, 2), (bytes) => flip(bytes, 3))
  expect((await examine(run)).damages).toMatchObject([{ path: journalPath(run, 2), offset: 0 }])
  await repair(run)
  await expectFacts(run, 6)
})

test('the end of the history that is missing before a checkpoint is told once', async () => {
  const run = await leave(4)
  await truncate(journalPath(run, 3), run.frames[7]?.end)
  const { damages, isCovered } = await examine(run)
  expect(isCovered).toBe(true)
  expect(damages).toMatchObject([{ path: journalPath(run, 3), why: 'events 17 to 18 are missing behind it' }])
  await repair(run)
  expect((await examine(run)).damages).toEqual([])
  await expectFacts(run, 21)
})

/** Dies before its nth operation. */
function diesAfter(operations: number): Disk {
  let left = operations
  const step = () => {
    if (left-- <= 0) throw new Error('killed')
  }
  return {
    open: async (path, how) => {
      step()
      const file = await realDisk.open(path, how)
      return {
        write: (bytes) => (step(), file.write(bytes)),
        truncate: (size) => (step(), file.truncate(size)),
        sync: () => (step(), file.sync()),
        datasync: () => (step(), file.datasync()),
        close: () => file.close(),
      }
    },
    rename: async (from, to) => (step(), await realDisk.rename(from, to)),
    remove: async (path) => (step(), await realDisk.remove(path)),
    syncFolder: async (folder) => (step(), await realDisk.syncFolder(folder)),
  }
}

test.each([
  ['behind', 2, 14],
  ['before', 4, 21],
])('a repair of damage %s a checkpoint may be killed at any point and done again', async (_where, checkpoint, seq) => {
  const made = await leave(checkpoint)
  await damage(made, checkpoint === 2 ? 8 : 2)
  const whole = await Promise.all([1, 2, 3, 4].map((generation) => readFile(journalPath(made, generation), 'latin1')))
  for (let operations = 0, isDone = false; !isDone; operations += 1) {
    const run = await copyRun(made)
    isDone = await repair(run, { disk: diesAfter(operations) }).then(
      () => true,
      (error: unknown) => (String(error) === 'Error: killed' ? false : Promise.reject(error as Error)),
    )
    await repair(run, { now: NOW + 1 })
    expect((await examine(run)).damages).toEqual([])
    await expectFacts(run, seq)
    // Nothing that was there is gone.
    const names = await namesOf(run)
    const left = await Promise.all(names.map((name) => readFile(join(run.folder, name), 'latin1')))
    for (const text of whole) expect(left.some((one) => one.startsWith(text))).toBe(true)
    expect(names.filter((name) => name.includes('damaged')).length).toBe(checkpoint === 2 ? 2 : 3)
  }
})

test('a journal of a newer batchtop is not repaired', async () => {
  const run = await leave()
  await copyFile(journalPath(run, 2), journalPath(run, 9))
  await rename(journalPath(run, 9), journalPath(run, 5))
  await writeFile(journalPath(run, 2), 'batchtop-journal 2 7f3a 2\n')
  await expect(examine(run)).rejects.toMatchObject({ code: 'journal-format' })
})
