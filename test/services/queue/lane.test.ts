import { expect, test } from 'bun:test'
import type { DeliveryId } from '../../../src/core/ids.ts'
import type { ReachableRoute } from '../../../src/net/delivery/order.ts'
import { Lane, type Ready } from '../../../src/services/queue/lane.ts'
import { Lanes } from '../../../src/services/queue/lanes.ts'
import { chooseSource } from '../../../src/services/queue/sources.ts'
import { aDelivery } from '../../support/deliveries.ts'

const ready = (name: string, routeKey = 'mx.example.net:25'): Ready => ({
  delivery: { ...aDelivery(), id: name as DeliveryId },
  transport: { kind: 'capture', folder: '/nowhere' },
  routeKey,
})

function openLane(connections: number, waiting = 100) {
  let last = 0
  const lane = new Lane({ provider: 'example.net', source: null }, { connections, waiting }, () => ++last)
  const given: [number, string][] = []
  const fill = () => lane.fill((slot, { delivery }) => given.push([slot, delivery.id]))
  return { lane, given, fill }
}

test('messages open connections up to the limit, then wait for the first that is free', () => {
  const { lane, given, fill } = openLane(2)
  for (const name of ['a', 'b', 'c']) lane.push(ready(name))
  fill()
  expect(given).toEqual([
    [1, 'a'],
    [2, 'b'],
  ])
  expect(lane.waiting).toBe(1)
  lane.done(2, 5000)
  fill()
  expect(given.at(-1)).toEqual([2, 'c'])
  expect(lane.waiting).toBe(0)
})

test('an idle connection is used before a new one is opened', () => {
  const { lane, given, fill } = openLane(10)
  lane.push(ready('a'))
  fill()
  lane.done(1, 10)
  lane.push(ready('b'))
  fill()
  expect(given.at(-1)).toEqual([1, 'b'])
  expect(lane.slots.length).toBe(1)
})

test('a slow peer never gets a second order ahead; a fast one does', () => {
  const { lane, given, fill } = openLane(1)
  for (let i = 0; i < 20; i++) lane.push(ready(`m${i}`))
  fill()
  expect(given.length).toBe(1)
  lane.done(1, 60_000)
  fill()
  expect(given.length).toBe(2)
  for (let i = 0; i < 200; i++) lane.done(1, 1)
  fill()
  expect(given.length).toBeGreaterThan(3)
})

test('a busy domain does not starve its neighbour in the lane', () => {
  const { lane, given, fill } = openLane(2)
  for (let i = 0; i < 10; i++) lane.push(ready(`big${i}`, 'mx.big.example:25'))
  lane.push(ready('small', 'mx.small.example:25'))
  fill()
  expect(given.map(([, name]) => name)).toContain('small')
})

test('what waits in memory is bounded, and can be taken out whole', () => {
  const { lane, fill } = openLane(1, 3)
  for (let i = 0; i < 4; i++) lane.push(ready(`m${i}`))
  fill()
  expect(lane.space).toBe(0)
  expect(lane.drain().length).toBe(3)
  expect(lane.space).toBe(3)
  expect(lane.idle).toBe(false)
  lane.done(1, 1)
  expect(lane.idle).toBe(true)
})

const route = (...addresses: string[]): ReachableRoute => ({
  kind: 'mx',
  domain: 'example.net',
  provider: 'example.net',
  hosts: [{ exchange: 'mx.example.net', preference: 10, addresses }],
  port: 25,
  tls: { kind: 'opportunistic' },
  validUntil: 0,
})

test.each([
  [[], ['192.0.2.1'], { source: null }],
  [['198.51.100.1'], ['192.0.2.1'], { source: '198.51.100.1' }],
  [['198.51.100.1', '198.51.100.2'], ['192.0.2.1'], { source: '198.51.100.2' }],
  [['2001:db8::1', '198.51.100.1'], ['192.0.2.1'], { source: '198.51.100.1' }],
  [['2001:db8::1'], ['192.0.2.1'], null],
  [['2001:db8::1'], ['192.0.2.1', '2001:db8::25'], { source: '2001:db8::1' }],
] as const)('of the sources %p a route over %p leaves from %p', (sources, addresses, want) => {
  const waiting = (source: string) => (source.endsWith('.1') ? 5 : 0)
  expect(chooseSource(route(...addresses), sources, waiting)).toEqual(want)
})

test('a provider is full when every lane of it is, whatever the source', () => {
  const lanes = new Lanes({ connections: 1, waiting: 1 })
  lanes.lane('example.net', '198.51.100.1').push(ready('a'))
  expect(lanes.full()).toEqual(new Set(['example.net']))
  lanes.lane('example.net', '198.51.100.2')
  expect(lanes.full()).toEqual(new Set())
  expect(lanes.waitingAt('example.net', '198.51.100.1')).toBe(1)
  expect(lanes.spaceOf('example.net')).toBe(1)
  expect(lanes.spaceOf('example.org')).toBe(1)
})
