import { expect, test } from 'bun:test'
import { DAY, HOUR, MINUTE } from '../../../src/core/time.ts'
import { DayCount, type DayMemory, type KeptDay } from '../../../src/services/sources/day.ts'
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

/** A machine that goes on running while its clock is set and its processes come and go. */
function machine() {
  const hand = handClock(NOON)
  let boot = 'one'
  let bootedAt = -HOUR
  let kept: KeptDay | null = null
  const clock = Object.assign(hand, { uptime: () => ({ boot, uptime: hand.monotonic() - bootedAt }) })
  const memory: DayMemory = {
    kept: () => kept,
    keep: (day) => {
      kept = day
    },
  }
  return {
    clock,
    memory,
    process: (): DayCount => {
      const days = new DayCount(clock, memory)
      days.start()
      return days
    },
    reboot: (): void => {
      boot = 'two'
      bootedAt = clock.monotonic()
    },
  }
}

test.each([
  // The clock is set by, the process is away for → the day, and what is left of it
  [DAY, 0, TODAY, 12 * HOUR],
  [-DAY, 0, TODAY, 12 * HOUR],
  [7 * DAY, MINUTE, TODAY, 12 * HOUR - MINUTE],
  [DAY, 11 * HOUR, TODAY, HOUR],
  [0, 13 * HOUR, TODAY + 1, 23 * HOUR],
  [0, 3 * DAY, TODAY + 3, 12 * HOUR],
  [DAY, 13 * HOUR, TODAY + 2, 23 * HOUR],
  [-DAY, 13 * HOUR, TODAY + 1, 23 * HOUR],
])('a clock set by %d ms and a restart after %d ms', (step, away, day, left) => {
  const { clock, process } = machine()
  process()
  clock.jump(step)
  clock.advance(away)
  const days = process()
  expect([days.today() - TODAY, days.untilTomorrow() / HOUR]).toEqual([day - TODAY, left / HOUR])
})

test('over a boot of the machine, or without a memory, the clock is believed', () => {
  const { clock, memory, process, reboot } = machine()
  process()
  clock.jump(DAY)
  expect(process().today()).toBe(TODAY)
  reboot()
  expect(process().today()).toBe(TODAY + 1)
  expect(new DayCount({ ...clock, uptime: () => null }, memory).today()).toBe(TODAY + 1)
})

test('who only looks keeps nothing', () => {
  const { clock, memory } = machine()
  const days = new DayCount(clock, memory)
  clock.advance(DAY)
  days.today()
  expect(memory.kept()).toBeNull()
})
