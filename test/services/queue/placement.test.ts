import { expect, test } from 'bun:test'
import type { Domain } from '../../../src/core/address.ts'
import type { ClaimedDelivery } from '../../../src/core/message.ts'
import type { Route } from '../../../src/core/route.ts'
import { HOUR, SECOND } from '../../../src/core/time.ts'
import { type Ground, placementOf } from '../../../src/services/queue/placement.ts'
import type { PtrFinding } from '../../../src/services/sources/ptr.ts'
import { handClock } from '../../support/clock.ts'
import { aDelivery } from '../../support/deliveries.ts'
import { type DeparturesDraft, departuresOver } from '../../support/departures.ts'

const domain = 'example.net' as Domain
const PROVIDER = 'provider.example'
const to = (...addresses: readonly string[]): Route => ({
  kind: 'mx',
  domain,
  provider: PROVIDER,
  hosts: [{ exchange: 'mx1.provider.example', preference: 10, addresses }],
  port: 25,
  tls: { kind: 'opportunistic' },
  validUntil: 0,
})
const mx = to('203.0.113.1')
const v6 = to('2a01::1')
const both = to('203.0.113.1', '2a01::1')
const lab = to('127.0.0.1')

/** Placement writes nothing: what it would be written to need not exist. */
const NOWHERE = {
  warmups: {
    all: () => Promise.reject(new Error('read')),
    save: () => Promise.reject(new Error('written')),
    forget: () => Promise.reject(new Error('written')),
  },
}

interface Draft extends DeparturesDraft {
  readonly ptr?: PtrFinding['state']
  readonly waiting?: Readonly<Record<string, number>>
  readonly blocked?: readonly (string | null)[]
  readonly slowed?: readonly (string | null)[]
  /** Lanes without room. */
  readonly full?: readonly string[]
  /** Nobody can be reached. */
  readonly cutOff?: boolean
}

function groundOf({ ptr, waiting = {}, blocked = [], slowed = [], full = [], ...draft }: Draft = {}): Ground {
  const departures = departuresOver({ store: NOWHERE, clock: handClock(Date.UTC(2026, 0, 2, 12)) }, draft)
  for (const source of departures.sources.sources)
    if (ptr) source.ptr = { state: ptr, name: 'mx.own.example' }
  return {
    transport: { kind: 'mx', hello: 'client.test', messagesPerConnection: 100 },
    departures,
    isCutOff: () => draft.cutOff === true,
    lanes: {
      waitingAt: (_, source) => waiting[source ?? ''] ?? 0,
      turnsAway: (_, source) => blocked.includes(source),
      isSlowed: (_, source) => slowed.includes(source),
      spaceOf: (provider) => (full.includes(provider) ? 0 : 10),
    },
  }
}

const marketing = (of: Partial<ClaimedDelivery> = {}) => aDelivery({ stream: 'marketing', ...of })
const place = (route: Route, ground: Ground, delivery = aDelivery()) => placementOf(delivery, route, ground)
const from = (...addresses: readonly string[]) => ({ sources: addresses.map((address) => ({ address })) })
const RELAY = { relays: [{ host: '192.0.2.25' }] }
const NAME = 'relay:192.0.2.25'

test.each([
  [mx, {}, { kind: 'lane', provider: PROVIDER, source: null }],
  [{ ...mx, kind: 'implicit-mx' }, from('192.0.2.9'), { kind: 'lane', source: '192.0.2.9' }],
  [mx, from('2a01::9'), { kind: 'nowhere', cause: { kind: 'network', at: 'connect' } }],
  [{ kind: 'null-mx', domain, validUntil: 0 }, {}, { kind: 'nowhere', cause: { answer: 'null-mx' } }],
  [
    { kind: 'unresolved', domain, answer: 'servfail', validUntil: 0 },
    {},
    { kind: 'nowhere', cause: { kind: 'dns', answer: 'servfail' } },
  ],
] as const)('a route %p with %p is placed as %p', (route, draft, want) => {
  expect(place(route as Route, groundOf(draft))).toMatchObject(want)
})

test('hosts of one provider share a lane; the same first host shares a connection', () => {
  expect(place(mx, groundOf())).toMatchObject({ ready: { routeKey: 'mx1.provider.example:25' } })
})

test('capture needs no route', () => {
  const transport = { kind: 'capture', folder: '/captured' } as const
  const want = { kind: 'lane', provider: 'capture', ready: { transport } }
  expect(placementOf(aDelivery(), null, { ...groundOf(), transport })).toMatchObject(want)
  expect(() => placementOf(aDelivery(), null, groundOf())).toThrow('without a route')
})

test.each([
  ['ok', both, '2a01::9'],
  ['private', both, '2a01::9'],
  ['missing', both, '192.0.2.9'],
  ['mismatch', both, '192.0.2.9'],
  ['unchecked', both, '192.0.2.9'],
  ['ok', v6, '2a01::9'],
] as const)('with a PTR that is %s mail leaves as it may', (ptr, route, source) => {
  const ground = groundOf({ ...from('192.0.2.9', '2a01::9'), ptr, waiting: { '192.0.2.9': 1 } })
  expect(place(route, ground)).toMatchObject({ kind: 'lane', source })
})

test('where only IPv6 leads, mail waits for the check and is not sent with a PTR that is wrong', () => {
  const sources = from('192.0.2.9', '2a01::9')
  expect(place(v6, groundOf({ ...sources, ptr: 'unchecked' }))).toEqual({
    kind: 'later',
    wait: 5 * SECOND,
    short: null,
  })
  expect(place(v6, groundOf({ ...sources, ptr: 'missing' }))).toMatchObject({
    cause: { detail: expect.stringContaining('no right PTR') },
  })
})

test('EHLO says the name of the address: what was told, else its PTR, else ours', () => {
  const hello = (ground: Ground) => place(mx, ground)
  const told = { sources: [{ address: '192.0.2.9', hostname: 'told.example' }], ptr: 'ok' } as const
  expect(hello(groundOf(told))).toMatchObject({ ready: { transport: { hello: 'told.example' } } })
  const named = { ...from('192.0.2.9'), ptr: 'ok' } as const
  expect(hello(groundOf(named))).toMatchObject({ ready: { transport: { hello: 'mx.own.example' } } })
  const wrong = { ...from('192.0.2.9'), ptr: 'mismatch' } as const
  expect(hello(groundOf(wrong))).toMatchObject({ ready: { transport: { hello: 'client.test' } } })
})

test('of two addresses the one with less before it, and never one that is blocked while another is not', () => {
  const sources = from('192.0.2.8', '192.0.2.9')
  const waiting = { '192.0.2.8': 2, '192.0.2.9': 1 }
  expect(place(mx, groundOf({ ...sources, waiting }))).toMatchObject({ source: '192.0.2.9' })
  const blocked = ['192.0.2.9']
  expect(place(mx, groundOf({ ...sources, waiting, blocked }))).toMatchObject({ source: '192.0.2.8' })
  const all = ['192.0.2.8', '192.0.2.9']
  expect(place(mx, groundOf({ ...sources, waiting, blocked: all }))).toMatchObject({ source: '192.0.2.9' })
})

test('what was tried goes from the same address again, unless another one is less in trouble', () => {
  const sources = from('192.0.2.7', '192.0.2.8', '192.0.2.9')
  const again = aDelivery({ attempts: 1, lastSource: '192.0.2.8' })
  const leaves = (draft: Draft) => place(mx, groundOf({ ...sources, ...draft }), again)
  const waiting = { '192.0.2.8': 500, '192.0.2.7': 1 }
  const all = ['192.0.2.7', '192.0.2.8', '192.0.2.9']
  expect(leaves({ waiting })).toMatchObject({ source: '192.0.2.8' })
  expect(leaves({ waiting, slowed: ['192.0.2.8'] })).toMatchObject({ source: '192.0.2.9' })
  expect(leaves({ waiting, slowed: all })).toMatchObject({ source: '192.0.2.8' })
  expect(leaves({ waiting, slowed: all, blocked: ['192.0.2.8'] })).toMatchObject({ source: '192.0.2.9' })
  expect(leaves({ waiting, blocked: all })).toMatchObject({ source: '192.0.2.8' })
  const gone = aDelivery({ attempts: 1, lastSource: '192.0.2.1' })
  expect(place(mx, groundOf({ ...sources, waiting }), gone)).toMatchObject({ source: '192.0.2.9' })
})

test('a pool keeps to its addresses', () => {
  const ground = groundOf({
    sources: [{ address: '192.0.2.1' }, { address: '192.0.2.2', pool: 'bulk' }],
    pools: [{ name: 'bulk', streams: ['marketing'] }],
  })
  expect(place(mx, ground)).toMatchObject({ source: '192.0.2.1' })
  expect(place(mx, ground, marketing())).toMatchObject({ source: '192.0.2.2' })
  expect(place(mx, ground, marketing({ pool: 'default' }))).toMatchObject({ source: '192.0.2.1' })
})

/** `sent` marketing mails and the room that is left by them. */
function used(ground: Ground, route: Route, sent: number): void {
  for (let i = 0; i < sent; i++) {
    const placed = place(route, ground, marketing())
    if (placed.kind !== 'lane' || !placed.standing) throw new Error(`no budget for the ${i}th`)
    ground.departures.ledger.answered(placed.standing, 'sent')
  }
}

test('a cold address takes its budget of marketing mail, then it waits for tomorrow; other mail does not', () => {
  const ground = groundOf({ warmsUp: true })
  used(ground, mx, 50)
  expect(place(mx, ground, marketing())).toEqual({ kind: 'later', wait: 12 * HOUR, short: PROVIDER })
  expect(place(mx, ground)).toMatchObject({ kind: 'lane' })
})

test('what is under way has its place in the budget already', () => {
  const ground = groundOf({ warmsUp: true })
  const placed = place(mx, ground, marketing())
  if (placed.kind !== 'lane' || !placed.standing) throw new Error('not bound')
  placed.standing.underWay = 50
  expect(place(mx, ground, marketing())).toMatchObject({ kind: 'later' })
  placed.standing.underWay = 49
  expect(place(mx, ground, marketing())).toMatchObject({ kind: 'lane' })
})

test('surplus flows to a warm address, else to a smarthost', async () => {
  const warm = groundOf({
    warmsUp: true,
    sources: [{ address: '192.0.2.1' }, { address: '192.0.2.2', warm: true }],
    waiting: { '192.0.2.2': 1 },
  })
  used(warm, mx, 50)
  expect(place(mx, warm, marketing())).toMatchObject({ source: '192.0.2.2', standing: null })

  const hybrid = groundOf({ ...RELAY, warmsUp: true })
  await hybrid.departures.relays?.start()
  used(hybrid, mx, 50)
  expect(place(mx, hybrid, marketing())).toMatchObject({ kind: 'lane', provider: NAME, standing: null })
})

test('labs are not bound, but by what their operator said', () => {
  const free = groundOf({ warmsUp: true })
  expect(place(lab, free, marketing())).toMatchObject({ kind: 'lane', standing: null })
  const told = groundOf({ warmsUp: true, sources: [{ address: '127.0.0.2', maxPerDay: 3 }] })
  used(told, lab, 3)
  expect(place(lab, told, marketing())).toMatchObject({ kind: 'later' })
})

test('in mode hybrid a smarthost takes what the provider refuses from us', async () => {
  const ground = groundOf({
    ...RELAY,
    ...from('192.0.2.8', '192.0.2.9'),
    blocked: ['192.0.2.8', '192.0.2.9'],
  })
  await ground.departures.relays?.start()
  expect(place(mx, ground)).toMatchObject({
    provider: NAME,
    source: null,
    ready: { transport: { via: NAME, hello: 'client.test', auth: null, implicitTls: false } },
  })
  const one = groundOf({ ...RELAY, ...from('192.0.2.8', '192.0.2.9'), blocked: ['192.0.2.8'] })
  await one.departures.relays?.start()
  const refused = aDelivery()
  expect(place(mx, one, refused)).toMatchObject({ provider: PROVIDER, source: '192.0.2.9' })
  one.departures.detours.add(refused.id)
  expect(place(mx, one, refused)).toMatchObject({ provider: NAME })
})

test('a smarthost whose lane is full, or whose address is unknown, is asked again in a moment', async () => {
  const full = groundOf({ ...RELAY, blocked: [null], full: [NAME] })
  await full.departures.relays?.start()
  expect(place(mx, full)).toEqual({ kind: 'later', wait: 5 * SECOND, short: null })
  const unknown = groundOf({ relays: [{ host: 'smtp.unknown.example' }], blocked: [null] })
  await unknown.departures.relays?.start()
  expect(place(mx, unknown)).toEqual({ kind: 'later', wait: 5 * SECOND, short: null })
})

test.each([
  [
    { ...RELAY, cutOff: true },
    { kind: 'lane', provider: NAME },
  ],
  [{ ...RELAY, cutOff: true, full: [NAME] }, { kind: 'later' }],
  [{ cutOff: true }, { kind: 'later', wait: 60_000 }],
] as const)(
  'where nobody can be reached a smarthost takes all, and without one all waits: %j',
  async (draft, want) => {
    const ground = groundOf(draft)
    await ground.departures.relays?.start()
    expect(place(mx, ground)).toMatchObject(want)
  },
)

test('what goes the same way has the same transport, as long as nothing about the way changes', () => {
  const ground = groundOf(from('192.0.2.9'))
  const wayOf = (route: Route, on: Ground) => {
    const placement = place(route, on)
    if (placement.kind !== 'lane') throw new Error(placement.kind)
    return placement.ready.transport
  }
  const way = wayOf(mx, ground)
  expect(wayOf(mx, ground)).toBe(way)
  expect(wayOf({ ...mx }, ground)).not.toBe(way)
  expect(wayOf(mx, groundOf(from('192.0.2.8')))).toMatchObject({ source: '192.0.2.8', route: mx })
  expect(
    wayOf(mx, { ...ground, transport: { kind: 'mx', hello: 'h', messagesPerConnection: 7 } }),
  ).toMatchObject({
    source: '192.0.2.9',
    messagesPerConnection: 7,
  })
})
