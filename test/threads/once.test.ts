import { expect, test } from 'vitest'
import type { ThreadReport } from '../../src/model/chunk.ts'
import type { Thread } from '../../src/threads/thread.ts'
import { rig, SOON } from './rig.ts'

const names = Array.from({ length: 300 }, (_, place) => `row-${place}`)

/** Places that a report closes. */
function placesOf(report: ThreadReport): readonly number[] {
  switch (report.type) {
    case 'items.succeeded':
      return report.ms.map((_, step) => report.from + step)
    case 'items.ended':
      return report.results.map(({ place }) => place)
    case 'items.taken':
    case 'items.interrupted':
      return report.places
    case 'thread.lost':
      return [...(report.running === undefined ? [] : [report.running]), ...report.orphaned]
    default:
      return []
  }
}

const meddling: Readonly<Record<string, (thread: Thread) => void>> = {
  nobody: () => {},
  'takes back': (thread) => thread.takeBack(),
  freezes: (thread) => {
    thread.freeze()
    setTimeout(() => thread.thaw(), 5)
  },
  'ends items': (thread) => {
    for (let place = 0; place < names.length; place++)
      thread.end(place, { kind: 'user', message: 'ended' }, place % 2 === 0)
  },
  interrupts: (thread) => thread.interrupt(),
  kills: (thread) => thread.kill(),
  'holds and reclaims': (thread) => {
    thread.hold()
    thread.reclaim()
    setTimeout(() => thread.release(), 5)
  },
  evicts: (thread) => thread.evict(false),
  'evicts at once': (thread) => thread.evict(true),
  'fails items': (thread) => {
    for (let place = 0; place < names.length; place++) thread.fail(place, { kind: 'memory', message: 'too much' })
  },
}

test.each(Object.keys(meddling))('every item of a chunk is reported exactly once, whoever meddles: %s', async (who) => {
  const { thread, run, reports, reported } = await rig('mixed')
  for (let round = 0; round < 5; round++) {
    const from = reports.length
    run(names)
    // At another moment of the chunk in every round.
    await expect.poll(() => reports.slice(from).flatMap(placesOf).length, SOON).toBeGreaterThanOrEqual(round * 40)
    meddling[who]?.(thread)
    const isOver = (): boolean =>
      reports.slice(from).some(({ type }) => type === 'chunk.ended' || type === 'thread.lost')
    await expect.poll(isOver, SOON).toBe(true)
    const places = reports.slice(from).flatMap(placesOf)
    expect(places.toSorted((left, right) => left - right)).toEqual(names.map((_, place) => place))
    const ready = 1 + reports.filter(({ type }) => type === 'thread.lost').length
    await reported('thread.ready', ready)
    thread.release()
    const frozen = reports.filter(({ type }) => type === 'thread.frozen').length
    if (who === 'freezes') await reported('thread.thawed', Math.max(frozen, round + 1))
  }
})
