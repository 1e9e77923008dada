//
// Every event in the words of every vendor.

import { describe, expect, test } from 'bun:test'
import { type AccountEvent, type MailEvent, NO_MESSAGE } from '../../../../src/core/event.ts'
import { deliveryId } from '../../../../src/core/ids.ts'
import { MAIL_EVENT_TYPES, WEBHOOK_FORMATS, type WebhookFormat } from '../../../../src/core/webhook.ts'
import { toldBody, typesOf, usualOf } from '../../../../src/services/webhooks/formats/formats.ts'
import type { ToldFacts } from '../../../../src/services/webhooks/formats/told.ts'
import { ACCOUNT, mailboxNamed } from '../../../store/contract/samples.ts'

const ID = 'msg_a1b2c3d4e5f6' as MailEvent['messageId']
const AT = Date.UTC(2025, 0, 15, 10, 30, 0, 987)
const head = {
  id: 'evt_a1b2c3d4e5f6' as MailEvent['id'],
  accountId: ACCOUNT,
  messageId: ID,
  deliveryId: deliveryId(ID, 0),
  recipient: mailboxNamed('user@example.com'),
  at: AT,
}
const peer = { mx: 'mx.example.com', ip: '192.0.2.1', software: 'Postfix' }
const failure = {
  type: 'hard',
  reason: 'mailbox_unknown',
  enhancedCode: '5.1.1',
  diagnostic: '550 5.1.1 no such user',
} as const
const reader = { ip: '192.0.2.9', userAgent: 'Gmail/1.0' }
const facts: ToldFacts = {
  tags: ['category:order', 'vip'],
  custom: { order: '7', event: 'mine', email: 'forged@example.com' },
  mode: 'live',
  from: mailboxNamed('shop@example.com'),
  subject: 'Héllo "you"',
  stream: 'transactional',
  createdAt: AT - 1000,
}

const EVENTS: Readonly<Record<MailEvent['type'], MailEvent>> = {
  'email.queued': { ...head, type: 'email.queued' },
  'email.delivered': { ...head, type: 'email.delivered', peer, response: '250 2.0.0 Ok', elapsed: 20.5 },
  'email.deferred': { ...head, type: 'email.deferred', peer, failure, nextAttemptAt: AT },
  'email.bounced': { ...head, type: 'email.bounced', peer, failure },
  'email.complained': { ...head, type: 'email.complained', feedbackType: 'abuse', reporter: null },
  'email.opened': { ...head, type: 'email.opened', ...reader, machine: true, why: ['head'] },
  'email.clicked': {
    ...head,
    type: 'email.clicked',
    ...reader,
    machine: null,
    why: [],
    url: 'https://shop.example/',
  },
  'email.unsubscribed': {
    ...head,
    type: 'email.unsubscribed',
    ip: null,
    userAgent: null,
    scope: '',
    by: 'page',
  },
  'email.failed': { ...head, type: 'email.failed', reason: 'no route' },
  'email.suppressed': {
    ...head,
    type: 'email.suppressed',
    reason: 'hard_bounce',
    by: { reason: 'complaint', scope: '', since: AT },
  },
  'email.cancelled': { ...head, type: 'email.cancelled', reason: 'dropped' },
}
const told = (format: WebhookFormat, type: MailEvent['type'], known: ToldFacts | null = facts) =>
  JSON.parse(toldBody(format, EVENTS[type], known) ?? 'null')

describe.each(WEBHOOK_FORMATS)('%s', (format) => {
  test.each(MAIL_EVENT_TYPES)('%s has a body exactly where it can be asked for', (type) => {
    const isKnown = typesOf(format).includes(type)
    expect(told(format, type) !== null).toBe(isKnown)
    // Retention may have removed the message.
    expect(told(format, type, null) !== null).toBe(isKnown)
  })

  test('the usual events are of those', () => {
    const types = typesOf(format)
    expect(usualOf(format).length).toBeGreaterThan(4)
    expect(usualOf(format).every((type) => types.includes(type))).toBeTrue()
  })
})

test('what is no mail is told in our words alone', () => {
  const event: AccountEvent = {
    id: head.id,
    accountId: ACCOUNT,
    messageId: NO_MESSAGE,
    recipient: null,
    type: 'domain.verified',
    subject: 'example.com',
    at: AT,
    details: { domain: 'example.com' },
  }
  expect(WEBHOOK_FORMATS.filter((format) => toldBody(format, event, null) !== null)).toEqual(['mailwok'])
})

test('resend: type, created_at and data, as its client has them', () => {
  expect(told('resend', 'email.bounced')).toEqual({
    type: 'email.bounced',
    created_at: '2025-01-15T10:30:00.987Z',
    data: {
      email_id: ID,
      message_id: `<${ID}@example.com>`,
      created_at: '2025-01-15T10:29:59.987Z',
      from: 'shop@example.com',
      to: ['user@example.com'],
      subject: 'Héllo "you"',
      tags: { category: 'order', vip: '' },
      bounce: {
        diagnosticCode: ['smtp; 550 5.1.1 no such user'],
        message: '550 5.1.1 no such user',
        subType: 'NoEmail',
        reason: 'mailbox_unknown',
        type: 'Permanent',
      },
    },
  })
  expect(told('resend', 'email.clicked').data.click).toEqual({
    ipAddress: '192.0.2.9',
    timestamp: '2025-01-15T10:30:00.987Z',
    userAgent: 'Gmail/1.0',
    link: 'https://shop.example/',
  })
})

test('sendgrid: a list of one; custom arguments stand in it and in the place of nothing', () => {
  const [event] = told('sendgrid', 'email.bounced')
  expect(event).toEqual({
    order: '7',
    email: 'user@example.com',
    timestamp: 1_736_937_000,
    'smtp-id': `<${ID}@example.com>`,
    event: 'bounce',
    category: ['category:order', 'vip'],
    sg_event_id: 'evt_a1b2c3d4e5f6',
    sg_message_id: ID,
    type: 'bounce',
    reason: '550 5.1.1 no such user',
    status: '5.1.1',
    bounce_classification: 'Invalid Address',
  })
  expect(told('sendgrid', 'email.suppressed')[0]).toMatchObject({
    event: 'dropped',
    reason: 'Spam Reporting Address',
  })
  const left = { ...EVENTS['email.unsubscribed'], scope: 'list:asm-17' } as MailEvent
  expect(JSON.parse(toldBody('sendgrid', left, facts) ?? '')[0]).toMatchObject({
    event: 'group_unsubscribe',
    asm_group_id: 17,
  })
  expect(told('sendgrid', 'email.opened')[0]).toMatchObject({ event: 'open', sg_machine_open: true })
})

test('postmark: RecordType and flat fields', () => {
  const bounce = told('postmark', 'email.bounced')
  expect(bounce).toMatchObject({
    RecordType: 'Bounce',
    Type: 'HardBounce',
    TypeCode: 1,
    MessageID: ID,
    Email: 'user@example.com',
    From: 'shop@example.com',
    Tag: 'category:order',
    Metadata: { order: '7', event: 'mine', email: 'forged@example.com' },
    MessageStream: 'outbound',
    Inactive: true,
  })
  expect(Number.isSafeInteger(bounce.ID)).toBeTrue()
  expect(told('postmark', 'email.delivered')).toMatchObject({
    RecordType: 'Delivery',
    Recipient: 'user@example.com',
    DeliveredAt: '2025-01-15T10:30:00.987Z',
    Details: '250 2.0.0 Ok',
  })
})

/** The names that the vendors' documentation has for each kind of event; more may stand there. */
const DOCUMENTED: Readonly<Record<string, Readonly<Partial<Record<MailEvent['type'], string>>>>> = {
  resend: {
    'email.queued': 'email_id created_at from to subject',
    'email.bounced': 'bounce.diagnosticCode bounce.message bounce.subType bounce.type',
    'email.clicked': 'click.ipAddress click.link click.timestamp click.userAgent',
    'email.failed': 'failed.reason',
    'email.suppressed': 'suppressed.diagnosticCode suppressed.message suppressed.reason suppressed.type',
  },
  sendgrid: {
    'email.queued': 'email timestamp smtp-id event category sg_event_id sg_message_id',
    'email.delivered': 'response ip',
    'email.deferred': 'response ip',
    'email.bounced': 'type reason status bounce_classification',
    'email.suppressed': 'reason',
    'email.opened': 'useragent ip sg_machine_open',
    'email.clicked': 'useragent ip url',
    'email.unsubscribed': 'useragent ip',
  },
  postmark: {
    'email.delivered':
      'MessageID Recipient DeliveredAt Details Tag ServerID Metadata RecordType MessageStream',
    'email.bounced':
      'RecordType ID Type TypeCode Name Tag MessageID Metadata ServerID MessageStream Description Details Email From BouncedAt DumpAvailable Inactive CanActivate Subject Content',
    'email.complained':
      'RecordType ID Type TypeCode Name MessageID Email From BouncedAt Inactive CanActivate',
    'email.opened':
      'RecordType MessageStream Metadata Recipient MessageID ReceivedAt Platform Tag UserAgent OS.Name OS.Family Client.Name Geo.IP',
    'email.clicked':
      'RecordType MessageStream Metadata Recipient MessageID ReceivedAt Platform ClickLocation OriginalLink Tag UserAgent OS.Name Client.Name',
    'email.unsubscribed':
      'RecordType MessageID ServerID MessageStream ChangedAt Recipient Origin SuppressSending SuppressionReason Tag Metadata',
  },
  mailgun: {
    'email.queued':
      'id event timestamp log-level recipient recipient-domain tags user-variables flags.is-authenticated flags.is-test-mode envelope.sender envelope.targets envelope.transport domain.name message.headers.from message.headers.to message.headers.subject message.headers.message-id',
    'email.delivered': 'delivery-status.code delivery-status.message delivery-status.mx-host',
    'email.bounced':
      'severity reason delivery-status.code delivery-status.message delivery-status.description delivery-status.enhanced-code',
    'email.opened':
      'ip geolocation.country client-info.client-name client-info.client-os client-info.device-type client-info.user-agent client-info.bot',
    'email.clicked': 'url ip geolocation.city client-info.client-type',
    'email.unsubscribed': 'ip geolocation.region client-info.user-agent',
    'email.failed': 'reject.reason reject.description',
    'email.suppressed': 'severity reason delivery-status.code delivery-status.description',
  },
}

describe.each(Object.entries(DOCUMENTED))('%s: what its documentation names', (format, types) => {
  test.each(Object.entries(types))('%s', (type, names) => {
    const body = told(format as WebhookFormat, type as MailEvent['type'])
    const data = format === 'resend' ? body.data : format === 'sendgrid' ? body[0] : body
    const lacking = names.split(' ').filter((name) => at(data, name.split('.')) === undefined)
    expect(lacking).toEqual([])
  })
})

const at = (value: unknown, [name, ...rest]: readonly string[]): unknown =>
  name === undefined ? value : at((value as Record<string, unknown> | undefined)?.[name], rest)

test('mailgun: what stands under event-data', () => {
  expect(told('mailgun', 'email.bounced')).toMatchObject({
    event: 'failed',
    severity: 'permanent',
    reason: 'bounce',
    timestamp: AT / 1000,
    recipient: 'user@example.com',
    'recipient-domain': 'example.com',
    tags: ['category:order', 'vip'],
    'user-variables': facts.custom,
    message: { headers: { 'message-id': `${ID}@example.com`, subject: 'Héllo "you"' } },
    'delivery-status': { code: 550, message: '550 5.1.1 no such user', 'mx-host': 'mx.example.com' },
  })
  expect(told('mailgun', 'email.suppressed')).toMatchObject({ event: 'failed', reason: 'suppress-complaint' })
  expect(told('mailgun', 'email.deferred')).toMatchObject({ event: 'failed', severity: 'temporary' })
})
