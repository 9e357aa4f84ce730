import { describe, expect, test } from 'vitest'
import { chooseUnfinished } from '../../src/cli/unfinished.ts'
import { knownRun } from './known-run.ts'

const interrupted = (run: string, plan = 'p') => knownRun(run, { plan, end: 'none' })
const stopped = (run: string, plan = 'p') => knownRun(run, { plan, end: 'stopped' })
const over = (run: string, plan = 'p') => knownRun(run, { plan, end: 'succeeded' })
const live = (run: string, plan = 'p') => knownRun(run, { plan, isLive: true })

const chosen = (...args: Parameters<typeof chooseUnfinished>) => chooseUnfinished(...args).info.run

describe('without a name', () => {
  test('the newest run with work left that is the last of its plan is meant, interrupted or stopped', () => {
    expect(chosen([over('d', 'x'), live('c', 'y'), stopped('b'), interrupted('a', 'z')], undefined)).toBe('b')
    expect(chosen([interrupted('b'), stopped('a')], undefined)).toBe('b')
  })

  test.each([
    ['has ended', over('c', 'x')],
    ['is live', live('c', 'x')],
  ])('a run is not meant where a newer one of its plan %s', (_how, newer) => {
    expect(chosen([newer, interrupted('b', 'x'), stopped('a', 'y')], undefined)).toBe('a')
    expect(() => chosen([newer, interrupted('b', 'x')], undefined)).toThrow('There is no run here to go on with.')
  })

  test('plans of one name in two files are two plans', () => {
    const moved = over('b')
    const elsewhere = { ...moved, info: { ...moved.info, planPath: '/elsewhere/p.yaml' } }
    expect(chosen([elsewhere, interrupted('a')], undefined)).toBe('a')
  })

  test('runs of other state folders are not meant', () => {
    const there = { ...interrupted('b'), isHere: false }
    expect(chosen([there, stopped('a')], undefined)).toBe('a')
  })

  test('it tells how many plans have such runs', () => {
    const runs = [stopped('d', 'x'), interrupted('c', 'x'), interrupted('b', 'y'), over('a', 'z')]
    expect(chooseUnfinished(runs, undefined).plans).toBe(2)
    expect(chooseUnfinished(runs, 'c').plans).toBe(1)
  })

  test('where there is none, what there is instead is said, exit 4', () => {
    expect(() => chosen([over('b'), live('a')], undefined)).toThrow(
      expect.objectContaining({
        code: 'no-run',
        exit: 4,
        hint: expect.stringContaining('batchtop attach a') as string,
      }),
    )
    expect(() => chosen([over('b')], undefined)).toThrow('There is no run here to go on with.')
    expect(() => chosen([], undefined)).toThrow(expect.objectContaining({ hint: '`batchtop run PLAN` starts one.' }))
  })
})

describe('with a name', () => {
  test('that run is meant, wherever it is and whatever ran later', () => {
    expect(chosen([over('b'), interrupted('a')], 'a')).toBe('a')
    expect(chosen([interrupted('b'), { ...stopped('a'), isHere: false }], 'a')).toBe('a')
    expect(chosen([over('c', 'x'), interrupted('b', 'y')], 'y')).toBe('b')
  })

  test('a live one is to be attached to, exit 75', () => {
    expect(() => chosen([live('7f3a')], '7f')).toThrow(
      expect.objectContaining({ code: 'run-live', exit: 75, hint: 'batchtop attach 7f3a' }),
    )
  })

  test('one that is over has nothing to go on with, but what failed can be retried, exit 2', () => {
    expect(() => chosen([over('a')], 'a')).toThrow(expect.objectContaining({ code: 'run-over', exit: 2 }))
    expect(() => chosen([knownRun('a', { end: 'failed' })], 'a')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('`batchtop retry --failed -R a`') as string }),
    )
  })

  test('an unknown one, exit 4', () => {
    expect(() => chosen([over('a')], 'zz')).toThrow(expect.objectContaining({ code: 'no-run', exit: 4 }))
  })
})
