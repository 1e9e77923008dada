import { expect, test } from 'bun:test'
import type { DeliveryId } from '../../../src/core/ids.ts'
import type { ClaimedDelivery } from '../../../src/core/message.ts'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { Connections } from '../../../src/services/queue/connections.ts'
import { Lane, type LaneRules } from '../../../src/services/queue/lane.ts'
import type { Ready } from '../../../src/services/queue/line.ts'
import { aDelivery } from '../../support/deliveries.ts'

const MX = 'mx.example.net:25'

const ready = (name: string, routeKey = MX, change: Partial<ClaimedDelivery> = {}): Ready => ({
  delivery: aDelivery({ id: name as DeliveryId, ...change }),
  transport: { kind: 'capture', folder: '/nowhere' },
  routeKey,
})

const RULES: LaneRules = { start: 2, most: 2, rate: null, waiting: 100, messagesPerConnection: null }

/** A lane whose orders stay out until `done`. */
class Bench {
  now = 1000
  last = 0
  readonly given: [slot: number, name: string][] = []
  readonly retired: number[] = []
  probes = 0
  readonly lane: Lane
  constructor(rules: Partial<LaneRules> = {}, connections = new Connections(1000)) {
    const hooks = { nextSlot: () => ++this.last, connections }
    this.lane = new Lane({ provider: 'example.net', source: null }, { ...RULES, ...rules }, hooks, this.now)
  }
  push(...names: string[]): this {
    for (const name of names) this.lane.push(ready(name))
    return this
  }
  fill(): number | null {
    return this.lane.fill(this.now, {
      assign: (slot, { delivery }) => this.given.push([slot, delivery.id]),
      retire: (slot) => this.retired.push(slot),
      probing: () => {
        this.probes += 1
      },
    })
  }
  wait(by: number): this {
    this.now += by
    return this
  }
  done(slot: number, took = 5000): this {
    this.lane.slots.done(slot, took, this.now)
    return this
  }
  delivered(slot: number, took = 10): this {
    this.lane.noteRoute(MX, true)
    this.lane.shaping.delivered(this.now, this.lane.slots.busy, 'example.com')
    return this.done(slot, took)
  }
  pressed(pressure: 'blocked' | 'too-many-connections' | 'slow-down' | 'unreachable'): string | null {
    const open = this.lane.slots.busy
    const by = { pressure, why: 'no', early: true, sender: 'example.com', open }
    return this.lane.shaping.pressed(by, { now: this.now, dice: 0.5 })
  }
  get names(): readonly string[] {
    return this.given.map(([, name]) => name)
  }
}

test('messages open connections up to the limit, then wait for the first that is free', () => {
  const bench = new Bench().push('a', 'b', 'c')
  bench.fill()
  expect(bench.given).toEqual([
    [1, 'a'],
    [2, 'b'],
  ])
  expect(bench.lane.waiting).toBe(1)
  bench.done(2).fill()
  expect(bench.given.at(-1)).toEqual([2, 'c'])
  expect(bench.lane.waiting).toBe(0)
})

test('an idle connection is used before a new one is opened', () => {
  const bench = new Bench({ start: 10, most: 10 }).push('a')
  bench.fill()
  bench.done(1, 10).push('b').fill()
  expect(bench.given.at(-1)).toEqual([1, 'b'])
  expect(bench.lane.slots.count).toBe(1)
})

test('a slow peer never gets a second order ahead; a fast one does', () => {
  const bench = new Bench({ start: 1, most: 1 })
  for (let i = 0; i < 20; i++) bench.push(`m${i}`)
  bench.fill()
  expect(bench.given.length).toBe(1)
  bench.done(1, 60_000).fill()
  expect(bench.given.length).toBe(2)
  for (let i = 0; i < 200; i++) bench.done(1, 1)
  bench.fill()
  expect(bench.given.length).toBeGreaterThan(3)
})

test('a busy host does not starve its neighbour in the lane, and keeps its connection', () => {
  const bench = new Bench({ start: 1, most: 1 })
  for (let i = 0; i < 100; i++) bench.lane.push(ready(`big${i}`, 'mx.big.example:25'))
  for (let i = 0; i < 10; i++) bench.lane.push(ready(`small${i}`, 'mx.small.example:25'))
  for (let i = 0; i < 60; i++) {
    bench.fill()
    bench.done(1)
  }
  const { names } = bench
  expect(names.slice(0, 20).every((name) => name.startsWith('big'))).toBe(true)
  expect(names.slice(20, 30).every((name) => name.startsWith('small'))).toBe(true)
})

test('what waits in memory is bounded, and can be taken out whole', () => {
  const bench = new Bench({ start: 1, most: 1, waiting: 3 }).push('a', 'b', 'c', 'd')
  bench.fill()
  expect(bench.lane.space(bench.now)).toBe(0)
  expect(bench.lane.drain().length).toBe(3)
  expect(bench.lane.space(bench.now)).toBe(3)
  expect(bench.lane.idle).toBe(false)
  bench.done(1)
  expect(bench.lane.idle).toBe(true)
})

test('one account gets half of the memory, a second one still finds room; mail out of the store leaves a quarter', () => {
  const { lane, now } = new Bench({ waiting: 40 })
  const of = (accountId: string) => ({ accountId: accountId as ClaimedDelivery['accountId'] })
  while (lane.spaceFor('acc_a', 'transactional', now) > 0) lane.push(ready('a', MX, of('acc_a')))
  expect(lane.waiting).toBe(20)
  expect(lane.spaceForClaims('transactional', now)).toBe(10)
  while (lane.spaceFor('acc_b', 'transactional', now) > 0) lane.push(ready('b', MX, of('acc_b')))
  expect(lane.waiting).toBe(30)
  // An eighth for what waited longer, however much comes.
  expect(lane.spaceForClaims('transactional', now)).toBe(5)
  for (let i = 0; i < 5; i++) lane.push({ ...ready('c', MX, of('acc_b')), fromStore: true })
  expect(lane.spaceForClaims('transactional', now)).toBe(0)
  expect(lane.spaceForClaims('marketing', now)).toBe(5)
  expect(lane.spaceFor('acc_c', 'transactional', now)).toBeGreaterThan(0)
})

test('a stranger may fill little of the memory until it has taken something', () => {
  const bench = new Bench({ waiting: 5000 })
  expect(bench.lane.space(bench.now)).toBe(50)
  bench.push('a').fill()
  bench.delivered(1)
  expect(bench.lane.space(bench.now)).toBe(5000)
})

test('fewer connections are allowed: idle ones close, and busy ones when they come back', () => {
  const bench = new Bench({ start: 4, most: 4 }).push('a', 'b', 'c', 'd')
  bench.fill()
  bench.delivered(1)
  for (let i = 0; i < 2; i++) bench.pressed('too-many-connections')
  bench.fill()
  expect(bench.retired).toEqual([1])
  bench.done(2).done(3).fill()
  expect(bench.retired.length + bench.lane.slots.count).toBe(4)
  expect(bench.lane.slots.count).toBe(bench.lane.shaping.connections(bench.now))
})

test('a paused lane has no room; after the pause one delivery goes out to see, once', () => {
  const bench = new Bench().push('a')
  bench.fill()
  expect(bench.pressed('blocked')).toBe('paused')
  bench.lane.pauseBegan()
  bench.done(1)
  expect([bench.lane.space(bench.now), bench.lane.isClosed(bench.now)]).toEqual([0, true])
  bench.wait(5 * MINUTE)
  expect([bench.lane.space(bench.now), bench.lane.isClosed(bench.now)]).toEqual([1, false])
  bench.push('b', 'c')
  bench.fill()
  bench.fill()
  expect([bench.names, bench.probes]).toEqual([['a', 'b'], 1])
  expect(bench.lane.space(bench.now)).toBe(0)
  bench.delivered(2)
  bench.fill()
  expect(bench.names).toEqual(['a', 'b', 'c'])
})

test('the rate is kept to the millisecond, whatever waited before', () => {
  const bench = new Bench({ start: 20, most: 20, rate: 10 })
  for (let i = 0; i < 40; i++) bench.push(`m${i}`)
  let wait = bench.wait(MINUTE).fill()
  const at: number[] = []
  for (const from = bench.now; bench.now - from < 4 * SECOND; wait = bench.fill()) {
    if (wait === null) break
    bench.wait(wait)
    at.push(bench.given.length)
    for (const [slot] of bench.given) bench.done(slot)
  }
  // Ten a second, and no burst after a minute of silence.
  expect(bench.given.length).toBeGreaterThan(36)
  expect(bench.given.length).toBeLessThanOrEqual(41)
})

test('a stranger that hangs gets no second connection and no memory; what waits goes back', () => {
  const bench = new Bench({ start: 5, most: 5 }).push('a', 'b')
  bench.fill()
  bench.push('c')
  expect(bench.lane.sweep(bench.wait(9 * SECOND).now)).toBe(false)
  expect(bench.lane.sweep(bench.wait(SECOND).now)).toBe(true)
  expect([bench.lane.space(bench.now), bench.lane.isClosed(bench.now)]).toEqual([0, true])
  bench.fill()
  expect(bench.names).toEqual(['a', 'b', 'c'].slice(0, bench.given.length))
  bench.done(1, 30_000)
  expect(bench.lane.isClosed(bench.now)).toBe(false)
})

test('a peer that answers others is not closed for two connections that hang', () => {
  const bench = new Bench({ start: 5, most: 5 }).push('a')
  bench.fill()
  bench.delivered(1)
  bench.push('b', 'c').fill()
  bench.wait(11 * SECOND)
  expect(bench.lane.sweep(bench.now)).toBe(false)
  bench.push('d').fill()
  expect(bench.names.at(-1)).toBe('d')
})

test('hosts that cannot be reached hold one connection, their neighbours the others', () => {
  const bench = new Bench({ start: 3, most: 3 })
  bench.lane.noteRoute('dead:25', false)
  for (let i = 0; i < 5; i++) bench.lane.push(ready(`dead${i}`, 'dead:25'))
  bench.lane.push(ready('live', 'live:25'))
  bench.fill()
  expect(bench.names.toSorted()).toEqual(['dead0', 'live'])
  bench.lane.noteRoute('dead:25', true)
  bench.fill()
  expect(bench.given.length).toBe(3)
})

test('a host that has not answered yet holds two connections of a provider that has', () => {
  const bench = new Bench({ start: 6, most: 6 })
  bench.lane.noteRoute('live:25', true)
  bench.lane.shaping.delivered(0, 1, 'example.com')
  for (let i = 0; i < 5; i++) bench.lane.push(ready(`silent${i}`, 'silent:25'))
  for (let i = 0; i < 3; i++) bench.lane.push(ready(`live${i}`, 'live:25'))
  bench.fill()
  expect(bench.names.toSorted()).toEqual(['live0', 'live1', 'live2', 'silent0', 'silent1'])
  bench.lane.noteRoute('silent:25', true)
  bench.fill()
  expect(bench.given.length).toBe(6)
})

test('connections over all lanes: strangers and those that hang get half, a second one of theirs a quarter', () => {
  const connections = new Connections(8)
  const strangers = Array.from({ length: 6 }, () => new Bench({}, connections).push('a', 'b'))
  const known = new Bench({ start: 8, most: 8 }, connections).push('a')
  known.fill()
  known.delivered(1)
  for (const stranger of strangers) stranger.fill()
  expect([connections.busy, connections.suspects]).toEqual([4, 4])
  expect(strangers.map((stranger) => stranger.lane.slots.starved)).toContain(true)
  for (let i = 0; i < 10; i++) known.push(`m${i}`)
  known.fill()
  expect(connections.busy).toBe(8)
})

test('with fewer connections allowed, those that were lost go, and no good one for them', () => {
  const bench = new Bench({ start: 4, most: 4 }).push('a', 'b', 'c', 'd')
  bench.fill()
  bench.lane.surplus.lost(1, MX, bench.now)
  bench.pressed('too-many-connections')
  bench.delivered(4).fill()
  // The lost one is not free yet.
  expect(bench.retired).toEqual([])
  bench.done(1).fill()
  expect(bench.retired).toEqual([1])
})
