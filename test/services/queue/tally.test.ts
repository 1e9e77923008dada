import { expect, test } from 'bun:test'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { Tally } from '../../../src/services/queue/tally.ts'

test('five minutes are counted, what is older is not', () => {
  const tally = new Tally(0)
  tally.delivered(0)
  tally.failed(4 * MINUTE)
  tally.delivered(4 * MINUTE)
  expect(tally.counted(5 * MINUTE)).toEqual({ delivered: 2, deferred: 1 })
  expect(tally.counted(5 * MINUTE + 10 * SECOND)).toEqual({ delivered: 1, deferred: 1 })
  expect(tally.counted(60 * MINUTE)).toEqual({ delivered: 0, deferred: 0 })
})

test('the rate is that of the last ten to twenty seconds', () => {
  const tally = new Tally(0)
  for (let now = 0; now < 30 * SECOND; now += 100) tally.delivered(now)
  for (let now = 25 * SECOND; now < 30 * SECOND; now += 1000) tally.failed(now)
  const { delivered, tried } = tally.rates(30 * SECOND - 1)
  expect(delivered).toBeCloseTo(10, 1)
  expect(tried).toBeCloseTo(10.25, 1)
  expect(tally.rates(60 * SECOND)).toEqual({ delivered: 0, tried: 0 })
})
