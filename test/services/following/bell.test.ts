import { expect, test } from 'bun:test'
import type { MailEvent } from '../../../src/core/event.ts'
import { ok } from '../../../src/core/result.ts'
import { Bell, ringing } from '../../../src/services/following/bell.ts'
import type { QueueStore, Settlement } from '../../../src/store/store.ts'
import { HOLDER } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'

test('it rings at once, then at most twenty times a second, and the last ring is never lost', () => {
  const clock = handClock(0)
  const bell = new Bell(clock)
  let heard = 0
  bell.onRing(() => {
    heard += 1
  })
  bell.ring()
  expect(heard).toBe(1)
  for (let at = 0; at < 100; at++) {
    bell.ring()
    clock.advance(10)
  }
  expect(heard).toBeGreaterThan(10)
  expect(heard).toBeLessThanOrEqual(21)
  clock.advance(50)
  const before = heard
  clock.advance(1000)
  expect(heard).toBe(before)
})

test('a bounce rings after its commit; a delivery, and what was not committed, do not', async () => {
  const bell = new Bell(handClock(0))
  let heard = 0
  bell.onRing(() => {
    heard += 1
  })
  const settled = (type: MailEvent['type']): Settlement => ({ events: [{ type }] }) as unknown as Settlement
  let done: Awaited<ReturnType<QueueStore['settle']>> = ok({ settled: 1, stale: 0 })
  const queue = ringing({ settle: async () => done } as unknown as QueueStore, bell)
  await queue.settle([settled('email.delivered'), settled('email.deferred')], HOLDER)
  expect(heard).toBe(0)
  done = { ok: false, error: 'unavailable' }
  await queue.settle([settled('email.bounced')], HOLDER)
  expect(heard).toBe(0)
  done = ok({ settled: 1, stale: 0 })
  await queue.settle([settled('email.delivered'), settled('email.bounced')], HOLDER)
  expect(heard).toBe(1)
})
