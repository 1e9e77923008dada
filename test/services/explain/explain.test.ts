import { expect, test } from 'bun:test'
import type { FailureFacts, MailEvent } from '../../../src/core/event.ts'
import type { EventId } from '../../../src/core/ids.ts'
import type { Delivery } from '../../../src/core/message.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import { explain, type Facts } from '../../../src/services/explain/explain.ts'
import { span } from '../../../src/services/explain/words.ts'
import { messageWith } from '../../store/contract/samples.ts'
import { aDelivery } from '../../support/deliveries.ts'

const message = messageWith({ createdAt: 0, expiresAt: 5 * DAY })
const NO_PEER = { mx: null, ip: null, software: null }

const FULL: FailureFacts = {
  type: 'soft',
  reason: 'mailbox_full',
  enhancedCode: '4.2.2',
  diagnostic: '452 4.2.2 over quota',
  blame: 'recipient',
  remedy: 'The recipient has to make room.',
}

function delivery(change: Partial<Delivery>): Delivery {
  const { id, recipient, destination } = aDelivery()
  return {
    id,
    messageId: message.id,
    recipient,
    destination,
    state: 'queued',
    attempts: 0,
    dueAt: null,
    finishedAt: null,
    dsn: null,
    ...change,
  }
}

const head = (
  at: number,
): Pick<MailEvent, 'id' | 'accountId' | 'messageId' | 'deliveryId' | 'recipient' | 'at'> => ({
  id: 'evt_1' as EventId,
  accountId: message.accountId,
  messageId: message.id,
  deliveryId: aDelivery().id,
  recipient: aDelivery().recipient,
  at,
})

const explained = (one: Delivery, events: readonly MailEvent[], more: Partial<Facts> = {}) => {
  const all = {
    message,
    deliveries: [one],
    attempts: [],
    events,
    now: MINUTE,
    whyWaiting: () => null,
    ...more,
  }
  const { recipients } = explain(all)
  const [first] = recipients
  if (first === undefined) throw new Error('nobody is explained')
  return first
}

test('a deferred recipient: the last answer, whose fault, what to do, when again and until when', () => {
  const deferred: MailEvent = {
    ...head(SECOND),
    type: 'email.deferred',
    peer: NO_PEER,
    failure: FULL,
    nextAttemptAt: HOUR,
  }
  const told = explained(delivery({ attempts: 1, dueAt: HOUR }), [deferred])
  expect(told.what_happened).toBe('One attempt was put off. The last answer was: 452 4.2.2 over quota')
  expect(told.at_fault).toEqual({
    blame: 'recipient',
    reason: 'mailbox_full',
    enhanced_code: '4.2.2',
    in_words: 'The fault lies with the recipient’s address or mailbox.',
  })
  expect(told.what_to_do).toBe('The recipient has to make room.')
  expect(told.what_happens_next).toBe(
    'It is tried again at 1970-01-01T01:00:00.000Z, in 59 minutes. MailWok goes on until 1970-01-06T00:00:00.000Z, then it bounces.',
  )
  expect(told.next_attempt_at).toBe('1970-01-01T01:00:00.000Z')
})

test('who waits for a lane hears of the lane', () => {
  const told = explained(delivery({ dueAt: 0 }), [], {
    whyWaiting: () => 'Mail to google pauses until noon.',
  })
  expect(told.what_happens_next).toStartWith(
    'It is due and goes as soon as its lane has room. Mail to google pauses until noon.',
  )
})

test('a late bounce says that the receiver had taken it', () => {
  const late: MailEvent = {
    ...head(HOUR),
    type: 'email.bounced',
    peer: NO_PEER,
    failure: { ...FULL, type: 'hard', reason: 'mailbox_unknown', diagnostic: '550 5.1.1 unknown' },
    late: true,
  }
  const told = explained(delivery({ state: 'bounced', attempts: 1, finishedAt: HOUR }), [late])
  expect(told.what_happened).toBe('The receiver took it first and sent it back later: 550 5.1.1 unknown')
  expect(told.what_happens_next).toBe('It is not tried again.')
})

test('a complaint outweighs the delivery', () => {
  const complained: MailEvent = {
    ...head(HOUR),
    type: 'email.complained',
    feedbackType: 'abuse',
    reporter: 'yahoo.com',
  }
  const told = explained(delivery({ state: 'delivered', finishedAt: SECOND }), [complained])
  expect(told.what_happened).toBe('It was delivered, and the recipient reported it as unwanted.')
  expect(told.timeline.map(({ text }) => text)).toEqual([
    'The recipient complained (abuse), reported by yahoo.com.',
  ])
})

test('an attempt tells its way and what was said, and its event is not told twice', () => {
  const delivered: MailEvent = {
    ...head(2 * SECOND),
    type: 'email.delivered',
    peer: { mx: 'mx.example.net', ip: '192.0.2.1', software: null },
    response: 'Ok',
    elapsed: 2 * SECOND,
  }
  const attempt: Facts['attempts'][number] = {
    deliveryId: aDelivery().id,
    number: 1,
    outcome: 'delivered',
    startedAt: SECOND,
    endedAt: 2 * SECOND,
    mx: 'mx.example.net',
    address: '192.0.2.1',
    source: '198.51.100.1',
    tls: { version: 'TLSv1.3', cipher: 'x', verified: true },
    peerSoftware: null,
    diagnostic: '250 Ok',
    code: 250,
    enhancedCode: null,
    via: 'direct',
    transcript: '0 MAIL 250 Ok\n4 RCPT 250 Ok',
  }
  const told = explained(delivery({ state: 'delivered', attempts: 1 }), [delivered], { attempts: [attempt] })
  expect(told.what_happened).toBe(
    'mx.example.net took it 2 seconds after it was accepted here. It answers for it from then on.',
  )
  expect(told.at_fault).toBeNull()
  expect(told.timeline).toEqual([
    {
      at: '1970-01-01T00:00:01.000Z',
      text: 'Attempt 1 from 198.51.100.1 to mx.example.net [192.0.2.1] over TLSv1.3, certificate verified was taken after 1 second: 250 Ok',
      transcript: ['0 MAIL 250 Ok', '4 RCPT 250 Ok'],
    },
  ])
})

test('the summary counts recipients by their end', () => {
  const { summary } = explain({
    message,
    deliveries: [
      delivery({ state: 'delivered' }),
      delivery({ state: 'delivered' }),
      delivery({ state: 'held' }),
    ],
    attempts: [],
    events: [],
    now: 0,
    whyWaiting: () => null,
  })
  expect(summary).toBe('3 recipients: 2 delivered and 1 held.')
})

test.each([
  [0, 'less than a second'],
  [1500, '1 second'],
  [61 * SECOND, '1 minute and 1 second'],
  [2 * HOUR, '2 hours'],
  [DAY + 3 * HOUR + MINUTE, '1 day and 3 hours'],
])('%i ms are %s', (of, words) => expect(span(of)).toBe(words))
