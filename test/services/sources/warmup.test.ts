import { expect, test } from 'bun:test'
import {
  type Answered,
  after,
  coldOn,
  FIRST_BUDGET,
  isHealthy,
  LEAST_BUDGET,
  onDay,
  roomOf,
  WARM_BUDGET,
  type Warmth,
} from '../../../src/services/sources/warmup.ts'

const day = (of: Partial<Warmth>): Warmth => ({ ...coldOn(100), ...of })

test.each([
  ['a full and healthy day', { sent: 50 }, 75],
  ['half of it used', { sent: 25 }, 75],
  ['less than half of it used', { sent: 24 }, 50],
  ['no use at all', {}, 50],
  ['4 % put off', { budget: 1000, sent: 960, deferred: 40 }, 1500],
  ['5 % put off', { budget: 1000, sent: 950, deferred: 50 }, 1000],
  ['1.9 % hard bounces', { budget: 1000, sent: 1000, hardBounced: 19 }, 1500],
  ['2 % hard bounces', { budget: 1000, sent: 1000, hardBounced: 20 }, 1000],
  ['0.09 % complaints', { budget: 10_000, sent: 10_000, complained: 9 }, 15_000],
  ['0.1 % complaints', { budget: 10_000, sent: 10_000, complained: 10 }, 10_000],
  ['a complaint and nothing else', { sent: 0, complained: 1 }, 50],
  ['a block', { budget: 25, sent: 50, blocked: 1 }, 25],
] as const)('after %s the next budget is as it must be', (_, of, want) => {
  expect(onDay(day(of), 101, 1)).toEqual({ ...coldOn(101), budget: want })
})

test('sixteen healthy days make it warm, and then no budget binds', () => {
  let warmth = coldOn(1)
  let days = 0
  while (warmth.warmAt === null) {
    expect(roomOf(warmth)).toBe(warmth.budget)
    warmth = onDay({ ...warmth, sent: warmth.budget }, warmth.day + 1, warmth.day)
    days += 1
  }
  expect(days).toBe(15)
  expect(warmth).toMatchObject({ budget: WARM_BUDGET, warmAt: 15 })
  expect(roomOf({ ...warmth, sent: 1_000_000 })).toBe(Number.POSITIVE_INFINITY)
  expect(onDay({ ...warmth, complained: 5 }, 200, 77)).toMatchObject({ warmAt: 15 })
})

test('a block halves the budget at once, once a day, and never below its floor', () => {
  const blocked = after(day({ budget: 1000 }), 'blocked')
  expect(blocked).toMatchObject({ budget: 500, blocked: 1 })
  expect(after(blocked, 'blocked')).toMatchObject({ budget: 500, blocked: 2 })
  const tomorrow = onDay(blocked, 101, 1)
  expect(after(tomorrow, 'blocked').budget).toBe(250)
  expect(after(day({ budget: 30 }), 'blocked').budget).toBe(LEAST_BUDGET)
  expect(isHealthy(blocked)).toBe(false)
})

test('a clock that went back neither judges a day nor empties it', () => {
  const used = day({ sent: 50 })
  expect(onDay(used, 99, 1)).toBe(used)
  expect(onDay(used, 100, 1)).toBe(used)
})

test('days on which nobody looked count as days without use', () => {
  expect(onDay(day({ sent: 50 }), 130, 1)).toEqual({ ...coldOn(130), budget: 75 })
})

test.each([
  ['sent', 1, true],
  ['hard-bounced', 1, false],
  ['deferred', 0, false],
  ['complained', 0, false],
  ['blocked', 0, false],
] as const satisfies readonly (readonly [Answered, number, boolean])[])(
  '%s takes %i of the budget',
  (answered, takes, healthy) => {
    const end = after(coldOn(1), answered)
    expect(end.sent).toBe(takes)
    expect(isHealthy(end)).toBe(healthy)
  },
)

test('what is left never falls below nothing', () => {
  expect(roomOf(day({ sent: 20 }))).toBe(FIRST_BUDGET - 20)
  expect(roomOf(day({ sent: 60 }))).toBe(0)
})
