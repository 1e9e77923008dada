import { describe, expect, test } from 'bun:test'
import { parseNamedMailbox } from '../../../src/mail/mime/addresses.ts'
import { MergeTemplates } from '../../../src/mail/templates/merge.ts'
import { compilePlain, provePlain, renderPlain } from '../../../src/mail/templates/plain-template.ts'
import { URL_MARK } from '../../../src/mail/tracking/way-out.ts'
import { type CommonDraft, composeCommon, fillOf } from '../../../src/services/submission/compose-merged.ts'

const person = (text: string) => {
  const parsed = parseNamedMailbox(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}
const DRAFT: CommonDraft = {
  from: person('Shop <shop@example.com>'),
  replyTo: [],
  headers: {},
  html: null,
  text: null,
  wayOut: null,
  attachments: [],
  merges: true,
}
const templates = new MergeTemplates()
const FACTS = { messageId: 'msg_m1a2b3c4d001', date: 1_800_000_000_000, templates, maxMessageSize: 100_000 }
const common = (draft: Partial<CommonDraft>) => composeCommon({ ...DRAFT, ...draft })

function filled(draft: Partial<CommonDraft>, data: Record<string, unknown>, subject = 'Hello') {
  const read = common(draft)
  if (!read.ok) throw new Error(read.error.say)
  return fillOf(read.value, { to: [person('a@example.net')], cc: [], subject, data }, FACTS)
}
const refusal = (got: ReturnType<typeof filled>): string =>
  got.ok ? 'accepted' : `${got.error.code} ${got.error.fields?.[0]?.path ?? ''}`

describe('what all have in common', () => {
  test.each([
    ['plain tags', '<p>Dear {{ name }}, {{ a.b }}</p>', 'Dear {{ name }}, {{ a.b }}'],
    ['nothing to merge', '<p>Dear all</p>', 'Dear all'],
    ['more than plain tags', '<p>{% if a %}x{% endif %}</p>', null],
    ['a filter', '<p>{{ a | upcase }}</p>', null],
    ['a tag that html spells with references', '<p>{{ a }} &#123;&#123; b }}</p>', null],
  ])('%s: the text part is made once where it can be', (_, html, text) => {
    const got = common({ html })
    expect(got.ok && got.value.content.parts.text).toBe(text)
  })

  test.each([
    ['no content', {}, 'missing_content'],
    ['a header of ours', { html: 'x', headers: { 'Message-ID': 'x' } }, 'invalid_header'],
    ['a NUL', { text: 'a\0b' }, 'invalid_content'],
    [
      'no base64',
      { text: 'x', attachments: [{ filename: 'a', content: '%', contentType: null, contentId: null }] },
      'invalid_content',
    ],
    [
      'the words for a token',
      { html: URL_MARK, wayOut: `https://x.example/u/${URL_MARK}` },
      'invalid_content',
    ],
  ] as const)('%s is refused', (_, draft, code) => {
    const got = common(draft)
    expect(got.ok ? 'accepted' : got.error.code).toBe(code)
  })
})

describe('what a message adds', () => {
  test('its header names it, and its data are kept as they came', () => {
    const got = filled({ html: '{{ name }}' }, { name: 'Ada', more: [1] }, 'To {{ name }}')
    if (!got.ok) throw new Error(got.error.say)
    const { fill, subject } = got.value
    expect(subject).toBe('To Ada')
    expect(fill.header).toMatch(
      /^To: a@example\.net\r\nSubject: To Ada\r\nDate: [^\r]+\r\nMessage-ID: <msg_m1a2b3c4d001@example\.com>\r\n$/,
    )
    expect(fill.data).toBe('{"name":"Ada","more":[1]}')
  })

  test('without tags to fill nothing is kept', () => {
    const got = filled({ html: '{{ name }}', merges: false }, { name: 'Ada' }, '{{ as it is }}')
    expect(got.ok && got.value).toMatchObject({ subject: '{{ as it is }}', fill: { data: null } })
  })

  test.each([
    ['a variable of html', { html: '{{ a }} {{ b }}' }, { a: 'x' }, 'template_error data.b'],
    ['a variable of text', { html: 'x', text: '{{ b }}' }, {}, 'template_error data.b'],
    ['a variable behind a filter', { html: '{{ b | upcase }}' }, {}, 'template_error data.b'],
    ['NUL in a plain value', { html: '{{ a }}' }, { a: 'x\0' }, 'invalid_content html'],
    ['NUL out of a filter', { html: '{{ a | url_decode }}' }, { a: '%00' }, 'invalid_content html'],
    ['more than fits', { text: '{{ a }}' }, { a: 'x'.repeat(100_001) }, 'message_too_large '],
    [
      'a loop over the size',
      { text: '{% for i in (1..60) %}{{ a }}{% endfor %}' },
      { a: 'x'.repeat(2000) },
      'message_too_large ',
    ],
    ['the words for a token', { html: '{{ a }}', wayOut: URL_MARK }, { a: URL_MARK }, 'invalid_content data'],
  ])('%s: refused', (_, draft, data, want) => {
    expect(refusal(filled(draft, data))).toBe(want)
  })

  test('a subject that breaks out of its line is refused', () => {
    expect(refusal(filled({ text: 'x' }, { s: 'a\r\nBcc: x@y.example' }, '{{ s }}'))).toBe(
      'invalid_header subject',
    )
  })

  test('the way out is a variable, and a value of the sender’s own goes before it', () => {
    const wayOut = `https://x.example/u/${URL_MARK}`
    const got = filled({ html: '<a href="{{ unsubscribe_url }}">x</a>', wayOut }, {})
    expect(refusal(got)).toBe('accepted')
    expect(refusal(filled({ html: '{{ unsubscribe_url }}' }, {}))).toBe('template_error data.unsubscribe_url')
  })
})

test.each([
  ['{{ a }} and {{ a }}', { a: 'xy' }],
  ['{{ a.b }}', { a: { b: 12.5 } }],
  ['{{ a }}', { a: true }],
  ['{{ a }}', { a: null }],
  ['{{ a }}', {}],
  ['{{ a.b }}', { a: 'text' }],
  ['{{ a }}', { a: ['x'] }],
  ['nothing', {}],
])('%j with %j: what is proven is what is rendered', (source, data) => {
  const plain = compilePlain(source)
  if (plain === null) throw new Error('plain')
  const text = renderPlain(plain, data, false)
  const statics = plain.statics.join('').length
  expect(provePlain(plain, data)).toBe(text === null ? null : text.length - statics)
})
