import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { readReturnedMail } from '../../../src/mail/bounces/returned.ts'
import { specimens } from '../../support/bounce-corpus.ts'

const read = (text: string) => readReturnedMail(Buffer.from(text))

const dsn = (fields: string, text = 'notice') => `From: MAILER-DAEMON@mx.example
Return-Path: <>
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1

${text}
--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

${fields}
--b1
Content-Type: text/rfc822-headers

Return-Path: <b+t@bounce.example.com>
Message-ID: <m1@example.com>
Feedback-ID: f1
CFBL-Feedback-ID: c1
From: news@example.com
--b1--
`

test('RFC 3464: recipient, action, codes, host and the original', () => {
  const returned = read(
    dsn(`Original-Recipient: rfc822;team@example.com
Final-Recipient: RFC822; <ann@b.example>
Action: failed
Status: 5.1.1 (bad address)
Remote-MTA: dns; MX.b.example [192.0.2.1]
Diagnostic-Code: smtp; 550 5.1.1 <ann@b.example>
 User unknown`),
  )
  expect(returned).toEqual({
    kind: 'bounce',
    recipients: [
      {
        recipient: 'ann@b.example',
        originalRecipient: 'team@example.com',
        action: 'failed',
        remoteMta: 'mx.b.example',
        verdict: expect.objectContaining({
          permanent: true,
          hardness: 'hard',
          reason: 'mailbox_unknown',
          enhancedCode: '5.1.1',
          code: 550,
          diagnostic: '550 5.1.1 <ann@b.example> User unknown',
          blame: 'recipient',
        }),
      },
    ],
    original: expect.objectContaining({
      messageId: 'm1@example.com',
      feedbackId: 'f1',
      cfblFeedbackId: 'c1',
      returnPath: 'b+t@bounce.example.com',
    }),
  })
})

test.each([
  ['delayed', '4.4.1', 'Diagnostic-Code: smtp; 451 4.4.1 timeout', false],
  ['delivered', '2.0.0', 'Diagnostic-Code: smtp; 250 ok', true],
  ['relayed', '2.0.0', '', true],
  ['expanded', '2.0.0', '', true],
] as const)('action %s is told and never hard', (action, status, more) => {
  const returned = read(
    dsn(`Final-Recipient: rfc822; ann@b.example\nAction: ${action}\nStatus: ${status}\n${more}`),
  )
  const recipients = returned.kind === 'bounce' ? returned.recipients : []
  expect(recipients.map((one) => [one.action, one.verdict.hardness])).toEqual([[action, 'soft']])
})

test('a server that still tries is never hard, whatever the words', () => {
  const returned = read(
    dsn(
      'Final-Recipient: rfc822; ann@b.example\nAction: delayed\nStatus: 4.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown',
    ),
  )
  expect(returned).toMatchObject({ recipients: [{ verdict: { permanent: false, hardness: 'soft' } }] })
})

test('the command that stands in the text decides what "user unknown" proves', () => {
  const fields =
    'Final-Recipient: rfc822; ann@b.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 User unknown'
  const told = (text: string) => read(dsn(fields, text))
  const hard = { recipients: [{ verdict: { hardness: 'hard', reason: 'mailbox_unknown' } }] }
  const soft = { recipients: [{ verdict: { hardness: 'soft', reason: 'recipient_refused' } }] }
  expect(told('<ann@b.example>: host said: 550 User unknown (in reply to RCPT TO command)')).toMatchObject(
    hard,
  )
  expect(
    told('<ann@b.example>: host said: 550 User unknown (in reply to end of DATA command)'),
  ).toMatchObject(soft)
  expect(told('<ann@b.example>: 550 User unknown')).toMatchObject(soft)
})

test('an abuse report names type, reporter and the original', () => {
  const returned = read(`From: feedback@isp.example
Subject: report
Content-Type: multipart/report; report-type=feedback-report; boundary=x

--x
Content-Type: text/plain

This is an email abuse report.
--x
Content-Type: message/feedback-report

Feedback-Type: Abuse
User-Agent: Isp-FBL/1.0
Version: 1
Original-Mail-From: <b+t@bounce.example.com>
Original-Rcpt-To: <ann@b.example>
Source-IP: 192.0.2.1

--x
Content-Type: message/rfc822

Message-ID: <m1@example.com>
CFBL-Feedback-ID: c1
From: news@example.com

text
--x--
`)
  expect(returned).toMatchObject({
    kind: 'complaint',
    feedbackType: 'abuse',
    reporter: 'Isp-FBL/1.0',
    originalRecipient: 'ann@b.example',
    originalMailFrom: 'b+t@bounce.example.com',
    sourceIp: '192.0.2.1',
    original: { messageId: 'm1@example.com', cfblFeedbackId: 'c1' },
  })
})

test('Microsoft’s junk mail report names the recipient in the original', () => {
  const returned = read(`From: staff@hotmail.com
Subject: complaint about message from 192.0.2.1
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: ann@hotmail.example
Message-ID: <m1@example.com>
From: news@example.com

text
--x--
`)
  expect(returned).toMatchObject({
    kind: 'complaint',
    feedbackType: 'abuse',
    originalRecipient: 'ann@hotmail.example',
  })
})

test.each([
  ['Auto-Submitted: auto-replied', 'hello'],
  ['Auto-Submitted: auto-replied (vacation)', 'Re: hello'],
  ['X-Autoreply: yes', 'hello'],
  ['X-Autorespond: hello', 'hello'],
  ['Precedence: auto_reply', 'hello'],
  ['X-Other: 1', 'Automatic reply: hello'],
  ['X-Other: 1', 'Out of Office: hello'],
  ['X-Other: 1', 'Automatische Antwort: hello'],
  ['X-Other: 1', '=?utf-8?Q?R=C3=A9ponse_automatique?= : hello'],
] as const)('%s / %s is an automatic answer', (field, subject) => {
  expect(read(`From: ann@b.example\nSubject: ${subject}\n${field}\n\nI am away.`).kind).toBe('auto-reply')
})

test('a reply of a person is other mail', () => {
  expect(read('From: ann@b.example\nSubject: Re: your order\n\nThanks!').kind).toBe('other')
})

const KINDS = ['bounce', 'complaint', 'auto-reply', 'other']

test('reading never fails and is quick, whatever the bytes', () => {
  const all = specimens()
  const piece = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.constantFrom(
      'Content-Type: multipart/report; boundary=b',
      '--b',
      '--b--',
      'Content-Type: message/delivery-status',
      'Content-Transfer-Encoding: quoted-printable',
      'Content-Transfer-Encoding: base64',
      'Final-Recipient: rfc822; a@b.example',
      'Action: failed',
      'Diagnostic-Code: smtp; 550',
      'From: MAILER-DAEMON',
      'This is the qmail-send program',
      '<a@b.example>:',
      'could not be delivered',
      '{"notificationType":"Bounce"',
      '',
      '\r',
    ),
  )
  const text = fc.array(piece, { maxLength: 200 }).map((lines) => Buffer.from(lines.join('\n'), 'latin1'))
  const cut = fc
    .record({ one: fc.nat(all.length - 1), from: fc.nat(4000), drop: fc.nat(400), octet: fc.nat(255) })
    .map(({ one, from, drop, octet }) => {
      const bytes = Buffer.from(all[one]?.bytes ?? [])
      return Buffer.concat([bytes.subarray(0, from), Buffer.from([octet]), bytes.subarray(from + drop)])
    })
  fc.assert(
    fc.property(fc.oneof(text, cut, fc.uint8Array({ maxLength: 4000 })), (bytes) => {
      expect(KINDS).toContain(readReturnedMail(bytes).kind)
    }),
    { numRuns: 500 },
  )
})

const report = 'From: MAILER-DAEMON\nSubject: Undelivered Mail could not be delivered\n'

test.each([
  ['one long line', `${report}\n${'a'.repeat(4_000_000)}`],
  ['many short lines', `${report}\n${'a\n'.repeat(2_000_000)}`],
  ['addresses', `${report}\n${'<a@b.example>:\n550 no\n'.repeat(100_000)}`],
  ['at signs', `${report}\n${'@'.repeat(2_000_000)}`],
  ['at signs and dots', `${report}\n${'a@b.'.repeat(500_000)}`],
  ['equals signs', `${report}Content-Transfer-Encoding: quoted-printable\n\n${'='.repeat(2_000_000)}`],
  ['open tags', `${report}Content-Type: text/html\n\n${'<a '.repeat(600_000)}`],
  ['style tags', `${report}Content-Type: text/html\n\n${'<style>'.repeat(200_000)}`],
  ['a header without end', `${report}${'X-A: b\n'.repeat(300_000)}`],
  ['folded lines', `${report}${' a\n'.repeat(500_000)}\nbody`],
  ['boundaries', `${report}Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\n'.repeat(300_000)}`],
  ['nested parts', nested(300)],
  ['recipients', dsn('Final-Recipient: rfc822; a@b.example\nAction: failed\n\n'.repeat(20_000))],
  ['blank lines', `${report}\n${'\n \t'.repeat(400_000)}`],
  ['braces', `Content-Type: text/plain\n\n{"notificationType":${'['.repeat(900_000)}`],
  ['separators', `${report}\n${'Received: x\n\n'.repeat(100_000)}`],
  [
    'mailbox lines',
    `From a@b.example  Thu Jan  1 00:00:00 2026\n${'From a@b.example  Thu Jan  1 00:00:00 2026\n'.repeat(30_000)}`,
  ],
  ['digits', `${report}\n<a@b.example>: ${'550 5.1.'.repeat(200_000)}`],
] as const)('%s are read in less than 50 ms', (_, text) => {
  const bytes = Buffer.from(text, 'latin1')
  readReturnedMail(bytes)
  // CPU time, the best of ten: what is measured is the work, not what else this machine does.
  const times = Array.from({ length: 10 }, () => {
    const start = process.cpuUsage()
    readReturnedMail(bytes)
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  })
  expect(Math.min(...times)).toBeLessThan(50)
})

function nested(depth: number): string {
  let text = 'deep'
  for (let at = 0; at < depth; at++) {
    text = `Content-Type: multipart/mixed; boundary=b${at}\n\n--b${at}\n${text}\n${'x'.repeat(2000)}\n--b${at}--`
  }
  return `${report}${text}`
}
