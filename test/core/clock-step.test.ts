import { expect, test } from 'bun:test'
import { ClockStep } from '../../src/core/clock-step.ts'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { handClock } from '../support/clock.ts'

const DAY = 24 * HOUR

test.each([
  // the clock is set by, and then mail accepted before it, and mail accepted after it, is younger by
  [0, 0, 0],
  [DAY, DAY, 0],
  [-DAY, 0, 0],
])('a step of %p ms', (by, before, after) => {
  const clock = handClock()
  const step = new ClockStep(clock)
  clock.advance(MINUTE)
  const old = clock.now()
  clock.advance(MINUTE)
  clock.jump(by)
  clock.advance(MINUTE)
  const fresh = clock.now()
  clock.advance(MINUTE)
  expect(step.since(old)).toBe(before)
  expect(step.since(fresh)).toBe(after)
})

test('a clock that is set ahead and back again was never set', () => {
  const clock = handClock()
  const step = new ClockStep(clock)
  const old = clock.now()
  clock.jump(DAY)
  clock.jump(-DAY)
  expect(step.since(old)).toBe(0)
})

test('what is told is whole milliseconds, as due times are, whatever fractions the monotonic clock has', () => {
  const clock = handClock()
  const step = new ClockStep({ ...clock, monotonic: () => clock.monotonic() * 1.000001 })
  clock.advance(12_345)
  clock.jump(-DAY)
  clock.advance(1)
  expect(step.since(clock.now() + DAY)).toBe(0)
  expect(step.setBack()).toBe(DAY)
  clock.jump(3 * DAY)
  clock.advance(777)
  expect(step.since(clock.now() - 3 * DAY)).toBe(2 * DAY)
})
