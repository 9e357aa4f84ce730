import { expect, test } from 'vitest'
import { given, withKept } from '../../src/cli/given.ts'
import type { StartOptions } from '../../src/cli/options.ts'
import { bytes, millis } from '../../src/model/units.ts'

const plain: StartOptions = { needs: true, color: true }

test('what a plan comes to and which files are written is kept, how a run is watched is not', () => {
  const options: StartOptions = {
    ...plain,
    threads: '50%',
    memoryPerThread: bytes(5),
    only: ['a', 'b'],
    checkpointInterval: millis(60_000),
    samples: millis(100),
    stateOnNetwork: true,
    changed: 'keep',
    json: true,
    quiet: true,
    ascii: true,
    plain: true,
    detach: true,
    foreground: true,
    stateDir: '/s',
  }
  expect(given(options)).toEqual({
    threads: '50%',
    memoryPerThread: 5,
    only: ['a', 'b'],
    needs: true,
    checkpointInterval: 60_000,
    samples: 100,
    stateOnNetwork: true,
  })
})

test('files are kept by their full paths: a run may be continued from another folder', () => {
  expect(given({ ...plain, output: 'out.log', events: '/e.jsonl' })).toMatchObject({
    output: `${process.cwd()}/out.log`,
    events: '/e.jsonl',
  })
})

test('options of the start hold unless they are given anew, and nothing else is taken from there', () => {
  const kept = { threads: '6', retries: 3, needs: true, output: '/o.log', json: true, color: false, unknown: 1 }
  expect(withKept(kept, { ...plain, retries: 5, events: 'e.jsonl' })).toEqual({
    ...plain,
    threads: '6',
    retries: 5,
    output: '/o.log',
    events: 'e.jsonl',
  })
})

test('needs that counted as met go on doing so', () => {
  expect(withKept({ needs: false }, plain).needs).toBe(false)
  expect(withKept({ needs: true }, { ...plain, needs: false }).needs).toBe(false)
  expect(withKept({}, plain).needs).toBe(true)
})

test('an option that is there but not said does not hide what was kept', () => {
  const unsaid = { ...plain, ...({ threads: undefined } as object) }
  expect(withKept({ threads: '6' }, unsaid)).toEqual({ ...plain, threads: '6' })
})
