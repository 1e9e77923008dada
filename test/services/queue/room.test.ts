import { expect, test } from 'bun:test'
import type { StoredContent } from '../../../src/core/content.ts'
import type { ContentId } from '../../../src/core/ids.ts'
import { DELIVERY_OVERHEAD_OCTETS, Room } from '../../../src/services/queue/room.ts'

const content = (id: string, octets: number): StoredContent => ({
  id: id as ContentId,
  kind: 'submitted',
  bytes: new Uint8Array(octets),
  sha256: new Uint8Array(32),
})

test('a content that many deliveries share is counted once and freed with the last of them', () => {
  const room = new Room(1_000_000)
  const shared = content('cnt_a', 5000)
  room.enter(shared)
  room.enter(shared)
  expect(room.used).toBe(5000 + 2 * DELIVERY_OVERHEAD_OCTETS)
  room.leave(shared.id)
  expect(room.content(shared.id)).toBe(shared)
  room.leave(shared.id)
  expect(room.content(shared.id)).toBeNull()
  expect(room.used).toBe(0)
})

test('reservations are refused at the bound, and an empty room takes what is larger than itself', () => {
  const room = new Room(10_000)
  expect(room.reserve(1, 50_000)).toBe(true)
  expect(room.reserve(1, 1)).toBe(false)
  room.unreserve(1, 50_000)
  expect(room.reserve(2, 1000)).toBe(true)
  expect(room.reserve(100, 0)).toBe(false)
  room.unreserve(2, 1000)
  expect(room.used).toBe(0)
})

test('what never entered cannot leave', () => {
  expect(() => new Room(10).leave('cnt_x' as ContentId)).toThrow('never entered')
})
