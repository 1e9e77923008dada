import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Mailbox, parseMailbox } from '../../../src/core/address.ts'
import { idsFor, type MessageId, parseMessageId } from '../../../src/core/ids.ts'
import { scanMessage } from '../../../src/mail/mime/scan.ts'
import type { RawSubmission } from '../../../src/services/submission/door.ts'
import { readRaw } from '../../../src/services/submission/raw.ts'
import { expectGolden, golden } from '../../support/golden.ts'

const ids = idsFor('0', () => 0)
const ACCOUNT = ids.account()
const NOW = Date.UTC(2026, 10, 23, 5, 7, 27)
const RECEIVED =
  'Received: from client.example by mail.example.com with ESMTPSA id x;\r\n Mon, 23 Nov 2026 05:07:27 +0000\r\n'

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}
function id(): MessageId {
  const parsed = parseMessageId('msg_m1a2b3c4d001')
  if (parsed === null) throw new Error('msg_m1a2b3c4d001')
  return parsed
}
const submission = (bytes: Uint8Array | string, some: Partial<RawSubmission> = {}): RawSubmission => ({
  source: 'smtp',
  submitter: { accountId: ACCOUNT, keyId: null, mode: 'live' },
  reversePath: mailbox('bounce@example.com'),
  forwardPaths: [mailbox('jane@example.org')],
  bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
  received: RECEIVED,
  ...some,
})
const read = (bytes: Uint8Array | string, some: Partial<RawSubmission> = {}) =>
  readRaw(submission(bytes, some), { id: id(), now: NOW, maxReceived: 50 })

function accepted(bytes: Uint8Array | string, some: Partial<RawSubmission> = {}) {
  const got = read(bytes, some)
  if (!got.ok) throw new Error(got.error.say)
  const { content } = got.value
  if (content.kind !== 'submitted') throw new Error(content.kind)
  return { ...got.value, bytes: Buffer.from(content.bytes) }
}
const bodyOf = (bytes: Buffer): Buffer => bytes.subarray(bytes.indexOf('\r\n\r\n'))
const message = (header: string, body = 'Hi\r\n'): string =>
  `${header.replaceAll('\n', '\r\n')}\r\n\r\n${body}`

describe('messages of the world', () => {
  test.each(['invitation', 'smime', 'latin1', 'utf8-header'])(
    '%s: every octet of the body is kept',
    (name) => {
      const bytes = golden(`raw-${name}.eml`)
      const got = accepted(bytes)
      expect(bodyOf(got.bytes).equals(bodyOf(bytes))).toBe(true)
      expectGolden(`raw-${name}.out.eml`, got.bytes)
    },
  )

  test('what was read', () => {
    expect(accepted(golden('raw-invitation.eml'))).toMatchObject({
      from: 'calendar@example.com',
      fromDomain: 'example.com',
      subject: 'Invitation: Review',
      options: { tags: ['meeting', 'Büro'], trackOpens: false, trackClicks: false, stream: 'transactional' },
    })
    expect(accepted(golden('raw-latin1.eml')).subject).toBe('Grüße')
    expect(accepted(golden('raw-utf8-header.eml'))).toMatchObject({
      from: 'jörg@example.com',
      subject: 'Grüße 🎉',
    })
  })
})

describe('what an MSA adds', () => {
  test('Received on top, Date and Message-ID where missing', () => {
    expect(accepted(message('From: a@b.cc')).bytes.toString()).toBe(
      `${RECEIVED}Message-ID: <msg_m1a2b3c4d001@b.cc>\r\nDate: Mon, 23 Nov 2026 05:07:27 +0000\r\nFrom: a@b.cc\r\n\r\nHi\r\n`,
    )
  })

  test('nothing over HTTP where nothing is missing', () => {
    const text = message('From: a@b.cc\nDate: x\nMessage-ID: <y@z>')
    expect(accepted(text, { source: 'api', received: null }).bytes.toString()).toBe(text)
  })

  test.each([
    ['From: a@b.cc\r\n\r\nlast line', 'last line\r\n'],
    ['From: a@b.cc\r\n\r\n', 'From: a@b.cc\r\n\r\n'],
    ['From: a@b.cc\r\n', 'From: a@b.cc\r\n\r\n'],
    ['From: a@b.cc', 'From: a@b.cc\r\n\r\n'],
  ])('%j is ended', (text, want) => {
    const got = accepted(text, { received: null }).bytes.toString()
    expect(got.endsWith(want)).toBe(true)
    expect(got.split('\r\n\r\n').length).toBe(2)
  })
})

test('a recipient named twice gets one copy', () => {
  const [a, b] = [mailbox('a@b.cc'), mailbox('A@b.cc')]
  expect(accepted(message('From: a@b.cc'), { forwardPaths: [a, b, a, a] }).forwardPaths).toEqual([a, b])
})

describe('authors', () => {
  test.each([
    ['From: Jane <jane@example.com>', 'jane@example.com'],
    ['From: jane@example.com (Jane)', 'jane@example.com'],
    ['From: a@example.com, b@example.com\nSender: b@example.com', 'b@example.com'],
    ['From: a@example.com\nSender: b@other.example', 'a@example.com'],
  ])('%j', (header, from) => {
    expect(accepted(message(header)).from).toBe(mailbox(from))
  })

  test.each([
    ['To: a@b.cc', 'invalid_header', 'headers.From'],
    ['From: a@b.cc\nFrom: a@b.cc', 'invalid_header', 'headers.From'],
    ['From: a@b.cc\nfrom: x@y.zz', 'invalid_header', 'headers.From'],
    ['From: a@b.cc\nfrom : x@y.zz', 'invalid_header', 'headers.from'],
    ['From : a@b.cc', 'invalid_header', 'headers.from'],
    ['From: a@b.cc\nBcc\t: x@y.zz', 'invalid_header', 'headers.bcc'],
    ['From: a@b.cc\nSubject: x\nSubject: y', 'invalid_header', 'headers.Subject'],
    ['From: Jane', 'invalid_sender', 'headers.From'],
    ['From:', 'invalid_sender', 'headers.From'],
    ['From: nobody:;', 'invalid_sender', 'headers.From'],
    ['From: Jane <jane@example.com', 'invalid_sender', 'headers.From'],
    ['From: a@b.cc, c@b.cc', 'invalid_sender', 'headers.Sender'],
    ['From: a@b.cc, c@b.cc\nSender: a@b.cc, c@b.cc', 'invalid_sender', 'headers.Sender'],
    ['From: ceo@bank.example, a@b.cc\nSender: a@b.cc', 'invalid_sender', 'headers.From'],
  ])('%j is refused', (header, code, path) => {
    const got = read(message(header))
    expect(got).toMatchObject({ ok: false, error: { code, fields: [{ path }] } })
    if (!got.ok) expect(got.error.say).toMatch(/^[^\r\n]+$/)
  })
})

describe('options', () => {
  test.each<[string, object]>([
    ['X-MailWok-Tags: a, b ,a,', { tags: ['a', 'b'] }],
    ['x-mailwok-track-opens: TRUE', { trackOpens: true }],
    ['X-MailWok-Track-Clicks: on', { trackClicks: true }],
    ['X-MailWok-Stream: Marketing\nList-Unsubscribe: <https://b.cc/u>', { stream: 'marketing' }],
    [
      'X-MailWok-Stream: marketing\nList-Unsubscribe: <https://b.cc/u>\nX-MailWok-List: news.weekly',
      { wishes: { list: 'news.weekly' } },
    ],
    ['X-MailWok-Stream: marketing', { wishes: { unsubscribe: true } }],
    ['X-MailWok-Stream: marketing\nX-MailWok-List: a_1', { wishes: { unsubscribe: true, list: 'a_1' } }],
    ['X-MailWok-List-Unsubscribe: true', { wishes: { unsubscribe: true, list: 'notifications' } }],
    ['X-MailWok-List: news', { stream: 'transactional', wishes: { list: 'news' } }],
    // What the client wrote stands alone.
    ['X-MailWok-List-Unsubscribe: true\nList-Unsubscribe: <mailto:b@b.cc>', { wishes: {} }],
    ['X-MailWok-Expires-After: 10m', { expiresAfter: 600_000 }],
    ['X-MailWok-Expires-After: 5d', { expiresAfter: 432_000_000 }],
    ['X-MailWok-Custom: {"a":\n {"b": "é"}}', { custom: { a: { b: 'é' } } }],
    ['X-MailWok-Scheduled-At: 2026-11-23T07:00:00+01:00', { scheduledAt: Date.UTC(2026, 10, 23, 6) }],
    // A little late is now.
    ['X-MailWok-Scheduled-At: 2026-11-23T05:07:00Z', {}],
    ['X-Other: x', { idempotency: null, custom: null, expiresAfter: null }],
  ])('%j', (header, options) => {
    const got = accepted(message(`From: a@b.cc\n${header}`))
    expect(got.options).toMatchObject(options)
    expect(got.bytes.toString().toLowerCase()).not.toContain('x-mailwok')
  })

  test('what waits for a time of its own is dated then, unless its author has signed it', () => {
    const dated =
      'From: a@b.cc\nDate: Mon, 1 Jan 2024 00:00:00 +0000\nX-MailWok-Scheduled-At: 2026-11-24T00:00:00Z'
    const fields = accepted(message(dated)).bytes.toString()
    expect(fields.match(/^Date: .*$/gm)).toEqual(['Date: Tue, 24 Nov 2026 00:00:00 +0000'])
    const signed = accepted(message(`${dated}\nDKIM-Signature: v=1`)).bytes.toString()
    expect(signed.match(/^Date: .*$/gm)).toEqual(['Date: Mon, 1 Jan 2024 00:00:00 +0000'])
    const undated = accepted(message('From: a@b.cc\nX-MailWok-Scheduled-At: 2026-11-24T00:00:00Z'))
    expect(undated.bytes.toString().match(/^Date: .*$/gm)).toEqual(['Date: Tue, 24 Nov 2026 00:00:00 +0000'])
  })

  test.each([
    ['X-MailWok-Tag: a', /did you mean X-MailWok-Tags/],
    ['X-MailWok-Expire-After: 1h', /did you mean X-MailWok-Expires-After/],
    ['X-MailWok-Zzzzzz: a', /no option/],
    ['X-MailWok-__proto__: a', /no option/],
    ['X-MailWok-Scheduled-At: tomorrow', /a time with its offset/],
    ['X-MailWok-Scheduled-At: 2026-11-23T04:07:26Z', /which is past/],
    ['X-MailWok-Scheduled-At: 2028-11-23T04:07:26Z', /more than a year/],
    ['X-MailWok-Track-Opens: maybe', /true or false/],
    ['X-MailWok-Stream: marketing\nX-MailWok-List-Unsubscribe: false', /X-MailWok-List-Unsubscribe is false/],
    ['X-MailWok-Stream: marketing\nList-Unsubscribe: see below', /List-Unsubscribe names no URL/],
    ['X-MailWok-List: News', /a-z, 0-9/],
    ['X-MailWok-List: news..weekly', /a-z, 0-9/],
    [`X-MailWok-List: ${'x'.repeat(65)}`, /1 to 64/],
    ['X-MailWok-List-Unsubscribe: <https://b.cc/u>', /true or false/],
    ['X-MailWok-Stream: x', /transactional or marketing/],
    ['X-MailWok-Expires-After: 9m', /10m to 5d/],
    ['X-MailWok-Expires-After: 6d', /10m to 5d/],
    ['X-MailWok-Expires-After: soon', /10m to 5d/],
    ['X-MailWok-Idempotency-Key:', /printable/],
    [`X-MailWok-Idempotency-Key: ${'x'.repeat(257)}`, /256/],
    ['X-MailWok-Custom: [1]', /JSON object/],
    ['X-MailWok-Custom: {', /JSON object/],
    ['X-MailWok-Tags: a\nX-MailWok-Tags: b', /more than once/],
    [`X-MailWok-Tags: ${'x'.repeat(129)}`, /longer than/],
  ])('%j is refused', (header, say) => {
    const got = read(message(`From: a@b.cc\n${header}`))
    if (got.ok) throw new Error('a refusal was expected')
    expect(got.error.code).toBe('invalid_option')
    expect(got.error.say).toMatch(say)
    expect(got.error.fields?.[0]?.path).toMatch(/^headers\.(?:X-MailWok-|List-Unsubscribe$)/)
  })

  test('an idempotency key stands for bytes and envelope', () => {
    const text = message('From: a@b.cc\nX-MailWok-Idempotency-Key: order 7')
    const hash = (bytes: string, some: Partial<RawSubmission> = {}) => {
      const { idempotency } = accepted(bytes, some).options
      expect(idempotency?.key).toBe('order 7')
      expect(idempotency?.bodyHash).toMatch(/^[0-9a-f]{64}$/)
      return idempotency?.bodyHash
    }
    expect(hash(text)).toBe(hash(text, { received: null }))
    const others = [
      hash(`${text}x\r\n`),
      hash(text, { reversePath: null }),
      hash(text, { forwardPaths: [mailbox('b@example.org')] }),
    ]
    expect(new Set([hash(text), ...others]).size).toBe(4)
  })
})

describe('refused as a whole', () => {
  test.each([
    ['a bare LF', 'From: a@b.cc\r\n\r\nx\ny\r\n', 'invalid_content', /line 3 .*bare LF/],
    ['a bare CR', 'From: a@b.cc\r\n\r\nx\ry\r\n', 'invalid_content', /line 3 .*CR/],
    ['smuggling', 'From: a@b.cc\r\n\r\nx\n.\r\nMAIL FROM:<x@y.zz>\r\n', 'invalid_content', /bare LF/],
    ['NUL', 'From: a@b.cc\r\n\r\n\0\r\n', 'invalid_content', /NUL/],
    ['a long line', `From: a@b.cc\r\n\r\n${'x'.repeat(999)}\r\n`, 'invalid_content', /998/],
    ['no header', 'hello world\r\n', 'invalid_content', /line 1 is no header field/],
    ['a loop', message(`From: a@b.cc${'\nReceived: x'.repeat(51)}`), 'mail_loop', /loop/],
  ])('%s', (_, text, code, say) => {
    const got = read(text)
    if (got.ok) throw new Error('a refusal was expected')
    expect(got.error.code).toBe(code as typeof got.error.code)
    expect(got.error.say).toMatch(say)
  })

  test('fifty Received fields pass', () => {
    expect(read(message(`From: a@b.cc${'\nReceived: x'.repeat(50)}`)).ok).toBe(true)
  })
})

test('whatever is accepted may travel, and its body is what was sent', () => {
  const pieces = fc.constantFrom(
    'From: a@b.cc',
    'From: x',
    'Bcc: y',
    'Resent-Bcc: y',
    'X-MailWok-Tags: a',
    'Subject: =?utf-8?Q?=00?=',
    '\r\n',
    '\r\n\r\n',
    '\n',
    '\0',
    ' ',
    ':',
    'é',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), fc.boolean(), (list, first) => {
      const text = (first ? 'From: a@b.cc\r\n' : '') + list.join('')
      const got = read(text)
      if (!got.ok) {
        expect(got.error.say).toMatch(/^[^\r\n\0]+$/)
        return
      }
      const { content, subject } = got.value
      if (content.kind !== 'submitted') throw new Error(content.kind)
      expect(scanMessage(content.bytes).ok).toBe(true)
      expect(subject).toMatch(/^\P{Cc}*$/u)
      const body = text.slice(text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n'))
      if (text.includes('\r\n\r\n')) {
        expect(bodyOf(Buffer.from(content.bytes)).toString()).toBe(
          body.endsWith('\r\n') ? body : `${body}\r\n`,
        )
      }
    }),
    { numRuns: 2000 },
  )
})
