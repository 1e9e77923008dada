import { expect, test } from 'bun:test'
import { MINUTE } from '../../../src/core/time.ts'
import { Throttle } from '../../../src/services/inbound/throttle.ts'

test('each neighbourhood has its share, all together theirs, and both fill again', () => {
  const throttle = new Throttle({ each: 2, all: 3, window: MINUTE })
  const allowed = (who: string, now: number) => throttle.allows(who, now)
  expect([allowed('a', 0), allowed('a', 0), allowed('a', 0)]).toEqual([true, true, false])
  expect([allowed('b', 0), allowed('b', 0), allowed('c', 0)]).toEqual([true, false, false])
  expect([allowed('a', MINUTE / 3), allowed('a', MINUTE / 3)]).toEqual([false, false])
  expect([allowed('b', MINUTE / 2), allowed('c', MINUTE / 2)]).toEqual([true, false])
  expect([allowed('a', 2 * MINUTE), allowed('b', 2 * MINUTE), allowed('c', 2 * MINUTE)]).toEqual([
    true,
    true,
    true,
  ])
})

test('so many strangers that memory would grow are forgotten, and nobody else is let through for it', () => {
  const throttle = new Throttle({ each: 1, all: 1e9, window: MINUTE })
  for (let at = 0; at < 20_000; at++) throttle.allows(`n${at}`, 0)
  expect(throttle.allows('n19999', 0)).toBe(false)
  expect(throttle.allows('n0', 0)).toBe(true)
})
