import { expect, test } from 'bun:test'
import { DAY, MINUTE } from '../../../src/core/time.ts'
import { labelsOf, laneReports, whyLaneWaits } from '../../../src/services/queue/lane-report.ts'
import { Lanes } from '../../../src/services/queue/lanes.ts'
import type { Ready } from '../../../src/services/queue/line.ts'
import { ProviderBook } from '../../../src/services/routing/provider-book.ts'
import { handClock, WITH_FRACTIONS } from '../../support/clock.ts'
import { aDelivery } from '../../support/deliveries.ts'
import { LAB_START } from '../../support/lab-folder.ts'

const READY: Ready = {
  delivery: aDelivery(),
  transport: { kind: 'capture', folder: '/nowhere' },
  routeKey: 'mx.example.net:25',
}

const BOOK = new ProviderBook([
  {
    name: 'gmx',
    mx: ['gmx.net'],
    connections: { start: 1, most: 4 },
    messagesPerConnection: 20,
    messagesPerSecond: 5,
    postmaster: null,
  },
])

function open(waiting = 1, clock = handClock()) {
  const lanes = new Lanes({ clock, book: BOOK, connections: 20, maxConnections: 100, waiting })
  const block = (provider: string, source: string | null = null): string | null => {
    const by = {
      pressure: 'blocked',
      why: '554 go away',
      early: true,
      sender: 'example.com',
      open: 1,
    } as const
    return lanes.lane(provider, source).shaping.pressed(by, { now: clock.monotonic(), dice: 0.5 })
  }
  return { clock, lanes, block }
}

test('a provider is full when every lane of it is, whatever the source', () => {
  const { lanes } = open()
  lanes.lane('example.net', '198.51.100.1').push(READY)
  expect(lanes.full().transactional).toEqual(new Set(['example.net']))
  lanes.lane('example.net', '198.51.100.2')
  expect(lanes.full().transactional).toEqual(new Set())
  expect(lanes.waitingAt('example.net', '198.51.100.1')).toBe(1)
  expect(lanes.spaceOf('example.net')).toBe(1)
  expect(lanes.spaceOf('example.org')).toBe(1)
})

test('a paused lane is full until its probe, and says until when', () => {
  const { clock, lanes, block } = open(100)
  expect(lanes.stateOf('example.net', null)).toBeNull()
  block('example.net')
  expect(lanes.full().transactional).toEqual(new Set(['example.net']))
  expect(lanes.pausedUntil('example.net', null)).toBe(clock.now() + 5 * MINUTE)
  expect(lanes.stateOf('example.net', null)).toBe('paused')
  expect(whyLaneWaits('example.net', laneReports(lanes, clock))).toBe(
    'Sending to example.net is paused until 2026-01-01 00:05:00 UTC; then one delivery tries whether it takes mail again. It said: “554 go away”.',
  )
  clock.advance(5 * MINUTE)
  expect(lanes.full().transactional).toEqual(new Set())
  expect(lanes.spaceOf('example.net')).toBe(1)
  expect(lanes.stateOf('example.net', null)).toBe('probing')
})

test('what nobody said is not told as a word of the provider', () => {
  const { clock, lanes } = open(100)
  const by = { pressure: 'unreachable', why: 'greeting: timed out (greeting)', early: true } as const
  const { shaping } = lanes.lane('example.net', null)
  shaping.pressed({ ...by, sender: 'example.com', open: 1 }, { now: clock.monotonic(), dice: 0.5 })
  const told = whyLaneWaits('example.net', laneReports(lanes, clock))
  expect(told).toContain('What the last attempt met with: greeting: timed out (greeting).')
  expect(told).not.toContain('It said')
})

test('a provider with one source that is paused and one that is not is not held up', () => {
  const { clock, lanes, block } = open(100)
  block('example.net', '198.51.100.1')
  lanes.lane('example.net', '198.51.100.2')
  expect(lanes.full().transactional).toEqual(new Set())
  expect(whyLaneWaits('example.net', laneReports(lanes, clock))).toBeNull()
})

test('what is known of a provider shapes its lane; the others begin with two connections', () => {
  const { clock, lanes } = open(100)
  lanes.lane('gmx', null)
  lanes.lane('example.net', null)
  lanes.lane('capture', null)
  const shape = laneReports(lanes, clock).map(({ provider, limit, rate }) => [provider, limit, rate])
  expect(shape).toEqual([
    ['gmx', 1, 5],
    ['example.net', 2, null],
    ['capture', 20, null],
  ])
  expect(lanes.lane('gmx', null).rules.messagesPerConnection).toBe(20)
  expect(['gmx', 'example.net'].map(labelsOf(BOOK))).toEqual(['gmx', 'other'])
})

test('idle lanes are forgotten; one that was pressed stays for a week', () => {
  const { clock, lanes, block } = open(100)
  lanes.lane('fine.example', null)
  block('grim.example')
  lanes.dropIdle()
  expect([...lanes.all()].map(({ provider }) => provider)).toEqual(['grim.example'])
  clock.advance(7 * DAY)
  lanes.dropIdle()
  expect([...lanes.all()]).toEqual([])
})

test('the end of a pause is whole milliseconds of wall time: mail is due then, and no store takes a fraction', () => {
  const { lanes, block } = open(1, handClock(LAB_START, WITH_FRACTIONS))
  block('example.net')
  const until = lanes.pausedUntil('example.net', null)
  expect(until).toBe(LAB_START + 5 * MINUTE)
})
