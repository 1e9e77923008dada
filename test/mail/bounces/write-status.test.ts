import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type ForwardPath, parseMailbox } from '../../../src/core/address.ts'
import { readReturnedMail } from '../../../src/mail/bounces/returned.ts'
import { type StatusRecipient, writeStatus } from '../../../src/mail/bounces/write-status.ts'
import { composeReport } from '../../../src/mail/mime/compose.ts'

const AT = Date.UTC(2026, 0, 2, 3, 4, 5)

function mailbox(text: string): ForwardPath {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

const recipient = (change: Partial<StatusRecipient>): StatusRecipient => ({
  forwardPath: mailbox('rcpt@example.net'),
  orcpt: null,
  action: 'failed',
  status: '5.1.1',
  remoteMta: 'mx.example.net',
  diagnostic: '550 5.1.1 no such user',
  lastAttemptAt: AT + 1000,
  willRetryUntil: null,
  ...change,
})

const written = (change: Partial<StatusRecipient> = {}, envid: string | null = null): string =>
  writeStatus({
    reporter: 'mail.example.com',
    envid,
    arrivedAt: AT,
    recipients: [recipient(change)],
  }).toString('latin1')

test('a failure, field by field (RFC 3464)', () => {
  expect(written({ orcpt: 'rfc822;Old@example.net' }, 'order 7')).toBe(
    [
      'Original-Envelope-Id: order 7',
      'Reporting-MTA: dns; mail.example.com',
      'Arrival-Date: Fri, 02 Jan 2026 03:04:05 +0000',
      '',
      'Original-Recipient: rfc822; Old@example.net',
      'Final-Recipient: rfc822; rcpt@example.net',
      'Action: failed',
      'Status: 5.1.1',
      'Remote-MTA: dns; mx.example.net',
      'Diagnostic-Code: smtp; 550 5.1.1 no such user',
      'Last-Attempt-Date: Fri, 02 Jan 2026 03:04:06 +0000',
      '',
    ].join('\r\n'),
  )
})

test('what is not known is left out', () => {
  const status = written({ remoteMta: null, diagnostic: null })
  expect(status).not.toMatch(/Remote-MTA|Diagnostic-Code|Original|Will-Retry/)
  expect(written({ willRetryUntil: AT })).toContain('Will-Retry-Until: Fri, 02 Jan 2026 03:04:05 +0000\r\n')
})

test('an address beyond ASCII keeps the part in seven bits (RFC 6533)', () => {
  expect(written({ forwardPath: mailbox('jörg@example.net') })).toContain(
    'Final-Recipient: utf-8; j\\x{F6}rg@example.net\r\n',
  )
})

test('whatever a receiver says, it stays one field, in lines that hold, and our own reader gives it back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (words) => {
      const status = written({ diagnostic: `550 5.1.1 ${words}` })
      expect(status).toMatch(/^[\r\n -~]*$/)
      expect(status.split('\r\n').every((line) => line.length <= 998)).toBe(true)
      expect(status.match(/\r\n\r\n/g)?.length).toBe(1)
      const header = 'From: MAILER-DAEMON@mail.example.com\r\nSubject: Undelivered\r\n'
      const part = {
        contentType: 'message/delivery-status',
        filename: '',
        description: '',
        content: Buffer.from(status),
      }
      const report = { header, text: 'Words.', html: null, reportType: 'delivery-status', parts: [part] }
      expect(readReturnedMail(composeReport(report, 'x'))).toMatchObject({
        kind: 'bounce',
        recipients: [{ recipient: 'rcpt@example.net', action: 'failed', verdict: { enhancedCode: '5.1.1' } }],
      })
    }),
    { numRuns: 200 },
  )
})
