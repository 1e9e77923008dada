import { expect, test } from 'bun:test'
import { readReturnedMail } from '../../../src/mail/bounces/returned.ts'

const sns = (message: object, footer = '') =>
  readReturnedMail(
    Buffer.from(
      `From: AWS Notifications <no-reply@sns.amazonaws.com>\nSubject: AWS Notification Message\nContent-Type: text/plain\n\n${JSON.stringify({ Type: 'Notification', Message: JSON.stringify(message) })}${footer}`,
    ),
  )

const mail = {
  source: 'news@example.com',
  headers: [
    { name: 'Message-ID', value: '<m1@example.com>' },
    { name: 'Feedback-ID', value: 'f1' },
  ],
}

test('a bounce, with the original’s header', () => {
  const returned = sns({
    notificationType: 'Bounce',
    bounce: {
      bounceType: 'Permanent',
      bounceSubType: 'General',
      bouncedRecipients: [
        {
          emailAddress: 'ann@b.example',
          action: 'failed',
          status: '5.1.1',
          diagnosticCode: 'smtp; 550 5.1.1 user unknown',
        },
        {
          emailAddress: 'bob@b.example',
          action: 'failed',
          status: '5.2.2',
          diagnosticCode: 'smtp; 552 5.2.2 full',
        },
      ],
    },
    mail,
  })
  expect(returned).toMatchObject({
    kind: 'bounce',
    recipients: [
      { recipient: 'ann@b.example', verdict: { reason: 'mailbox_unknown', hardness: 'hard' } },
      { recipient: 'bob@b.example', verdict: { reason: 'mailbox_full', hardness: 'soft' } },
    ],
    original: { messageId: 'm1@example.com', feedbackId: 'f1', returnPath: 'news@example.com' },
  })
})

test('an address on Amazon’s suppression list is suppressed, not unknown', () => {
  const diagnosticCode =
    'Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address.'
  const returned = sns({
    notificationType: 'Bounce',
    bounce: {
      bounceSubType: 'Suppressed',
      bouncedRecipients: [{ emailAddress: 'ann@b.example', status: '5.1.1', diagnosticCode }],
    },
    mail,
  })
  expect(returned).toMatchObject({ recipients: [{ verdict: { reason: 'suppressed', hardness: 'soft' } }] })
})

test('a complaint', () => {
  const returned = sns({
    notificationType: 'Complaint',
    complaint: { complainedRecipients: [{ emailAddress: 'ann@b.example' }], complaintFeedbackType: 'abuse' },
    mail,
  })
  expect(returned).toMatchObject({
    kind: 'complaint',
    feedbackType: 'abuse',
    originalRecipient: 'ann@b.example',
    original: { messageId: 'm1@example.com' },
  })
})

test('a delivery is no failure, and a footer does no harm', () => {
  const footer = '\n--\nIf you wish to stop receiving notifications {from} this topic, click below.'
  const returned = sns(
    {
      notificationType: 'Delivery',
      delivery: { recipients: ['ann@b.example'], smtpResponse: '250 2.6.0 ok' },
      mail,
    },
    footer,
  )
  expect(returned).toMatchObject({
    kind: 'bounce',
    recipients: [{ action: 'delivered', verdict: { hardness: 'soft' } }],
  })
})

test.each([
  '{"notificationType":"Bounce"',
  '{"notificationType":"Bounce","bounce":null}',
  '{"notificationType":1}',
])('damaged: %s', (text) => {
  const returned = readReturnedMail(Buffer.from(`From: a@b.example\n\n${text}`))
  expect(returned.kind).toBe('other')
})
