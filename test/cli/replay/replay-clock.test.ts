import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReplayClock } from '../../../src/cli/replay/replay-clock.ts'
import { wallTime } from '../../../src/model/units.ts'

const HOUR = 3_600_000
/** Something is expected soon enough to be no silence. */
function clockAt(speed: number, next = 4000 * speed): ReplayClock {
  const clock = new ReplayClock(wallTime(0), 0, speed)
  clock.expect(wallTime(0), wallTime(next))
  return clock
}

test('time passes as fast as it is told', () => {
  expect(clockAt(10).now(1000)).toBe(10_000)
  expect(clockAt(0.5).now(1000)).toBe(500)
})

test('the shown time waits for what comes next, and what is due is known exactly', () => {
  const clock = clockAt(10, 5000)
  expect(clock.now(1000)).toBe(5000)
  expect(clock.target(1000)).toBe(10_000)
  clock.expect(wallTime(5000), wallTime(20_000))
  expect(clock.now(1000)).toBe(10_000)
})

test('pause stands still, and goes on where it was', () => {
  const clock = clockAt(10)
  clock.togglePause(1000)
  expect([clock.now(1000), clock.now(9000), clock.target(9000)]).toEqual([10_000, 10_000, 10_000])
  clock.togglePause(9000)
  expect(clock.now(9100)).toBe(11_000)
})

test('faster and slower go by round steps, and end at the fastest and slowest', () => {
  const clock = new ReplayClock(wallTime(0), 0, 3)
  const speeds = (change: 'faster' | 'slower', times: number) =>
    Array.from({ length: times }, () => {
      clock[change](0)
      return clock.speed
    })
  expect(speeds('faster', 3)).toEqual([5, 10, 20])
  expect(speeds('slower', 7)).toEqual([10, 5, 2, 1, 0.5, 0.2, 0.1])
  expect(speeds('slower', 1)).toEqual([0.1])
  expect(speeds('faster', 20).at(-1)).toBe(10_000)
})

test('another speed leaves the moment as it is', () => {
  const clock = clockAt(10)
  clock.faster(1000)
  expect(clock.now(1000)).toBe(10_000)
  expect(clock.now(2000)).toBe(30_000)
})

test('a silence of hours is crossed in five seconds, whatever the speed, and said', () => {
  for (const speed of [0.1, 1, 10, 1000]) {
    const clock = new ReplayClock(wallTime(0), 0, speed)
    expect(clock.expect(wallTime(0), wallTime(20 * HOUR))).toBe(20 * HOUR)
    expect(clock.now(2500)).toBe(10 * HOUR)
    expect(clock.now(5000)).toBe(20 * HOUR)
    clock.expect(wallTime(20 * HOUR), wallTime(20 * HOUR + speed * 1000))
    expect(clock.now(5500)).toBeCloseTo(20 * HOUR + speed * 500)
  }
})

test('a silence that is over soon is played as it was, and none is said that is hardly shortened', () => {
  const clock = new ReplayClock(wallTime(0), 0, 10)
  expect(clock.expect(wallTime(0), wallTime(50_000))).toBeUndefined()
  expect(clock.now(1000)).toBe(10_000)
  expect(new ReplayClock(wallTime(0), 0, 10).expect(wallTime(0), wallTime(80_000))).toBeUndefined()
})

test('time in which nobody was there to play does not count', () => {
  const clock = clockAt(10)
  clock.skip(1000, HOUR)
  expect(clock.now(HOUR)).toBe(10_000)
})

test('whatever is pressed when, time never goes back and never passes what comes next', () => {
  const step = fc.record({
    ms: fc.integer({ min: 0, max: 3000 }),
    key: fc.constantFrom('togglePause', 'faster', 'slower', 'none'),
  })
  fc.assert(
    fc.property(fc.array(step), fc.array(fc.integer({ min: 1, max: 500_000 }), { minLength: 1 }), (steps, gaps) => {
      const clock = new ReplayClock(wallTime(0), 0, 10)
      const moments = gaps.map((_, place) => gaps.slice(0, place + 1).reduce((sum, gap) => sum + gap, 0))
      let next = 0
      let real = 0
      let shown = 0
      clock.expect(wallTime(0), wallTime(moments[0] ?? 0))
      for (const { ms, key } of steps) {
        real += ms
        while (next < moments.length - 1 && (moments[next] ?? 0) <= clock.target(real)) {
          clock.expect(wallTime(moments[next] ?? 0), wallTime(moments[next + 1] ?? 0))
          next += 1
        }
        if (key !== 'none') clock[key](real)
        expect(clock.now(real)).toBeGreaterThanOrEqual(shown - 0.001)
        expect(clock.now(real)).toBeLessThanOrEqual(moments[next] ?? 0)
        shown = clock.now(real)
      }
    }),
  )
})
