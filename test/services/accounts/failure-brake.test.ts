import { expect, test } from 'bun:test'
import { MINUTE } from '../../../src/core/time.ts'
import { FailureBrake } from '../../../src/services/accounts/failure-brake.ts'

const waits = (brake: FailureBrake, address: string, prefix: string, times: number): number[] =>
  Array.from({ length: times }, () => brake.failed(address, prefix, 0))

test('slips are free, then each failure costs double, up to ten seconds', () => {
  expect(waits(new FailureBrake(), '192.0.2.1', 'mwk_live_aaaa', 11)).toEqual([
    0, 0, 0, 250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000,
  ])
})

test('one address that tries many keys is slowed down', () => {
  const brake = new FailureBrake()
  for (let i = 0; i < 6; i++) brake.failed('192.0.2.1', `mwk_live_${i}`, 0)
  expect(brake.failed('192.0.2.1', 'mwk_live_new', 0)).toBe(2000)
  expect(brake.failed('192.0.2.2', 'mwk_live_other', 0)).toBe(0)
})

test('many addresses that try one key are slowed down', () => {
  const brake = new FailureBrake()
  for (let i = 0; i < 6; i++) brake.failed(`192.0.2.${i}`, 'mwk_live_aaaa', 0)
  expect(brake.failed('192.0.2.99', 'mwk_live_aaaa', 0)).toBe(2000)
})

test('each minute forgives one failure', () => {
  const brake = new FailureBrake()
  waits(brake, 'a', 'p', 6)
  expect(brake.failed('a', 'p', 3 * MINUTE)).toBe(250)
  expect(brake.failed('a', 'p', 60 * MINUTE)).toBe(0)
})

test('a right key clears its address, not the prefix that others try', () => {
  const brake = new FailureBrake()
  waits(brake, 'a', 'p', 6)
  brake.succeeded('a')
  expect(brake.failed('a', 'q', 0)).toBe(0)
  expect(brake.failed('b', 'p', 0)).toBe(2000)
})

test('memory is bounded: the oldest is pushed out', () => {
  const brake = new FailureBrake()
  waits(brake, 'first', 'first', 6)
  for (let i = 0; i < 20_000; i++) brake.failed(`a${i}`, `p${i}`, 0)
  expect(brake.failed('first', 'first', 0)).toBe(0)
})
