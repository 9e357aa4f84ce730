import { expect, test } from 'vitest'
import { decodeSample, encodeSample, timeOfSample } from '../../src/journal/samples.ts'
import { threadNumber } from '../../src/model/ids.ts'
import { bytes, wallTime } from '../../src/model/units.ts'

const thread = { thread: threadNumber(3), used: bytes(70), cpu: 0.123 }
const system = { total: bytes(1000), available: bytes(400) }
const look = { at: 1234.5, budget: bytes(500), used: bytes(70), cap: bytes(200), system, threads: [thread] }

test('what was written of a look is read again, in whole ms and hundredths of a core', () => {
  const line = encodeSample(look)
  expect(line.indexOf('\n')).toBe(line.length - 1)
  expect(timeOfSample(line)).toBe(1235)
  const sample = { system, threads: [{ ...thread, cpu: 0.12 }] }
  expect(decodeSample(line)).toEqual({ at: wallTime(1235), sample, budget: 500, cap: 200 })
  expect(decodeSample(encodeSample({ ...look, threads: [] }))).toMatchObject({ cap: undefined })
})

test('what is no such line is none', () => {
  const line = encodeSample(look)
  expect(
    [line.slice(0, 40), '', '{"at":6,"threads":[]}', line.replace('"used":70,"cap"', '"cap"')].map(decodeSample),
  ).toEqual(Array(4).fill(undefined))
  expect(timeOfSample('{"on":6}')).toBeUndefined()
})
