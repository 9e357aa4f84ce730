import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Countdown } from '../../src/threads/countdown.ts'
import { timeText } from '../../src/threads/words.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function countdown(): { readonly clock: Countdown; readonly due: ReturnType<typeof vi.fn<() => void>> } {
  const due = vi.fn<() => void>()
  return { clock: new Countdown(due), due }
}

test('a countdown is due once, after its length', () => {
  const { clock, due } = countdown()
  clock.start(1000)
  vi.advanceTimersByTime(999)
  expect(due).not.toHaveBeenCalled()
  vi.advanceTimersByTime(10_000)
  expect(due).toHaveBeenCalledOnce()
})

test('every start begins anew, a shorter length too', () => {
  const { clock, due } = countdown()
  clock.start(1000)
  vi.advanceTimersByTime(900)
  clock.start(1000)
  vi.advanceTimersByTime(900)
  expect(due).not.toHaveBeenCalled()
  clock.start(50)
  vi.advanceTimersByTime(60)
  expect(due).toHaveBeenCalledOnce()
})

test('a stopped countdown is never due, and can start again', () => {
  const { clock, due } = countdown()
  clock.start(1000)
  clock.stop()
  vi.advanceTimersByTime(5000)
  expect(due).not.toHaveBeenCalled()
  clock.start(1000)
  vi.advanceTimersByTime(1001)
  expect(due).toHaveBeenCalledOnce()
})

test('frozen time does not count', () => {
  const { clock, due } = countdown()
  clock.start(1000)
  vi.advanceTimersByTime(600)
  clock.freeze()
  vi.advanceTimersByTime(60_000)
  clock.thaw()
  vi.advanceTimersByTime(399)
  expect(due).not.toHaveBeenCalled()
  vi.advanceTimersByTime(2)
  expect(due).toHaveBeenCalledOnce()
})

test('when the whole process stood still the time starts again', () => {
  const { clock, due } = countdown()
  clock.start(1000)
  // The clock jumps, the timers were not served meanwhile.
  const now = performance.now()
  const late = vi.spyOn(performance, 'now').mockReturnValue(now + 10_000)
  vi.advanceTimersByTime(1000)
  vi.runAllTicks()
  expect(due).not.toHaveBeenCalled()
  late.mockRestore()
})

test.each([
  [600_000, '10m'],
  [5_400_000, '1h30m'],
  [200, '200ms'],
  [90_061_000, '1d1h1m1s'],
  [0, '0s'],
])('%d ms reads %s', (ms, text) => {
  expect(timeText(ms)).toBe(text)
})
