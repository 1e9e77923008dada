import { expect, test } from 'bun:test'
import type { LogEventType, MailEvent } from '../../../src/core/event.ts'
import { ok } from '../../../src/core/result.ts'
import { Bell, ringing } from '../../../src/services/following/bell.ts'
import type { Acceptance, QueueStore, Settlement } from '../../../src/store/store.ts'
import { HOLDER } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'

const news = (type: MailEvent['type']) => [{ events: [{ type }] }]

function ear(bell: Bell, ...types: readonly LogEventType[]) {
  const heard = { times: 0, stop: () => {} }
  heard.stop = bell.onRing({
    hears: () => {
      heard.times += 1
    },
    wants: (type) => types.includes(type),
  })
  return heard
}

test('it rings at once, then at most twenty times a second, and the last ring is never lost', () => {
  const clock = handClock(0)
  const bell = new Bell(clock)
  const heard = ear(bell, 'email.bounced')
  bell.ring(news('email.bounced'))
  expect(heard.times).toBe(1)
  for (let at = 0; at < 100; at++) {
    bell.ring(news('email.bounced'))
    clock.advance(10)
  }
  expect(heard.times).toBeGreaterThan(10)
  expect(heard.times).toBeLessThanOrEqual(21)
  clock.advance(50)
  const before = heard.times
  clock.advance(1000)
  expect(heard.times).toBe(before)
})

test('each hears what it wants, until it listens no more', () => {
  const bell = new Bell(handClock(0))
  const one = ear(bell, 'email.bounced')
  const other = ear(bell, 'email.delivered')
  bell.ring(news('email.delivered'))
  expect([one.times, other.times]).toEqual([0, 1])
  bell.ring([...news('email.delivered'), ...news('email.bounced')])
  expect(one.times).toBe(1)
  expect(bell.isAwaited('email.bounced')).toBe(true)
  one.stop()
  expect(bell.isAwaited('email.bounced')).toBe(false)
  bell.ring(news('email.bounced'))
  expect(one.times).toBe(1)
})

test('a bounce rings after its commit; what nobody awaits, and what was not committed, do not', async () => {
  const bell = new Bell(handClock(0))
  const heard = ear(bell, 'email.bounced', 'email.suppressed')
  const settled = (type: MailEvent['type']): Settlement => ({ events: [{ type }] }) as unknown as Settlement
  let done: Awaited<ReturnType<QueueStore['settle']>> = ok({ settled: 1, stale: 0 })
  let accepted: Awaited<ReturnType<QueueStore['accept']>> = { ok: false, error: 'unavailable' }
  const store = { settle: async () => done, accept: async () => accepted } as unknown as QueueStore
  const queue = ringing(store, bell)
  await queue.settle([settled('email.delivered'), settled('email.deferred')], HOLDER)
  expect(heard.times).toBe(0)
  done = { ok: false, error: 'unavailable' }
  await queue.settle([settled('email.bounced')], HOLDER)
  expect(heard.times).toBe(0)
  const acceptance = { events: [{ type: 'email.suppressed' }] } as unknown as Acceptance
  await queue.accept(acceptance)
  expect(heard.times).toBe(0)
  accepted = ok(undefined)
  await queue.accept(acceptance)
  expect(heard.times).toBe(1)
  done = ok({ settled: 1, stale: 0 })
  const second = new Bell(handClock(0))
  const late = ear(second, 'email.bounced')
  await ringing(store, second).settle([settled('email.delivered'), settled('email.bounced')], HOLDER)
  expect(late.times).toBe(1)
})
