import { expect, test } from 'bun:test'
import type { DeliveryId } from '../../../src/core/ids.ts'
import { SECOND } from '../../../src/core/time.ts'
import { Moments } from '../../../src/services/engagement/moments.ts'

const COPY = 'msg_000000000001.0' as DeliveryId

test('different links within ten seconds are counted, the same one once', () => {
  const moments = new Moments()
  expect(moments.note(COPY, 1, 0)).toBe(1)
  expect(moments.note(COPY, 1, SECOND)).toBe(1)
  expect(moments.note(COPY, 2, 2 * SECOND)).toBe(2)
  expect(moments.note('msg_000000000001.1' as DeliveryId, 3, 2 * SECOND)).toBe(1)
  expect(moments.note(COPY, 3, 10 * SECOND)).toBe(3)
  expect(moments.note(COPY, 4, 12 * SECOND)).toBe(2)
  expect(moments.note(COPY, 5, 60 * SECOND)).toBe(1)
})

test('copies that are quiet are forgotten, and of many the oldest', () => {
  const moments = new Moments()
  for (let at = 0; at < 60_000; at++) moments.note(`msg_00000000000${at}.0` as DeliveryId, 1, 0)
  moments.forget(0)
  expect(moments.size).toBe(50_000)
  moments.note(COPY, 1, 10 * SECOND)
  moments.forget(10 * SECOND)
  expect(moments.size).toBe(1)
})

test('a hundred links of a copy take the room of a few', () => {
  const moments = new Moments()
  for (let link = 1; link < 100; link++) moments.note(COPY, link, link)
  expect(moments.note(COPY, 100, 100)).toBe(8)
})

test('a clock that was set back forgets nobody for ever', () => {
  const moments = new Moments()
  moments.note(COPY, 1, 1000 * SECOND)
  moments.note('msg_000000000001.1' as DeliveryId, 1, 0)
  moments.forget(0)
  expect(moments.size).toBe(1)
})
