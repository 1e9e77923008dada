import { expect, test } from 'bun:test'
import type { AttemptOutcome, Cause } from '../../../src/core/outcome.ts'
import { parseEnhanced } from '../../../src/core/reply.ts'
import { Lanes } from '../../../src/services/queue/lanes.ts'
import { Ways } from '../../../src/services/queue/ways.ts'
import { ProviderBook } from '../../../src/services/routing/provider-book.ts'
import { storeOptions } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'
import { aDelivery } from '../../support/deliveries.ts'
import { type DeparturesDraft, departuresOver } from '../../support/departures.ts'

const NOWHERE = {
  warmups: {
    all: () => Promise.reject(new Error('read')),
    save: () => Promise.reject(new Error('written')),
    forget: () => Promise.reject(new Error('written')),
  },
}

async function waysOf(draft: DeparturesDraft = {}) {
  const clock = handClock()
  const departures = departuresOver({ store: NOWHERE, clock }, { warmsUp: true, ...draft })
  await departures.relays?.start()
  const lanes = new Lanes({
    clock,
    book: new ProviderBook([]),
    connections: 2,
    maxConnections: 100,
    waiting: 10,
  })
  const transport = { kind: 'mx', hello: 'client.test', messagesPerConnection: 100 } as const
  const { log, meter } = storeOptions()
  const providerOf = (destination: string): string => destination
  const ways = new Ways({ departures, lanes, transport, meter, log, clock, providerOf })
  const [source] = departures.sources.sources
  if (!source) throw new Error('no source')
  return { departures, ways, standing: departures.ledger.at(source, 'provider.example') }
}

const said = (code: number, text: string): Cause => ({
  kind: 'reply',
  stage: 'RCPT',
  reply: { code, text, enhanced: parseEnhanced(text, code) },
})
const deferred = (cause: Cause): AttemptOutcome => ({ kind: 'deferred', cause })
const bounced = (cause: Cause, hardness: 'hard' | 'soft' = 'soft'): AttemptOutcome => ({
  kind: 'bounced',
  cause,
  hardness,
})
const OK: AttemptOutcome = { kind: 'delivered', reply: { code: 250, enhanced: null, text: 'ok' } }
const SILENCE: Cause = { kind: 'network', at: 'connect', detail: 'time-out' }
const BLOCKED = said(554, '5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org')

const FROM = '198.51.100.1'

test.each([
  ['taken', OK, { sent: 1 }],
  ['no such user', bounced(said(550, '5.1.1 user unknown'), 'hard'), { sent: 1, hardBounced: 1 }],
  ['content refused', bounced(said(554, '5.6.0 bad MIME')), { sent: 1, hardBounced: 0 }],
  ['too fast', deferred(said(421, '4.7.0 too many messages, slow down')), { sent: 0, deferred: 1 }],
  ['blocked', bounced(BLOCKED), { sent: 0, blocked: 1, budget: 25 }],
  ['greylisted', deferred(said(451, '4.7.1 Greylisted, come back later')), { sent: 0, deferred: 0 }],
  ['mailbox full', deferred(said(452, '4.2.2 over quota')), { sent: 0, deferred: 0 }],
  ['nobody answers', deferred(SILENCE), { sent: 0, deferred: 0 }],
] as const)('%s is booked as what it says of us', async (_, outcome, want) => {
  const { ways, standing } = await waysOf()
  ways.finished(aDelivery(), standing, { outcome, evidence: { via: 'direct', mx: 'mx.test', source: FROM } })
  expect(standing.warmth).toMatchObject(want)
})

const OURS = { sources: [{ address: FROM }, { address: '198.51.100.2' }] }
const ONE = { relays: [{ host: '192.0.2.25' }] }
const TWO = { relays: [{ host: '192.0.2.25' }, { host: '192.0.2.26' }] }
const RELAY = 'relay:192.0.2.25'

test.each([
  ['a block', {}, bounced(BLOCKED), 'direct', false],
  ['a block of one of two', OURS, bounced(BLOCKED), 'direct', true],
  ['a block', ONE, bounced(BLOCKED), 'direct', true],
  ['a block for now', ONE, deferred(said(421, '4.7.1 blocked using bl.example')), 'direct', true],
  ['no such user', ONE, bounced(said(550, '5.1.1 user unknown'), 'hard'), 'direct', false],
  ['silence', ONE, deferred(SILENCE), 'direct', false],
  ['a block by the smarthost', TWO, bounced(BLOCKED), RELAY, false],
  ['silence of the only smarthost', ONE, deferred(SILENCE), RELAY, false],
  ['silence of one of two', TWO, deferred(SILENCE), RELAY, true],
  ['a refused password', TWO, deferred({ kind: 'policy', rule: 'relay-auth', detail: 'no' }), RELAY, true],
  ['success', TWO, OK, RELAY, false],
] as const)('%s with %p: %p by %s leaves another way open: %p', async (_, draft, outcome, ...[via, open]) => {
  const { departures, ways } = await waysOf(draft)
  const delivery = aDelivery()
  expect(ways.finished(delivery, null, { outcome, evidence: { via, mx: 'mx.test', source: FROM } })).toBe(
    open,
  )
  expect(departures.detours.has(delivery.id)).toBe(open && via === 'direct')
})

test('only marketing gives back a place', async () => {
  const { ways, standing } = await waysOf()
  standing.underWay = 1
  ways.letGo(aDelivery(), standing)
  expect(standing.underWay).toBe(1)
  ways.letGo(aDelivery({ stream: 'marketing' }), standing)
  expect(standing.underWay).toBe(0)
})

test('why marketing waits is said in words, while no smarthost takes it', async () => {
  const { departures, ways, standing } = await waysOf({ sources: [{ address: '192.0.2.1' }] })
  standing.underWay = 50
  const marketing = aDelivery({ stream: 'marketing' })
  expect(ways.whyWaiting('provider.example', marketing)).toBe(
    'It waits for the warm-up budget of 192.0.2.1 at provider.example: today’s is used, the next begins at midnight UTC.',
  )
  expect(ways.whyWaiting('provider.example', aDelivery())).toBeNull()
  expect(ways.whyWaiting('other.example', marketing)).toBeNull()
  departures.ledger.ranShort('provider.example')
  expect([...ways.busy().busyMarketing]).toEqual(['provider.example'])
  const hybrid = await waysOf(ONE)
  hybrid.standing.underWay = 50
  expect(hybrid.ways.whyWaiting('provider.example', marketing)).toBeNull()
  hybrid.departures.ledger.ranShort('provider.example')
  expect([...hybrid.ways.busy().busyMarketing]).toEqual([])
})
