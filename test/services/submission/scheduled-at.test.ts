import { expect, test } from 'bun:test'
import { DAY, HOUR } from '../../../src/core/time.ts'
import { LATE, MAX_AHEAD, parseScheduledAt } from '../../../src/services/submission/scheduled-at.ts'

const NOW = Date.UTC(2026, 10, 23, 12)
const iso = (at: number): string => new Date(at).toISOString()

test.each([
  ['2026-11-23T12:00:01Z', NOW + 1000],
  ['2026-11-23t13:00:01+01:00', NOW + 1000],
  ['2026-11-23 07:00:01-05:00', NOW + 1000],
  ['2026-11-23T17:45:00.250+05:45', NOW + 250],
  ['2026-11-23T12:00:00.0019Z', NOW + 1],
  ['2026-11-23T12:00:00.0009Z', null],
  [' 2026-11-23T12:00:01Z ', NOW + 1000],
  ['2026-11-23T12:00:00Z', null],
  [iso(NOW - LATE), null],
  [iso(NOW + MAX_AHEAD), NOW + MAX_AHEAD],
])('%s', (text, at) => {
  expect(parseScheduledAt(text, NOW)).toEqual({ ok: true, value: at })
})

test.each([
  [iso(NOW - LATE - 1), 'past'],
  [iso(NOW + MAX_AHEAD + 1), 'too_far'],
  ['9999-12-31T23:59:59Z', 'too_far'],
  ['0001-01-01T00:00:00Z', 'past'],
  ['2026-11-31T00:00:00Z', 'invalid'],
  ['2027-02-29T00:00:00Z', 'invalid'],
  ['2026-11-24', 'invalid'],
  ['2026-11-24T00:00Z', 'invalid'],
  ['2026-11-24T00:00:00', 'invalid'],
  ['2026-11-24T23:59:60Z', 'invalid'],
  ['2026-11-24T24:00:00Z', 'invalid'],
  ['2026-11-24T00:00:00+24:00', 'invalid'],
  ['+002026-11-24T00:00:00Z', 'invalid'],
  ['1764000000', 'invalid'],
  ['in 5 minutes', 'invalid'],
  ['', 'invalid'],
  ['\ud83d', 'invalid'],
])('%s is refused', (text, code) => {
  const read = parseScheduledAt(text, NOW)
  expect(read).toMatchObject({ ok: false, error: { code } })
  expect(!read.ok && read.error.message.isWellFormed()).toBe(true)
})

test('a leap day a year ahead is within a year', () => {
  const start = Date.UTC(2027, 1, 28)
  expect(parseScheduledAt(iso(start + 366 * DAY), start).ok).toBe(true)
  expect(parseScheduledAt(iso(start + 366 * DAY + HOUR), start).ok).toBe(false)
})
