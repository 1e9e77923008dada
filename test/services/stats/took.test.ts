import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DAY, MINUTE } from '../../../src/core/time.ts'
import { bucketOf, percentiles, TOOK_ENDS } from '../../../src/services/stats/took.ts'

const bucketsOf = (times: readonly number[]): Map<number, number> => {
  const buckets = new Map<number, number>()
  for (const took of times) buckets.set(bucketOf(took), (buckets.get(bucketOf(took)) ?? 0) + 1)
  return buckets
}

test('ends grow, the last is beyond a month, and their number is kept: their numbers stand in the store', () => {
  expect(TOOK_ENDS).toEqual([...TOOK_ENDS].sort((a, b) => a - b))
  expect(TOOK_ENDS.at(-1)).toBeGreaterThan(30 * DAY)
  expect(TOOK_ENDS.slice(0, 5)).toEqual([10, 13, 16, 20, 24])
  expect(TOOK_ENDS).toHaveLength(88)
})

test.each([
  [-5, 0],
  [0, 0],
  [10, 0],
  [11, 1],
  [13, 1],
  [14, 2],
  [MINUTE, 39],
  [100 * DAY, 87],
  [Number.NaN, 87],
])('%p ms is in bucket %p', (took, bucket) => expect(bucketOf(took)).toBe(bucket))

test('nothing delivered, nothing to tell', () => {
  expect(percentiles(new Map(), [0.5])).toBeNull()
  expect(percentiles(new Map([[3, 0]]), [0.5])).toBeNull()
})

test('a percentile lies in the bucket in which the true one lies', () => {
  const took = fc.integer({ min: 0, max: 5 * DAY })
  fc.assert(
    fc.property(
      fc.array(took, { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.9, 0.95, 0.99),
      (times, share) => {
        const inOrder = times.toSorted((a, b) => a - b)
        const truth = inOrder[Math.ceil(share * times.length) - 1] ?? Number.NaN
        const [told = Number.NaN] = percentiles(bucketsOf(times), [share]) ?? []
        const bucket = bucketOf(truth)
        expect(told).toBeGreaterThanOrEqual(TOOK_ENDS[bucket - 1] ?? 0)
        expect(told).toBeLessThanOrEqual(TOOK_ENDS[bucket] ?? Number.NaN)
      },
    ),
  )
})
