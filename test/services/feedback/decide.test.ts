import { expect, test } from 'bun:test'
import { DAY } from '../../../src/core/time.ts'
import { type Decision, decide, type Judged, windowFrom } from '../../../src/services/feedback/decide.ts'

const domain = { kind: 'domain', name: 'example.com' } as const

test.each<readonly [Judged['before'], Judged['level'], resumed: boolean, Decision]>([
  [null, 'ok', false, 'keep'],
  [null, 'warned', false, 'warned'],
  [null, 'paused', false, 'paused'],
  ['warned', 'ok', false, 'remove'],
  ['warned', 'warned', false, 'keep'],
  ['warned', 'paused', false, 'paused'],
  // Who sends nothing would get well by himself.
  ['paused', 'ok', false, 'keep'],
  ['paused', 'warned', false, 'keep'],
  ['paused', 'paused', false, 'keep'],
  // What was before it was resumed is remembered as long as it would count.
  ['resumed', 'ok', true, 'keep'],
  ['resumed', 'ok', false, 'remove'],
  ['resumed', 'warned', true, 'warned'],
  ['resumed', 'paused', true, 'paused'],
  ['warned', 'ok', true, 'resumed'],
])('%p, found %p, resumed lately %p: %p', (before, level, isResumed, want) => {
  expect(decide({ ...domain, before, level, resumedAt: isResumed ? 1 : null })).toBe(want)
})

test('transactional mail is warned of, never paused', () => {
  const of = (name: string, before: Judged['before']) =>
    decide({ kind: 'stream', name, level: 'paused', before, resumedAt: null })
  expect(of('transactional', null)).toBe('warned')
  expect(of('transactional', 'warned')).toBe('keep')
  expect(of('marketing', null)).toBe('paused')
})

test('seven days: the one that goes on, and six before it', () => {
  const midnight = Date.parse('2027-01-15T00:00:00Z')
  expect(windowFrom(midnight)).toBe(midnight - 6 * DAY)
  expect(windowFrom(midnight + DAY - 1)).toBe(midnight - 6 * DAY)
})
