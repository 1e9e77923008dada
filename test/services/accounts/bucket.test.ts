import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Bucket, limitsOf } from '../../../src/services/accounts/bucket.ts'

/** The store's bucket: grants all that is wanted while it holds anything (decision 12). */
function sharedBucket(ratePerSecond: number) {
  const limits = limitsOf(ratePerSecond)
  const shared = { tokens: limits.capacity, at: 0, now: 0, leases: 0 }
  const around = {
    now: () => shared.now,
    lease: async (want: number) => {
      shared.leases++
      shared.tokens = Math.min(
        limits.capacity,
        shared.tokens + ((shared.now - shared.at) / 1000) * ratePerSecond,
      )
      shared.at = shared.now
      const granted = shared.tokens > 0 ? want : 0
      shared.tokens -= granted
      return { granted, left: shared.tokens }
    },
  }
  const node = () => {
    const bucket = new Bucket()
    return (want: number) => bucket.take(want, limits, around)
  }
  return { shared, node }
}

describe('one node', () => {
  test.each([
    // rate, then [time, want → allowed, retry after, remaining]
    {
      rate: 1,
      steps: [
        [0, 1, true, 0, 0],
        [1, 1, false, 999, 0],
        [999, 1, false, 1, 0],
        [1000, 1, true, 0, 0],
      ],
    },
    {
      rate: 1,
      steps: [
        [0, 5, true, 0, 0],
        [1000, 1, false, 4000, 0],
        [4999, 1, false, 1, 0],
        [5000, 1, true, 0, 0],
      ],
    },
    {
      rate: 10,
      steps: [
        [0, 1, true, 0, 9],
        [0, 4, true, 0, 5],
        [0, 9, true, 0, 0],
        [0, 1, false, 500, 0],
      ],
    },
    {
      rate: 2,
      steps: [
        [0, 2, true, 0, 0],
        [500, 1, true, 0, 0],
        [500, 1, false, 500, 0],
        [60_000, 2, true, 0, 0],
      ],
    },
    {
      rate: 0.5,
      steps: [
        [0, 1, true, 0, 0],
        [1999, 1, false, 1, 0],
        [2000, 1, true, 0, 0],
      ],
    },
  ] as const)('%j', async ({ rate, steps }) => {
    const { shared, node } = sharedBucket(rate)
    const take = node()
    for (const [at, want, allowed, retryAfter, remaining] of steps) {
      shared.now = at
      expect(await take(want)).toEqual({ allowed, retryAfter, remaining })
    }
  })

  test('what is refused asks nothing of the store', async () => {
    const { shared, node } = sharedBucket(10)
    const take = node()
    for (let i = 0; i < 500; i++) await take(1)
    expect(shared.leases).toBeLessThanOrEqual(3)
  })

  test('a full second costs three questions', async () => {
    const { shared, node } = sharedBucket(500)
    const take = node()
    for (let i = 0; i < 500; i++) expect((await take(1)).allowed).toBe(true)
    expect(shared.leases).toBe(3)
  })

  test('a crowd at once gets what there is, and no more', async () => {
    const { node } = sharedBucket(10)
    const take = node()
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => take(1)))
    expect(verdicts.filter((verdict) => verdict.allowed)).toHaveLength(10)
  })

  test('rest does not gather more than a second’s worth', async () => {
    const { shared, node } = sharedBucket(10)
    const take = node()
    await take(1)
    await take(1)
    shared.now = 3_600_000
    let passed = 0
    for (let i = 0; i < 50; i++) passed += (await take(1)).allowed ? 1 : 0
    expect(passed).toBe(10)
  })

  test('retry after is kept: not a millisecond before, and surely then', async () => {
    const step = fc.record({ wait: fc.integer({ min: 0, max: 3000 }), want: fc.integer({ min: 1, max: 30 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 3, 10, 50),
        fc.array(step, { maxLength: 20 }),
        async (rate, steps) => {
          const { shared, node } = sharedBucket(rate)
          const take = node()
          for (const { wait, want } of steps) {
            shared.now += wait
            const verdict = await take(want)
            if (verdict.allowed) continue
            shared.now += verdict.retryAfter - 1
            expect((await take(want)).allowed).toBe(false)
            shared.now += 1
            expect((await take(want)).allowed).toBe(true)
          }
        },
      ),
    )
  })
})

test('a debt that the store could not take is paid all the same', async () => {
  const { shared, node } = sharedBucket(10)
  const [one, other] = [node(), node()]
  await one(1)
  await one(1)
  await other(1)
  // The store is empty now, and one node still holds leased tokens.
  expect(await one(40)).toMatchObject({ allowed: true })
  const { allowed, retryAfter } = await one(1)
  expect(allowed).toBe(false)
  shared.now += retryAfter
  expect((await one(1)).allowed).toBe(true)
  shared.now += 3_600_000
  for (let i = 0; i < 5; i++) expect((await one(1)).allowed).toBe(true)
})

test('several nodes together keep the average', async () => {
  const { shared, node } = sharedBucket(10)
  const nodes = [node(), node(), node()]
  let passed = 0
  for (shared.now = 0; shared.now < 60_000; shared.now += 20) {
    for (const take of nodes) passed += (await take(1)).allowed ? 1 : 0
  }
  // 600 by the rate; each node may lease a second's worth beyond what is there.
  expect(passed).toBeGreaterThanOrEqual(590)
  expect(passed).toBeLessThanOrEqual(600 + 40)
})
