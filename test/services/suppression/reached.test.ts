import { expect, test } from 'bun:test'
import { addressHash } from '../../../src/services/suppression/learning.ts'
import { Reached } from '../../../src/services/suppression/reached.ts'

/** As a stretch of the log brings them. */
function bring(reached: Reached, from: number, count: number): void {
  const fresh: number[] = []
  for (let at = from; at < from + count; at++) {
    const hash = addressHash(`user${at}@example.com`)
    if (reached.isSampled(hash) && !reached.has(hash)) fresh.push(hash)
  }
  reached.add(fresh, reached.cutFor(fresh))
}

test('few addresses are all remembered', () => {
  const reached = new Reached([], 1000)
  bring(reached, 0, 900)
  expect([reached.size, reached.share]).toEqual([900, 1])
  expect(reached.has(addressHash('user17@example.com'))).toBe(true)
})

test('of many a fair part stays, and it stays small', () => {
  const reached = new Reached([], 1000)
  for (let at = 0; at < 100_000; at += 100) bring(reached, at, 100)
  expect(reached.size).toBeLessThanOrEqual(1000)
  expect(reached.size).toBeGreaterThan(400)
  expect(reached.share).toBe(1 / 128)
  let found = 0
  for (let at = 0; at < 100_000; at++) if (reached.has(addressHash(`user${at}@example.com`))) found += 1
  expect(found).toBe(reached.size)
})

test('read back from the store it goes on with the same sample', () => {
  const before = new Reached([], 1000)
  for (let at = 0; at < 50_000; at += 100) bring(before, at, 100)
  const kept: number[] = []
  for (let at = 0; at < 50_000; at++) {
    const hash = addressHash(`user${at}@example.com`)
    if (before.has(hash)) kept.push(hash)
  }
  const after = new Reached(kept, 1000)
  expect([after.size, after.share]).toEqual([before.size, before.share])
  expect(new Reached([3, 5], 1000).share).toBe(1)
})
