import { describe, expect, test } from 'vitest'
import type { KnownRun } from '../../src/cli/runs.ts'
import { chooseRun } from '../../src/cli/runs.ts'
import { runId } from '../../src/model/ids.ts'
import { wallTime } from '../../src/model/units.ts'

interface Spec {
  readonly plan?: string
  readonly isLive?: boolean
  readonly isHere?: boolean
}

const known = (run: string, { plan = 'p', isLive = false, isHere = true }: Spec = {}): KnownRun => ({
  info: {
    format: 1,
    run: runId(run),
    plan,
    planPath: `/plans/${plan}.yaml`,
    stateDir: '/state',
    folder: `/state/runs/${run}`,
    startedAt: wallTime(0),
    epoch: 1,
    pid: 1,
    bootId: '',
    isForeground: false,
    options: {},
    items: 1,
    threads: 1,
    ...(isLive
      ? {}
      : {
          ended: {
            at: wallTime(1),
            outcome: 'succeeded',
            succeeded: 1,
            failed: 0,
            skipped: 0,
            left: 0,
            ms: 1,
            exit: 0,
          },
        }),
  },
  isLive,
  isHere,
})

const chosen = (...args: Parameters<typeof chooseRun>) => chooseRun(...args).info.run

describe('without a name', () => {
  test('the one live run is meant', () => {
    expect(chosen([known('b'), known('a', { isLive: true })], undefined, 'any')).toBe('a')
  })

  test('a live run of this project goes before live ones elsewhere', () => {
    const runs = [known('b', { isLive: true, isHere: false }), known('a', { isLive: true })]
    expect(chosen(runs, undefined, 'live')).toBe('a')
  })

  test('a live run elsewhere goes before an ended one here', () => {
    const runs = [known('b'), known('a', { isLive: true, isHere: false })]
    expect(chosen(runs, undefined, 'any')).toBe('a')
  })

  test('where none is live the newest is meant by whoever only reads', () => {
    expect(chosen([known('b'), known('a')], undefined, 'any')).toBe('b')
    expect(() => chosen([known('b')], undefined, 'live')).toThrow('No run is live.')
  })

  test('several live runs are named, exit 4', () => {
    const runs = [known('b', { isLive: true }), known('a', { isLive: true, plan: 'other' })]
    const hint = expect.stringContaining('a of other, live') as string
    expect(() => chosen(runs, undefined, 'any')).toThrow(expect.objectContaining({ exit: 4, hint }))
  })

  test('no run at all', () => {
    expect(() => chosen([], undefined, 'any')).toThrow('There are no runs here.')
  })
})

describe('with a name', () => {
  const runs = [
    known('7f3b', { plan: 'stories' }),
    known('7f3a', { plan: 'audit', isLive: true }),
    known('12', { plan: 'audit' }),
  ]

  test.each([
    ['7f3a', '7f3a'],
    ['1', '12'],
    ['stories', '7f3b'],
    ['audit', '7f3a'],
    ['last', '7f3b'],
  ])('%s means %s', (name, run) => {
    expect(chosen(runs, name, 'any')).toBe(run)
  })

  test('a beginning that several have, and one that none has, exit 4', () => {
    expect(() => chosen(runs, '7f', 'any')).toThrow('Several runs begin with 7f.')
    expect(() => chosen(runs, 'zz', 'any')).toThrow('There is no run zz.')
  })

  test('who wants to steer is told that an ended run is not live', () => {
    expect(() => chosen(runs, '12', 'live')).toThrow('Run 12 of audit, succeeded is not live.')
  })
})
