import { expect, test } from 'bun:test'
import { DAY, HOUR, MINUTE } from '../../../src/core/time.ts'
import { DayCount } from '../../../src/services/sources/day.ts'
import { handClock } from '../../support/clock.ts'

const NOON = Date.UTC(2026, 0, 2, 12)
const TODAY = Math.floor(NOON / DAY)

test('a day ends at midnight UTC', () => {
  const clock = handClock(NOON)
  const days = new DayCount(clock)
  expect([days.today(), days.untilTomorrow()]).toEqual([TODAY, 12 * HOUR])
  clock.advance(12 * HOUR - 1)
  expect(days.today()).toBe(TODAY)
  clock.advance(1)
  expect([days.today(), days.untilTomorrow()]).toEqual([TODAY + 1, DAY])
})

test.each([
  ['forward', DAY],
  ['back', -DAY],
])('a clock that is set %s by a day gives no second day and takes none', (_, step) => {
  const clock = handClock(NOON)
  const days = new DayCount(clock)
  clock.jump(step)
  expect([days.today(), days.untilTomorrow()]).toEqual([TODAY, 12 * HOUR])
  clock.advance(12 * HOUR)
  const next = days.today()
  expect(next).toBe(step > 0 ? TODAY + 2 : TODAY + 1)
  expect(days.untilTomorrow()).toBe(DAY)
  clock.advance(DAY)
  expect(days.today()).toBe(next + 1)
})

test('after a correction by hours the days end at midnight again, and none is shorter than half a day', () => {
  const clock = handClock(NOON)
  const days = new DayCount(clock)
  clock.jump(8 * HOUR)
  clock.advance(12 * HOUR)
  expect([days.today(), days.untilTomorrow()]).toEqual([TODAY + 1, 16 * HOUR])
  clock.jump(-10 * MINUTE)
  clock.advance(16 * HOUR)
  expect([days.today(), days.untilTomorrow()]).toEqual([TODAY + 2, DAY + 10 * MINUTE])
})
