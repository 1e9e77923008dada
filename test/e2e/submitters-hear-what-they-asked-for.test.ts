import { expect, test } from 'bun:test'
import { type ParsedMail, simpleParser } from 'mailparser'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { readReturnedMail } from '../../src/mail/bounces/returned.ts'
import { idIn, type Lab, type LabOptions, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import type { MxMessage } from '../support/mx.ts'
import { until } from '../support/until.ts'

const HOME = { 'example.com': { MX: [[10, 'mx.example.net']] } } satisfies LabOptions['dns']
const LETTER = { subject: 'Ihre Bestellung ✓', text: 'Hello.\n', messageId: '<first@example.com>' }
/** What is for rcpt@example.net gets this reply; the submitter's own mailbox takes everything. */
const refusing = (reply: string): LabOptions => ({
  dns: HOME,
  mx: { at: (moment, { line }) => (moment === 'RCPT' && line.includes('example.net') ? reply : undefined) },
})

const notices = (lab: Lab): readonly MxMessage[] =>
  lab.mx.messages.filter((message) => message.forwardPaths.includes('shop@example.com'))

/** Followers look every half second; what they write is delivered at once. */
async function told(lab: Lab, count = 1): Promise<MxMessage> {
  await until(`${count} notices have arrived`, async () => {
    await lab.advance(SECOND)
    return notices(lab).length >= count
  })
  const last = notices(lab)[count - 1]
  if (!last) throw new Error('no notice')
  return last
}

const parsed = (message: MxMessage): Promise<ParsedMail> => simpleParser(message.bytes)
const statusOf = (message: MxMessage): string => {
  const text = message.bytes.toString('latin1')
  const from = text.indexOf('Content-Type: message/delivery-status')
  const body = text.slice(text.indexOf('\r\n\r\n', from) + 4)
  return body.slice(0, body.indexOf('\r\n--'))
}

test('NOTIFY=FAILURE: a refusal comes back as a report that people and programs can read', async () => {
  await using lab = await startLab(refusing('550 5.1.1 no such user here'))
  const dsn = {
    id: 'order+7',
    return: 'headers' as const,
    notify: ['failure' as const],
    recipient: 'rfc822;Rcpt+1@example.net',
  }
  const id = idIn(await lab.submit({ ...LETTER, dsn }))
  await lab.ended(id)
  const notice = await told(lab)
  expect(notice.reversePath).toBe('')
  const mail = await parsed(notice)
  expect(mail.from?.text).toBe('"Mail Delivery System" <MAILER-DAEMON@mail.lab.test>')
  expect(mail.subject).toBe('Undelivered: Ihre Bestellung ✓')
  expect(mail.headers.get('auto-submitted')).toBe('auto-replied')
  expect(mail.inReplyTo).toBe('<first@example.com>')
  expect(mail.text).toContain('Your message to <rcpt@example.net> was not delivered')
  expect(mail.text).toContain('550 5.1.1 no such user here')
  expect(mail.text).toContain('Where the trouble lies: the address, or who lives there.')
  const status = statusOf(notice)
  expect(status).toContain('Original-Envelope-Id: order+7\r\n')
  expect(status).toContain('Reporting-MTA: dns; mail.lab.test\r\n')
  expect(status).toContain('Original-Recipient: rfc822; Rcpt+1@example.net\r\n')
  expect(status).toContain('Final-Recipient: rfc822; rcpt@example.net\r\n')
  expect(status).toContain('Action: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.example.net\r\n')
  expect(status).toContain('Diagnostic-Code: smtp; 550 5.1.1 no such user here\r\n')
  const text = notice.bytes.toString('latin1')
  expect(text).toContain('Content-Type: text/rfc822-headers')
  expect(text).not.toContain('Hello.')
  // Our own reader of bounces understands it.
  expect(readReturnedMail(notice.bytes)).toMatchObject({
    kind: 'bounce',
    recipients: [{ action: 'failed', verdict: { reason: 'mailbox_unknown', hardness: 'hard' } }],
  })
})

test('RET=FULL returns the message as it was', async () => {
  await using lab = await startLab(refusing('550 5.7.1 not wanted'))
  const dsn = { id: 'x', return: 'full' as const, notify: ['failure' as const] }
  await lab.ended(idIn(await lab.submit({ ...LETTER, dsn })))
  const text = (await told(lab)).bytes.toString('latin1')
  expect(text).toContain('Content-Type: message/rfc822\r\n')
  expect(text).toContain('\r\nHello.\r\n')
})

test('a recipient on the suppression list is a failure as well, and the report says why', async () => {
  await using lab = await startLab({ dns: HOME })
  await lab.post('/v1/suppressions', { address: 'rcpt@example.net', note: 'asked by phone' })
  const dsn = { notify: ['failure' as const] }
  await lab.ended(idIn(await lab.submit({ ...LETTER, dsn })))
  const notice = await told(lab)
  expect(statusOf(notice)).toContain('Action: failed\r\nStatus: 5.7.1\r\n')
  // Nobody was asked.
  expect(statusOf(notice)).not.toContain('Last-Attempt-Date')
  expect((await parsed(notice)).text).toContain(
    'the address is on your suppression list (manual on 2026-01-02)',
  )
})

test('who asked for nothing, or for silence, hears nothing', async () => {
  await using lab = await startLab(refusing('550 5.1.1 no such user'))
  await lab.ended(idIn(await lab.submit(LETTER)))
  await lab.ended(idIn(await lab.submit({ ...LETTER, to: 'b@example.net', dsn: { notify: ['never'] } })))
  await lab.ended(await lab.sent({ to: 'c@example.net' }))
  await lab.advance(10 * SECOND)
  expect(notices(lab)).toEqual([])
})

test('bounce_messages = "always" tells who did not say what he wants', async () => {
  await using lab = await startLab({
    ...refusing('550 5.1.1 no such user'),
    config: { 'submission.bounce_messages': 'always' },
  })
  await lab.ended(idIn(await lab.submit(LETTER)))
  expect((await parsed(await told(lab))).subject).toBe('Undelivered: Ihre Bestellung ✓')
})

test('nobody is told of the mail of others: the reverse-path must be of the account (T18)', async () => {
  await using lab = await startLab({
    ...refusing('550 5.1.1 no such user'),
    dns: { ...HOME, 'victim.test': { MX: [[10, 'mx.example.net']] } },
  })
  const dsn = { notify: ['failure' as const] }
  const envelope = { from: 'someone@victim.test', to: ['rcpt@example.net'], dsn }
  await lab.ended(idIn(await lab.submit({ ...LETTER, envelope, dsn })))
  await lab.ended(
    idIn(await lab.submit({ ...LETTER, envelope: { from: '', to: ['rcpt@example.net'] }, dsn })),
  )
  await lab.advance(10 * SECOND)
  expect(lab.mx.messages).toEqual([])
})

test('NOTIFY=SUCCESS: taken by a receiver that cannot be told comes back as relayed, once', async () => {
  await using lab = await startLab({ dns: HOME })
  const dsn = { id: 'x', notify: ['success' as const, 'failure' as const] }
  await lab.ended(idIn(await lab.submit({ ...LETTER, dsn })))
  const notice = await told(lab)
  expect(statusOf(notice)).toContain('Action: relayed\r\nStatus: 2.0.0\r\n')
  // RFC 3461 §9.2: the code belongs to it.
  expect(statusOf(notice)).toContain('Diagnostic-Code: smtp; 250 ')
  expect(statusOf(notice)).toContain('Last-Attempt-Date: ')
  await lab.advance(MINUTE)
  expect(notices(lab).length).toBe(1)
})

test('NOTIFY=SUCCESS: a receiver that can be told is told, and we owe nothing more', async () => {
  await using lab = await startLab({ dns: HOME, mx: { dsn: true } })
  const dsn = { id: 'x', notify: ['success' as const] }
  await lab.ended(idIn(await lab.submit({ ...LETTER, dsn })))
  expect(lab.mx.messages[0]?.rcptParameters).toMatchObject({ NOTIFY: 'SUCCESS' })
  await lab.advance(10 * SECOND)
  expect(notices(lab)).toEqual([])
})

test('NOTIFY=DELAY: after four hours one notice, and only one', async () => {
  // The clock runs hours in seconds: a name server has a minute of them.
  await using lab = await startLab({
    ...refusing('451 4.3.0 come later'),
    config: { 'dns.timeout': '1m' },
  })
  const dsn = { id: 'x', notify: ['delay' as const] }
  const id = idIn(await lab.submit({ ...LETTER, dsn }))
  await lab.tried(id, 1)
  await lab.advance(3.5 * HOUR)
  expect(notices(lab)).toEqual([])
  await lab.advance(HOUR)
  const notice = await told(lab)
  expect(statusOf(notice)).toContain('Action: delayed\r\nStatus: 4.3.0\r\n')
  expect(statusOf(notice)).toMatch(/Will-Retry-Until: Wed, 07 Jan 2026/)
  await lab.advance(2 * HOUR)
  expect(notices(lab).length).toBe(1)
  expect(story(await lab.message(id))).not.toContain('bounced')
})
