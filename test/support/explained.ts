//
// Owns: facts of one message to one recipient, for tests of what is explained.

import type { FailureFacts, MailEvent } from '../../src/core/event.ts'
import type { EventId } from '../../src/core/ids.ts'
import type { Delivery } from '../../src/core/message.ts'
import type { Suppression } from '../../src/core/suppression.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import type { Facts } from '../../src/services/explain/case.ts'
import { explain } from '../../src/services/explain/explain.ts'
import { messageWith } from '../store/contract/samples.ts'
import { aDelivery } from './deliveries.ts'

export const message = messageWith({ createdAt: 0, expiresAt: 5 * DAY })
export const MX = { mx: 'mx.example.net', ip: '192.0.2.1', software: null }
export const RELAY = {
  mx: 'smtp.example.org',
  ip: '192.0.2.9',
  software: null,
  via: 'relay:smtp.example.org',
}
export const NOBODY = { mx: null, ip: null, software: null }

export const FULL: FailureFacts = {
  type: 'soft',
  reason: 'mailbox_full',
  enhancedCode: '4.2.2',
  diagnostic: '452 4.2.2 over quota',
  blame: 'recipient',
  remedy: 'The recipient has to make room.',
}
export const UNKNOWN: FailureFacts = {
  ...FULL,
  type: 'hard',
  reason: 'mailbox_unknown',
  enhancedCode: '5.1.1',
  diagnostic: '550 5.1.1 No such user.',
}

const { id: ID, recipient: RECIPIENT, destination: DESTINATION } = aDelivery()

export { ID, RECIPIENT }

export const delivery = (change: Partial<Delivery>): Delivery => ({
  id: ID,
  messageId: message.id,
  recipient: RECIPIENT,
  destination: DESTINATION,
  state: 'queued',
  attempts: 0,
  dueAt: null,
  finishedAt: null,
  dsn: null,
  ...change,
})

export const head = (at: number, id = 'evt_1') => ({
  id: id as EventId,
  accountId: message.accountId,
  messageId: message.id,
  deliveryId: ID,
  recipient: RECIPIENT,
  at,
})

type Change<Type extends MailEvent['type']> = Partial<Extract<MailEvent, { readonly type: Type }>>

export const deferred = (change: Change<'email.deferred'> = {}): MailEvent => ({
  ...head(SECOND),
  type: 'email.deferred',
  peer: MX,
  failure: FULL,
  nextAttemptAt: HOUR,
  ...change,
})
export const bounced = (change: Change<'email.bounced'> = {}): MailEvent => ({
  ...head(HOUR),
  type: 'email.bounced',
  peer: MX,
  failure: UNKNOWN,
  ...change,
})
export const delivered = (change: Change<'email.delivered'> = {}): MailEvent => ({
  ...head(2 * SECOND),
  type: 'email.delivered',
  peer: MX,
  response: 'Ok',
  elapsed: 2 * SECOND,
  ...change,
})
export const complained: MailEvent = {
  ...head(HOUR),
  type: 'email.complained',
  feedbackType: 'abuse',
  reporter: 'yahoo.com',
}
export const suppressed: MailEvent = {
  ...head(SECOND),
  type: 'email.suppressed',
  reason: 'hard bounce on 1970-01-01',
  by: { reason: 'hard_bounce', scope: '', since: 0 },
}
export const entry = (change: Partial<Suppression> = {}): Suppression => ({
  accountId: message.accountId,
  recipient: RECIPIENT.toLowerCase(),
  scope: '',
  reason: 'hard_bounce',
  eventId: 'evt_1' as EventId,
  note: '550 5.1.1 No such user',
  createdAt: 0,
  expiresAt: 180 * DAY,
  ...change,
})

export const factsOf = (one: Delivery, events: readonly MailEvent[], more: Partial<Facts> = {}): Facts => ({
  message,
  account: 'default',
  deliveries: [one],
  attempts: [],
  events,
  suppressions: [],
  isListKnown: true,
  reporting: { mode: 'on-request', isOwnAddress: true },
  now: MINUTE,
  whyWaiting: () => null,
  isUnderWay: () => false,
  ...more,
})

export const explained = (one: Delivery, events: readonly MailEvent[], more: Partial<Facts> = {}) => {
  const [first] = explain(factsOf(one, events, more)).recipients
  if (first === undefined) throw new Error('nobody is explained')
  return first
}
