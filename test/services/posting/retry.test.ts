import { expect, test } from 'bun:test'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import { nextTry, retryAfter } from '../../../src/services/posting/retry.ts'

test.each([
  [1, 0, 5 * SECOND],
  [2, 5 * SECOND, MINUTE],
  [4, 10 * MINUTE, 30 * MINUTE],
  [8, DAY, 12 * HOUR],
  [30, 2 * DAY, 12 * HOUR],
  [31, 3 * DAY - 12 * HOUR, 12 * HOUR],
  [31, 3 * DAY - 12 * HOUR + 1, null],
] as const)('after %i tries at the age of %i ms the next wait is %p', (attempts, age, want) => {
  expect(nextTry(attempts, age, 0.5)).toBe(want)
})

test('waits differ by a tenth either way', () => {
  expect([nextTry(2, 0, 0), nextTry(2, 0, 1)]).toEqual([54 * SECOND, 66 * SECOND])
})

test.each([
  [undefined, null],
  ['120', 120 * SECOND],
  [' 0 ', 0],
  ['Fri, 02 Jan 2026 00:10:00 GMT', 10 * MINUTE],
  ['Thu, 01 Jan 2026 00:00:00 GMT', 0],
  ['soon', null],
  ['-5', null],
])('Retry-After: %p is %p', (field, want) => {
  expect(retryAfter(field, Date.UTC(2026, 0, 2))).toBe(want)
})
