import { expect, test } from 'bun:test'
import type { Domain, Mailbox } from '../../../src/core/address.ts'
import type { EventId } from '../../../src/core/ids.ts'
import type { AttemptEvidence, AttemptOutcome } from '../../../src/core/outcome.ts'
import { parseEnhanced } from '../../../src/core/reply.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import { isSandboxed, playSandbox } from '../../../src/services/queue/sandbox.ts'
import { settlementFor } from '../../../src/services/queue/settle.ts'
import { aDelivery } from '../../support/deliveries.ts'

const evidence: AttemptEvidence = {
  startedAt: HOUR - 20,
  endedAt: HOUR,
  mx: 'mx.example.net',
  address: '192.0.2.1',
  source: '192.0.2.9',
  tls: null,
  peerSoftware: 'Postfix',
  via: 'direct',
  transcript: '',
}
const reply = (code: number, text: string) => ({ code, text, enhanced: parseEnhanced(text, code) })
const settle = (outcome: AttemptOutcome, attempts = 0, expiresAt = 5 * DAY) =>
  settlementFor(
    aDelivery({ attempts, expiresAt }),
    { outcome, evidence },
    { now: HOUR, dice: 0.5 },
    () => 'evt_1' as EventId,
  )

test('delivered: final, with the words of the peer and the time since accept', () => {
  const settlement = settle({ kind: 'delivered', reply: reply(250, '2.0.0 Ok: queued as 1') })
  expect(settlement.next).toEqual({ state: 'delivered', at: HOUR })
  expect(settlement.attempt).toMatchObject({
    number: 1,
    outcome: 'delivered',
    code: 250,
    enhancedCode: '2.0.0',
  })
  expect(settlement.events).toMatchObject([
    { type: 'email.delivered', elapsed: HOUR, response: '2.0.0 Ok: queued as 1', peer: { ip: '192.0.2.1' } },
  ])
})

test.each([
  [{}, undefined],
  [{ tracking: { base: 'https://t.test', opens: true } }, undefined],
  [{ tracking: { off: 'no host' } }, 'no host'],
] as const)('delivered with %p is untracked: %p', (wishes, untracked) => {
  const outcome: AttemptOutcome = { kind: 'delivered', reply: reply(250, 'ok') }
  const { events } = settlementFor(
    aDelivery({ wishes }),
    { outcome, evidence },
    { now: HOUR, dice: 0.5 },
    () => 'evt_1' as EventId,
  )
  expect(events.map((event) => Reflect.get(event, 'untracked'))).toEqual([untracked])
})

test('deferred: back to the queue at the time of the schedule', () => {
  const cause = { kind: 'reply', stage: 'RCPT', reply: reply(450, '4.2.0 greylisted') } as const
  const settlement = settle({ kind: 'deferred', cause })
  expect(settlement.next).toEqual({ state: 'queued', dueAt: HOUR + MINUTE })
  expect(settlement.events).toMatchObject([{ type: 'email.deferred', nextAttemptAt: HOUR + MINUTE }])
})

test('a peer that speaks of policy is left alone for a quarter of an hour', () => {
  const cause = { kind: 'reply', stage: 'RCPT', reply: reply(421, '4.7.0 too many messages') } as const
  expect(settle({ kind: 'deferred', cause }).next).toEqual({ state: 'queued', dueAt: HOUR + 15 * MINUTE })
})

test('where another way is open a refusal is no end, and nothing is waited for', () => {
  const cause = { kind: 'reply', stage: 'RCPT', reply: reply(554, '5.7.1 blocked') } as const
  const finished = {
    outcome: { kind: 'bounced', cause, hardness: 'soft' },
    evidence,
    otherWay: true,
  } as const
  const chance = { now: HOUR, dice: 0.5 }
  const settlement = settlementFor(aDelivery(), finished, chance, () => 'evt_1' as EventId)
  expect(settlement.next).toEqual({ state: 'queued', dueAt: HOUR + SECOND })
  expect(settlement.attempt).toMatchObject({ outcome: 'deferred', code: 554 })
  expect(settlement.events).toMatchObject([{ type: 'email.deferred', nextAttemptAt: HOUR + SECOND }])
})

test('events say when a smarthost took it', () => {
  const outcome = { kind: 'delivered', reply: reply(250, 'ok') } as const
  const relayed = { outcome, evidence: { ...evidence, via: 'relay:smtp.example.net' } }
  const settlement = settlementFor(aDelivery(), relayed, { now: HOUR, dice: 0.5 }, () => 'evt_1' as EventId)
  expect(settlement.events).toMatchObject([{ peer: { via: 'relay:smtp.example.net' } }])
})

test('a deferral past the end of life is a soft bounce that says expired', () => {
  const cause = { kind: 'network', at: 'connect', detail: 'refused' } as const
  const settlement = settle({ kind: 'deferred', cause }, 30, HOUR + MINUTE)
  expect(settlement.next).toEqual({ state: 'bounced', at: HOUR })
  expect(settlement.events).toMatchObject([
    { type: 'email.bounced', failure: { type: 'soft', reason: 'expired' } },
  ])
})

test('bounced: final at once, with the judgement of the reply', () => {
  const cause = { kind: 'reply', stage: 'RCPT', reply: reply(550, '5.1.1 no such user') } as const
  const settlement = settle({ kind: 'bounced', cause, hardness: 'hard' })
  expect(settlement.next).toEqual({ state: 'bounced', at: HOUR })
  expect(settlement.events).toMatchObject([
    { type: 'email.bounced', failure: { type: 'hard', enhancedCode: '5.1.1' } },
  ])
})

test.each([
  ['delivered', 0, 'delivered'],
  ['bounce-hard', 0, 'bounced'],
  ['bounce-soft', 0, 'bounced'],
  ['defer', 0, 'deferred'],
  ['defer', 1, 'delivered'],
  ['anything', 0, 'delivered'],
] as const)('the sandbox plays %s@ at attempt %i as %s', (local, attempts, kind) => {
  const recipient = `${local}@sandbox.mailwok.test` as Mailbox
  const delivery = aDelivery({ recipient, destination: 'sandbox.mailwok.test' as Domain, attempts })
  expect(isSandboxed(delivery)).toBe(true)
  expect(playSandbox(delivery).outcome.kind).toBe(kind)
})

test('a test key delivers nothing anywhere', () => {
  const delivery = aDelivery({ mode: 'test', recipient: 'bounce-hard@example.net' as Mailbox })
  expect(isSandboxed(delivery)).toBe(true)
  expect(playSandbox(delivery).outcome.kind).toBe('delivered')
  expect(isSandboxed(aDelivery())).toBe(false)
})
