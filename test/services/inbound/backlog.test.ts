import { expect, test } from 'bun:test'
import { MINUTE } from '../../../src/core/time.ts'
import { Backlog } from '../../../src/services/inbound/backlog.ts'
import type { InboundRouteId, WaitingPosts } from '../../../src/store/inbound-store.ts'
import { handClock } from '../../support/clock.ts'

const [ONE, TWO, THREE] = ['rte_1', 'rte_2', 'rte_3'] as [InboundRouteId, InboundRouteId, InboundRouteId]

function backlog() {
  const clock = handClock(0)
  const waiting: WaitingPosts[] = []
  const made = new Backlog(
    { clock, store: { waitingPosts: async () => waiting } },
    { letters: 3, octets: 100, all: 150 },
  )
  return { clock, waiting, backlog: made }
}

test('a route that is full is full for itself, by letters or by octets', async () => {
  const { backlog: here } = backlog()
  expect(await here.hasRoom(ONE)).toBe(true)
  for (let at = 0; at < 3; at++) here.added(ONE, 1)
  here.added(TWO, 100)
  expect([await here.hasRoom(ONE), await here.hasRoom(TWO), await here.hasRoom(THREE)]).toEqual([
    false,
    false,
    true,
  ])
})

test('all together have a bound as well', async () => {
  const { backlog: here } = backlog()
  await here.hasRoom(ONE)
  here.added(ONE, 99)
  here.added(TWO, 99)
  expect(await here.hasRoom(THREE)).toBe(false)
})

test('what waits since before the start counts, and what webhooks took does not after a minute', async () => {
  const { backlog: here, clock, waiting } = backlog()
  waiting.push({ routeId: ONE, letters: 3, octets: 3 })
  expect(await here.hasRoom(ONE)).toBe(false)
  waiting.length = 0
  expect(await here.hasRoom(ONE)).toBe(false)
  clock.advance(MINUTE)
  expect(await here.hasRoom(ONE)).toBe(true)
})
