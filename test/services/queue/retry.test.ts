import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { HOUR, MINUTE } from '../../../src/core/time.ts'
import { nextAttemptAt } from '../../../src/services/queue/retry.ts'

const EXPIRES = 120 * HOUR

test.each([
  // attempts made, age in hours, policy deferral → wait in minutes, or the end
  [1, 0, false, 1],
  [2, 0, false, 5],
  [3, 1, false, 10],
  [4, 1, false, 20],
  [5, 1, false, 40],
  [6, 2, false, 60],
  [7, 3, false, 120],
  [8, 5, false, 240],
  [40, 60, false, 240],
  [40, 116, false, 240],
  [40, 119, false, 'expired'],
  [1, 0, true, 15],
  [3, 0, true, 15],
  [4, 0, true, 20],
  [9, 10, true, 240],
] as const)(
  'after %i attempts at age %ih (policy: %p) the wait is %p',
  (attemptsMade, age, policyDeferral, want) => {
    const now = age * HOUR
    const got = nextAttemptAt({ attemptsMade, expiresAt: EXPIRES, policyDeferral }, { now, dice: 0.5 })
    expect(got === 'expired' ? got : (got - now) / MINUTE).toBe(want)
  },
)

test('a burst that failed together returns spread over ±20 %', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (attempts, dice) => {
        const facts = { attemptsMade: attempts, expiresAt: Number.MAX_SAFE_INTEGER, policyDeferral: false }
        const middle = nextAttemptAt(facts, { now: 0, dice: 0.5 })
        const at = nextAttemptAt(facts, { now: 0, dice })
        if (at === 'expired' || middle === 'expired') throw new Error('expired without a reason')
        expect(at).toBeGreaterThanOrEqual(Math.floor(middle * 0.8))
        expect(at).toBeLessThanOrEqual(Math.ceil(middle * 1.2))
      },
    ),
  )
})

test('a login code with expires_after 10m gets its second and third try, then ends', () => {
  const expiresAt = 10 * MINUTE
  const at = (attemptsMade: number, now: number) =>
    nextAttemptAt({ attemptsMade, expiresAt, policyDeferral: false }, { now, dice: 0.5 })
  expect(at(1, 0)).toBe(1 * MINUTE)
  expect(at(2, 1 * MINUTE)).toBe(6 * MINUTE)
  expect(at(3, 6 * MINUTE)).toBe('expired')
})

test('a clock that was set a day ahead is no age', () => {
  const facts = { attemptsMade: 1, expiresAt: 12 * HOUR, policyDeferral: false }
  const now = 24 * HOUR + MINUTE
  expect(nextAttemptAt(facts, { now, dice: 0.5 })).toBe('expired')
  expect(nextAttemptAt(facts, { now, dice: 0.5, ahead: 24 * HOUR })).toBe(now + MINUTE)
})
