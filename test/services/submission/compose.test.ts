import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type NamedMailbox, parseMailbox } from '../../../src/core/address.ts'
import { composeMessage } from '../../../src/mail/mime/compose.ts'
import { scanMessage } from '../../../src/mail/mime/scan.ts'
import { MergeTemplates } from '../../../src/mail/templates/merge.ts'
import { ADDRESS_MARK, URL_MARK } from '../../../src/mail/tracking/way-out.ts'
import { composeContent, type Draft } from '../../../src/services/submission/compose.ts'
import { wayOutUrl } from '../../../src/services/submission/list-fields.ts'
import { expectGolden } from '../../support/golden.ts'

const named = (text: string, name: string | null = null): NamedMailbox => {
  const mailbox = parseMailbox(text)
  if (!mailbox.ok) throw new Error(text)
  return { name, mailbox: mailbox.value }
}
const FACTS = {
  messageId: 'msg_m1a2b3c4d001',
  date: Date.UTC(2026, 10, 23, 5, 7, 27),
  templates: new MergeTemplates(),
}
const PLAIN: Draft = {
  from: named('shop@example.com', 'Shop'),
  to: [named('jane@example.org', 'Jane Doe')],
  cc: [],
  replyTo: [],
  subject: 'Your order',
  html: null,
  text: 'Hello',
  data: null,
  headers: {},
  attachments: [],
}
const compose = (some: Partial<Draft>) => composeContent({ ...PLAIN, ...some }, FACTS)

function composed(some: Partial<Draft>) {
  const got = compose(some)
  if (!got.ok) throw new Error(got.error.say)
  return got.value
}

describe('composed content', () => {
  test('a whole message', () => {
    const { content, subject, size } = composed({
      to: [named('jane@example.org', 'Jane Doe'), named('jörg@example.org', 'Jörg')],
      cc: [named('team@example.com')],
      replyTo: [named('help@example.com', 'Help, please')],
      subject: 'Bestellung {{ order.id }}',
      html: '<h1>Hallo {{ name }}</h1>\n<p>{{ order.id }}</p><img src="cid:logo">',
      text: null,
      data: { name: 'J & <b>', order: { id: 7 } },
      headers: {
        'X-Campaign': 'frühling',
        'In-Reply-To': '<a@b.cc>',
        'List-Unsubscribe': '<https://example.com/u>',
      },
      attachments: [
        { filename: 'logo.png', content: 'iVBORw0KGgo', contentType: null, contentId: '<logo>' },
        { filename: 'a.txt', content: 'aGVs\r\nbG8=', contentType: null, contentId: null },
      ],
    })
    expect(subject).toBe('Bestellung 7')
    const bytes = composeMessage(content.parts, 'msg_m1a2b3c4d001.0')
    expectGolden('compose-content.eml', bytes)
    expect(size).toBeGreaterThan(content.parts.header.length)
    expect(size).toBeLessThan(bytes.length)
  })

  test.each<[string, Partial<Draft>, string]>([
    ['braces survive without data', { subject: '{{ a }}', text: '{{ b' }, 'Subject: {{ a }}\r\n'],
    ['nobody to show', { to: [] }, 'To: undisclosed-recipients:;\r\n'],
    ['Cc alone', { to: [], cc: [named('a@b.cc')] }, 'Cc: a@b.cc\r\n'],
    ['Date', {}, 'Date: Mon, 23 Nov 2026 05:07:27 +0000\r\n'],
    ['Message-ID', {}, 'Message-ID: <msg_m1a2b3c4d001@example.com>\r\n'],
  ])('%s', (_, some, line) => {
    expect(composed(some).content.parts.header).toContain(line)
  })

  test('Cc alone needs no To', () => {
    expect(composed({ to: [], cc: [named('a@b.cc')] }).content.parts.header).not.toContain('To:')
  })

  test('text is made where only html is given', () => {
    const { parts } = composed({ text: null, html: '<p>Hello</p>\n<p>Jane</p>' }).content
    expect(parts).toMatchObject({ text: 'Hello\r\n\r\nJane', html: '<p>Hello</p>\r\n<p>Jane</p>' })
  })

  test('text alone stays alone', () => {
    expect(composed({}).content.parts.html).toBeNull()
  })
})

describe('refusals name the field', () => {
  test.each<[string, Partial<Draft>, string, string]>([
    ['nothing to say', { text: null }, 'missing_content missing', 'html'],
    ['empty strings', { text: '', html: '' }, 'missing_content missing', 'html'],
    ['subject with a header', { subject: 'a\r\nBcc: x@y.zz' }, 'invalid_header control_character', 'subject'],
    ['subject with half a pair', { subject: 'a\ud800' }, 'invalid_header lone_surrogate', 'subject'],
    [
      'merged subject with a header',
      { subject: '{{ a }}', data: { a: 'x\ny' } },
      'invalid_header control_character',
      'subject',
    ],
    [
      'custom header value',
      { headers: { 'X-Foo': 'a\nb' } },
      'invalid_header control_character',
      'headers.X-Foo',
    ],
    ['custom header name', { headers: { 'X Foo': 'a' } }, 'invalid_header bad_field_name', 'headers.X Foo'],
    [
      'header name with a header',
      { headers: { 'X-A: b\r\nBcc': 'a' } },
      'invalid_header bad_field_name',
      'headers.X-A: b\r\nBcc',
    ],
    ['NUL in text', { text: 'a\0b' }, 'invalid_content nul', 'text'],
    ['half a pair in html', { html: '\udc00' }, 'invalid_content lone_surrogate', 'html'],
    [
      'unknown variable',
      { subject: 'a', text: 'x\n{{ a.b }}', data: { a: {} } },
      'template_error missing_variable',
      'data.a.b',
    ],
    ['broken template', { html: '{% if %}', data: {} }, 'template_error template_error', 'html'],
    [
      'too many headers',
      { headers: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`X-${i}`, ''])) },
      'invalid_header too_many',
      'headers',
    ],
    [
      'header in sum too large',
      {
        headers: Object.fromEntries(
          Array.from({ length: 4 }, (_, i) => [`X-${i}`, 'word '.repeat(6000).trim()]),
        ),
      },
      'invalid_header too_long',
      'headers',
    ],
  ])('%s', (_, some, codes, path) => {
    const [code, fieldCode] = codes.split(' ')
    const got = compose(some)
    expect(got).toMatchObject({ ok: false, error: { code, fields: [{ path, code: fieldCode }] } })
    if (!got.ok) expect(got.error.say).not.toMatch(/[\r\n\0]/)
  })

  test.each(
    'From to CC Bcc Reply-To Subject Sender Date Message-Id MIME-Version Content-Type content-foo Received Return-Path DKIM-Signature ARC-Seal Resent-To X-MailWok-Tags'.split(
      ' ',
    ),
  )('%s is not the caller’s to write', (name) => {
    expect(compose({ headers: { [name]: 'x' } })).toMatchObject({
      ok: false,
      error: { code: 'invalid_header', fields: [{ path: `headers.${name}`, code: 'not_allowed' }] },
    })
  })

  const good = { filename: 'a.pdf', content: 'AAAA', contentType: null, contentId: null }
  test.each([
    [{ content: 'AAA*' }, 'content', 'bad_base64'],
    [{ content: 'A' }, 'content', 'bad_base64'],
    [{ content: 'AA=' }, 'content', 'bad_base64'],
    [{ content: 'AAAA====' }, 'content', 'bad_base64'],
    [{ content: 'AA-_' }, 'content', 'bad_base64'],
    [{ filename: 'a\r\nb' }, 'filename', 'control_character'],
    [{ filename: '\ud800' }, 'filename', 'lone_surrogate'],
    [{ filename: 'x'.repeat(256) }, 'filename', 'too_long'],
    [{ contentType: 'pdf' }, 'content_type', 'bad_content_type'],
    [{ contentType: 'a/b\r\nBcc: x' }, 'content_type', 'bad_content_type'],
    [{ contentType: 'a/b; c=d\r\n' }, 'content_type', 'bad_content_type'],
    [{ contentType: 'multipart/mixed; boundary=x' }, 'content_type', 'bad_content_type'],
    [{ contentId: 'a b' }, 'content_id', 'bad_content_id'],
    [{ contentId: '' }, 'content_id', 'bad_content_id'],
    [{ contentId: 'a>\r\nX: <y' }, 'content_id', 'bad_content_id'],
  ])('attachment %j', (some, field, code) => {
    const got = compose({ attachments: [good, { ...good, ...some }] })
    expect(got).toMatchObject({
      ok: false,
      error: { code: 'invalid_content', fields: [{ path: `attachments[1].${field}`, code }] },
    })
  })

  test('every fault of a kind is named at once', () => {
    const got = compose({ subject: 'a\nb', headers: { To: 'x', 'X-A': '\0' } })
    expect(got).toMatchObject({
      ok: false,
      error: { fields: [{ path: 'subject' }, { path: 'headers.To' }, { path: 'headers.X-A' }] },
    })
  })
})

test.each([
  ['AAAA', 'AAAA'],
  ['AAA', 'AAA='],
  ['AA', 'AA=='],
  ['AA==', 'AA=='],
  [' A A\nA\t', 'AAA='],
  ['', ''],
])('base64 %j is kept as %j', (content, want) => {
  const { parts } = composed({
    attachments: [{ filename: 'a', content, contentType: null, contentId: null }],
  }).content
  expect(parts.attachments[0]?.base64).toBe(want)
})

test('what is composed passes the scan of the wire', () => {
  const { content } = composed({ text: 'é\r\n\n\rx', html: 'x'.repeat(5000) })
  expect(scanMessage(composeMessage(content.parts, 'msg_m1a2b3c4d001.0')).ok).toBe(true)
})

test('whatever is accepted may travel', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string(),
    fc.constantFrom('a\r\nBcc: x', '{{ a }}', '\0', '\ud800', ''),
  )
  const drafts = fc.record({
    subject: text,
    html: fc.option(text),
    text: fc.option(text),
    data: fc.option(fc.dictionary(fc.constantFrom('a', 'b'), text)),
    headers: fc.dictionary(fc.oneof(text, fc.constantFrom('X-A', 'List-Id')), text, { maxKeys: 2 }),
    attachments: fc.array(
      fc.record({
        filename: text,
        content: fc.oneof(text, fc.base64String()),
        contentType: fc.option(fc.oneof(text, fc.constant('text/plain'))),
        contentId: fc.option(fc.oneof(text, fc.constant('a'))),
      }),
      { maxLength: 2 },
    ),
  })
  let accepted = 0
  fc.assert(
    fc.property(drafts, (draft) => {
      const got = compose(draft)
      if (!got.ok) {
        expect(got.error.say).toMatch(/^[^\r\n\0]+$/)
        return
      }
      accepted++
      const bytes = composeMessage(got.value.content.parts, 'msg_m1a2b3c4d001.0')
      const scan = scanMessage(bytes)
      if (!scan.ok) throw new Error(scan.error.kind)
      expect(scan.value.count('bcc')).toBe(0)
      expect(scan.value.count('from')).toBe(1)
    }),
    { numRuns: 2000 },
  )
  expect(accepted).toBeGreaterThan(50)
})

describe('what stands for a recipient’s own token', () => {
  const wayOut = wayOutUrl('https://t.example', 'news')
  const evil = `https://evil.example/?t=${URL_MARK}`
  test.each([
    ['html', { html: `<img src="${evil}">` }],
    ['text', { text: evil }],
    ['text', { text: `unsub+${ADDRESS_MARK}@evil.example` }],
    ['data', { data: { [URL_MARK]: 1 } }],
    ['data', { data: { comments: [{ by: 'ada', text: evil }] }, text: '{{ comments[0].text }}' }],
  ])('is nobody else’s to write: in %s', (path, some) => {
    const got = compose({ ...some, wayOut })
    expect(got.ok).toBe(false)
    if (!got.ok) expect(got.error.fields?.map((each) => each.path)).toEqual([path])
  })

  test('is looked for however deep data is', () => {
    let deep: unknown = 'x'
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(compose({ data: { deep }, wayOut }).ok).toBe(true)
  })

  test('is written by the variable, and is a word like any other in mail without a way out of ours', () => {
    const { content } = composed({
      text: '{{ unsubscribe_url }}',
      data: { name: null, list: [1, 'a'] },
      wayOut,
    })
    expect(content.parts.text).toBe(wayOut)
    expect(composed({ text: evil }).content.parts.text).toBe(evil)
    expect(composed({ text: evil, wayOut: 'https://own.example/u' }).content.parts.text).toBe(evil)
  })
})
