import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { SECOND } from '../../../src/core/time.ts'
import { Pace } from '../../../src/services/queue/pace.ts'

/** When messages went, if as many as possible are sent for so long. */
function sentAt(pace: Pace, rate: number, from: number, to: number): number[] {
  const at: number[] = []
  for (let now = from; now < to; ) {
    const wait = pace.take(rate, now)
    if (wait === 0) at.push(now)
    else now += wait
  }
  return at
}

test.each([0.1, 1, 3, 10, 333, 1000])('%p a second, and none at once in the beginning', (rate) => {
  const at = sentAt(new Pace(0), rate, 0, 100 * SECOND)
  expect(at.length).toBeGreaterThan(rate * 100 * 0.95 - 2)
  expect(at.length).toBeLessThanOrEqual(rate * 100 + 1)
  expect(at[0]).toBeGreaterThan(0)
})

test('after an hour of silence a quarter of a second may go at once, no more', () => {
  const pace = new Pace(0)
  const hour = 3600 * SECOND
  const at = sentAt(pace, 100, hour, hour + SECOND)
  expect(at.filter((time) => time === hour).length).toBe(25)
  expect(at.length).toBeLessThanOrEqual(126)
})

test('in no second goes more than the rate and its quarter, whatever pauses there are', () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(pauses, fc.integer({ min: 4, max: 200 }), (gaps, rate) => {
      const pace = new Pace(0)
      const at: number[] = []
      let now = 0
      for (const gap of gaps) {
        now += gap
        while (pace.take(rate, now) === 0) at.push(now)
      }
      for (const from of at) {
        const within = at.filter((time) => time >= from && time < from + SECOND).length
        expect(within).toBeLessThanOrEqual(Math.ceil(rate * 1.25) + 1)
      }
    }),
  )
})
