import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { BounceReason } from '../../../src/core/failure.ts'
import { HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import { namedWait } from '../../../src/services/queue/named-wait.ts'
import { nextAttemptAt, type RetryFacts } from '../../../src/services/queue/retry.ts'

const EXPIRES = 120 * HOUR
const PLAIN: RetryFacts = {
  attemptsMade: 1,
  expiresAt: EXPIRES,
  reason: 'system',
  policyDeferral: false,
  named: null,
}
const waitAfter = (facts: Partial<RetryFacts>, now = 0, dice = 0.5): number | 'expired' => {
  const got = nextAttemptAt({ ...PLAIN, ...facts }, { now, dice })
  return got === 'expired' ? got : (got - now) / MINUTE
}

// docs/delivery.md shows this table to operators.
test.each([
  // reason → waits in minutes after the first attempt, the second, and so on
  ['system', [1, 5, 10, 20, 40, 60, 120, 240, 240]],
  ['network', [1, 5, 10, 20, 40, 60, 120, 240, 240]],
  ['dns', [1, 5, 10, 20, 40, 60, 120, 240, 240]],
  ['too_many_connections', [1, 5, 10, 20, 40, 60, 120, 240, 240]],
  ['greylisted', [1, 5, 10, 10, 10, 20, 40, 60, 120, 240, 240]],
  ['rate_limited', [15, 15, 15, 20, 40, 60, 120, 240, 240]],
  ['blocked', [15, 15, 15, 20, 40, 60, 120, 240, 240]],
  ['reputation', [15, 15, 15, 20, 40, 60, 120, 240, 240]],
  ['tls', [15, 15, 15, 20, 40, 60, 120, 240, 240]],
  ['mailbox_full', [60, 240, 480, 480]],
  ['uncertain', [5, 5, 10, 20, 40, 60, 120, 240, 240]],
  ['internal', [1, 1, 2, 5, 10, 10]],
] as const satisfies readonly (readonly [BounceReason, readonly number[]])[])(
  '%s waits %p',
  (reason, want) => {
    expect(want.map((_, made) => waitAfter({ reason, attemptsMade: made + 1 }))).toEqual([...want])
  },
)

test.each([
  // reason, attempts made, named seconds → wait in minutes
  ['system', 1, 15],
  ['other', 3, 15],
  ['system', 4, 20],
  ['greylisted', 1, 1],
  ['mailbox_full', 1, 60],
] as const)('4.7.Z with %s after %i attempts waits %p', (reason, attemptsMade, want) => {
  expect(waitAfter({ reason, attemptsMade, policyDeferral: true })).toBe(want)
})

test.each([
  // reason, attempts made, seconds named → minutes without the spread
  ['greylisted', 1, 300, 5],
  ['greylisted', 1, 20, 1],
  ['rate_limited', 1, 300, 5],
  ['system', 2, 86_400, 240],
  ['greylisted', 6, 300, 5],
  // It goes on naming five minutes: by then our own schedule is the longer one.
  ['greylisted', 8, 300, 60],
] as const)('%s after %i attempts with %i s named waits %p', (reason, attemptsMade, seconds, want) => {
  expect(waitAfter({ reason, attemptsMade, named: seconds * SECOND }, 0, 0)).toBe(want)
  // Never earlier than it was told.
  expect(Number(waitAfter({ reason, attemptsMade, named: seconds * SECOND }, 0, 0.99))).toBeGreaterThan(want)
})

test.each([
  ['Greylisted, try again in 5 minutes', 300],
  ['4.7.1 Please wait 10 min before retrying', 600],
  ['Greylisting in action, please come back in 00:04:32', 272],
  ['greylisted for 300 seconds', 300],
  ['Try again later, retry in 1 hour.', 3600],
  ['deferred; Retry-After: 120', 120],
  ['You are being delayed 60s', 60],
  ['Please retry after 2hrs', 7200],
  ['too many messages: 100 in 60 minutes', null],
  ['try again later', null],
  ['try again later. Limit is 30 minutes of CPU', null],
  ['mail from 10.0.0.5 deferred, 20 users', null],
  ['retry 5 connections', null],
  ['', null],
] as const)('%p names %p seconds', (text, want) => {
  const got = namedWait(text)
  expect(got === null ? null : got / SECOND).toBe(want)
})

test('a reply of any length is read at once', () => {
  const text = `${'retry again wait '.repeat(4000)}${'1'.repeat(64_000)}`
  const start = performance.now()
  expect(namedWait(text)).toBeNull()
  expect(performance.now() - start).toBeLessThan(50)
})

test('a burst that failed together returns spread over ±20 %', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (attemptsMade, dice) => {
        const facts = { ...PLAIN, attemptsMade, expiresAt: Number.MAX_SAFE_INTEGER }
        const middle = nextAttemptAt(facts, { now: 0, dice: 0.5 })
        const at = nextAttemptAt(facts, { now: 0, dice })
        if (at === 'expired' || middle === 'expired') throw new Error('expired without a reason')
        expect(at).toBeGreaterThanOrEqual(Math.floor(middle * 0.8))
        expect(at).toBeLessThanOrEqual(Math.ceil(middle * 1.2))
      },
    ),
  )
})

test('a login code with expires_after 10m gets its tries, the last one just before the end', () => {
  const expiresAt = 10 * MINUTE
  const at = (attemptsMade: number, now: number) =>
    nextAttemptAt({ ...PLAIN, attemptsMade, expiresAt }, { now, dice: 0.5 })
  expect(at(1, 0)).toBe(1 * MINUTE)
  expect(at(2, 1 * MINUTE)).toBe(6 * MINUTE)
  const last = at(3, 6 * MINUTE)
  expect(last).toBe(10 * MINUTE - 35 * SECOND)
  expect(at(4, Number(last))).toBe('expired')
})

test('whatever the dice say, there is one last try and no second one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 400 * 60 }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (attemptsMade, secondsLeft, dice) => {
        const facts = { ...PLAIN, attemptsMade, expiresAt: secondsLeft * SECOND }
        const at = nextAttemptAt(facts, { now: 0, dice })
        if (at === 'expired') return expect(secondsLeft).toBeLessThanOrEqual(72)
        expect(at).toBeGreaterThan(0)
        expect(at).toBeLessThanOrEqual(facts.expiresAt)
      },
    ),
  )
})

test('a clock that was set a day ahead is no age', () => {
  const facts = { ...PLAIN, expiresAt: 12 * HOUR }
  const now = 24 * HOUR + MINUTE
  expect(nextAttemptAt(facts, { now, dice: 0.5 })).toBe('expired')
  expect(nextAttemptAt(facts, { now, dice: 0.5, ahead: 24 * HOUR })).toBe(now + MINUTE)
})
