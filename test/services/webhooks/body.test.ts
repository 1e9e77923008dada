import { describe, expect, test } from 'bun:test'
import { type MailEvent, NO_MESSAGE } from '../../../src/core/event.ts'
import { deliveryId } from '../../../src/core/ids.ts'
import type { Milliseconds } from '../../../src/core/time.ts'
import { MAIL_EVENT_TYPES } from '../../../src/core/webhook.ts'
import { webhookBody } from '../../../src/services/webhooks/body.ts'
import { ACCOUNT, mailboxNamed } from '../../store/contract/samples.ts'

const ID = 'msg_a1b2c3d4e5f6' as MailEvent['messageId']
const head = {
  id: 'evt_a1b2c3d4e5f6' as MailEvent['id'],
  accountId: ACCOUNT,
  messageId: ID,
  deliveryId: deliveryId(ID, 0),
  recipient: mailboxNamed('user@example.com'),
  at: (Date.UTC(2025, 0, 15, 10, 30) + 987.5) as Milliseconds,
}
const peer = { mx: 'mx.example.com', ip: '192.168.1.1', software: 'Postfix' }
const failure = {
  type: 'hard',
  reason: 'mailbox_unknown',
  enhancedCode: '5.1.1',
  diagnostic: '550 5.1.1 no such user',
  blame: 'recipient',
  remedy: 'Remove it.',
} as const
const reader = { ip: '192.168.1.1', userAgent: 'Gmail/1.0' }
const message = { tags: ['welcome'], custom: { order: 7 }, mode: 'live' } as const

const EVENTS: readonly MailEvent[] = [
  { ...head, type: 'email.queued' },
  {
    ...head,
    type: 'email.delivered',
    peer,
    response: '250 2.0.0 Ok',
    elapsed: 20.5,
    untracked: 'the host does not lead here',
  },
  { ...head, type: 'email.deferred', peer, failure, nextAttemptAt: head.at },
  { ...head, type: 'email.bounced', peer, failure },
  { ...head, type: 'email.complained', feedbackType: 'abuse', reporter: 'yahoo.example' },
  { ...head, type: 'email.opened', ...reader, machine: null, why: [] },
  { ...head, type: 'email.clicked', ...reader, machine: true, why: ['head'], url: 'https://shop.example/' },
  { ...head, type: 'email.unsubscribed', ...reader, scope: '', by: 'one-click' },
  { ...head, type: 'email.failed', reason: 'no route' },
  { ...head, type: 'email.suppressed', reason: 'hard_bounce' },
  { ...head, type: 'email.cancelled', reason: 'dropped' },
]
const named = (type: MailEvent['type']): MailEvent => {
  const found = EVENTS.find((event) => event.type === type)
  if (!found) throw new Error(type)
  return found
}
const told = (type: MailEvent['type']) => JSON.parse(JSON.stringify(webhookBody(named(type), message)))

describe('the promised body', () => {
  test('is what api.md A says, to the letter', () => {
    const { event, timestamp, message_id, recipient, metadata } = told('email.opened')
    expect(JSON.stringify({ event, timestamp, message_id, recipient, metadata })).toBe(
      '{"event":"email.opened","timestamp":"2025-01-15T10:30:00Z","message_id":"msg_a1b2c3d4e5f6",' +
        '"recipient":"user@example.com",' +
        '"metadata":{"tags":["welcome"],"ip":"192.168.1.1","user_agent":"Gmail/1.0"}}',
    )
  })

  const HEAD =
    '"timestamp":"2025-01-15T10:30:00Z","message_id":"msg_a1b2c3d4e5f6","recipient":"user@example.com"'
  const by = (agent: string) => `"metadata":{"tags":["welcome"],"ip":"192.168.1.1","user_agent":"${agent}"}`
  const nobody = '"metadata":{"tags":["welcome"],"ip":null,"user_agent":null}'
  test.each([
    [
      'email.delivered',
      by('Postfix'),
      '"mx":"mx.example.com","response":"250 2.0.0 Ok","elapsed_ms":21,"untracked":"the host does not lead here"',
    ],
    ['email.opened', by('Gmail/1.0'), '"machine":null,"machine_why":[]'],
    ['email.clicked', by('Gmail/1.0'), '"url":"https://shop.example/","machine":true,"machine_why":["head"]'],
    [
      'email.bounced',
      by('Postfix'),
      '"mx":"mx.example.com","bounce":{"type":"hard","reason":"mailbox_unknown","enhanced_code":"5.1.1",' +
        '"diagnostic":"550 5.1.1 no such user","blame":"recipient","remedy":"Remove it."},"late":false',
    ],
    ['email.complained', nobody, '"feedback_type":"abuse","reporter":"yahoo.example"'],
    ['email.unsubscribed', by('Gmail/1.0'), '"scope":"all","by":"one-click"'],
  ] as const)('of %s is this, whole', (type, metadata, onTop) => {
    expect(JSON.stringify(webhookBody(named(type), message))).toBe(
      `{"event":"${type}",${HEAD},${metadata},"type":"${type}","custom":{"order":7},"test":false,${onTop}}`,
    )
  })

  test('of what is no mail has every promised key, and null where mail has a message', () => {
    const event = {
      id: head.id,
      accountId: ACCOUNT,
      messageId: NO_MESSAGE,
      recipient: null,
      type: 'domain.unverified',
      subject: 'example.com',
      at: head.at,
      details: { domain: 'example.com', reason: 'A record is missing.' },
    } as const
    expect(JSON.stringify(webhookBody(event, null))).toBe(
      '{"event":"domain.unverified","timestamp":"2025-01-15T10:30:00Z","message_id":null,"recipient":null,' +
        '"metadata":{"tags":[],"ip":null,"user_agent":null},"type":"domain.unverified","custom":null,"test":false,' +
        '"domain":"example.com","reason":"A record is missing."}',
    )
  })

  test('every type of event is tried here', () => {
    expect(EVENTS.map(({ type }) => type).sort()).toEqual([...MAIL_EVENT_TYPES].sort())
  })

  test.each(EVENTS)('of $type has every promised key first, of its type', (event) => {
    const body = JSON.parse(JSON.stringify(webhookBody(event, message)))
    expect(Object.keys(body).slice(0, 6)).toEqual([
      'event',
      'timestamp',
      'message_id',
      'recipient',
      'metadata',
      'type',
    ])
    expect(Object.keys(body.metadata)).toEqual(['tags', 'ip', 'user_agent'])
    expect(body).toMatchObject({
      event: event.type,
      type: event.type,
      timestamp: '2025-01-15T10:30:00Z',
      message_id: 'msg_a1b2c3d4e5f6',
      recipient: 'user@example.com',
      metadata: { tags: ['welcome'] },
      custom: { order: 7 },
      test: false,
    })
    for (const key of ['ip', 'user_agent'] as const) {
      expect(body.metadata[key] === null || typeof body.metadata[key] === 'string').toBe(true)
    }
  })

  test.each(EVENTS)('of $type keeps its keys when the message is gone', (event) => {
    const body = webhookBody(event, null)
    expect(body).toMatchObject({ metadata: { tags: [] }, custom: null, test: false })
  })
})

describe('on top', () => {
  test('a delivery names the receiving host', () => {
    expect(told('email.delivered')).toMatchObject({
      metadata: { ip: '192.168.1.1', user_agent: 'Postfix' },
      mx: 'mx.example.com',
      response: '250 2.0.0 Ok',
    })
  })

  test.each(['email.bounced', 'email.deferred'] as const)('%s says why', (type) => {
    expect(told(type).bounce).toEqual({
      type: 'hard',
      reason: 'mailbox_unknown',
      enhanced_code: '5.1.1',
      diagnostic: '550 5.1.1 no such user',
      blame: 'recipient',
      remedy: 'Remove it.',
    })
  })

  test.each([
    ['email.opened', { machine: null, machine_why: [] }],
    ['email.clicked', { machine: true, machine_why: ['head'], url: 'https://shop.example/' }],
    ['email.unsubscribed', { scope: 'all', by: 'one-click' }],
    ['email.complained', { feedback_type: 'abuse', reporter: 'yahoo.example' }],
    ['email.suppressed', { reason: 'hard_bounce', suppression: null }],
    ['email.deferred', { next_attempt_at: '2025-01-15T10:30:00Z' }],
  ] as const)('%s has %p', (type, want) => {
    expect(told(type)).toMatchObject(want)
  })

  test('mail of a test key says so', () => {
    expect(webhookBody(named('email.delivered'), { ...message, mode: 'test' }).test).toBe(true)
  })
})
