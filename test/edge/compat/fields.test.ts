//
// The tables of every vendor's fields, walked: what is mapped changes what is sent, what is not is refused by its name.

import { describe, expect, test } from 'bun:test'
import type { Form } from '../../../src/edge/compat/body.ts'
import { Fields, type FieldTable, isMapped } from '../../../src/edge/compat/fields.ts'
import { MAILGUN_MIME, MAILGUN_SEND } from '../../../src/edge/compat/mailgun/fields.ts'
import { readMime } from '../../../src/edge/compat/mailgun/mime.ts'
import { readForm } from '../../../src/edge/compat/mailgun/send.ts'
import { POSTMARK_SEND, POSTMARK_TEMPLATED } from '../../../src/edge/compat/postmark/fields.ts'
import { readMessage } from '../../../src/edge/compat/postmark/send.ts'
import { RESEND_SEND } from '../../../src/edge/compat/resend/fields.ts'
import { readEmail } from '../../../src/edge/compat/resend/send.ts'
import { SENDGRID_SEND } from '../../../src/edge/compat/sendgrid/fields.ts'
import { readMail } from '../../../src/edge/compat/sendgrid/send.ts'
import type { FieldFault } from '../../../src/services/submission/refusal.ts'

type Body = Record<string, unknown>

interface Vendor {
  readonly name: string
  readonly table: FieldTable
  /** Small, and good. */
  readonly base: Body
  read(body: Body, faults: FieldFault[]): unknown
  /** Mapped fields that say nothing by themselves. */
  readonly silent: readonly string[]
}

const asForm = (body: Body): Form => {
  const file = { filename: 'terms.txt', contentType: 'text/plain', bytes: Buffer.from('x') }
  const value = (name: string, text: unknown) => (/^(?:attachment|inline)$/.test(name) ? file : String(text))
  return new Map(
    Object.entries(body).map(([name, text]) => [name.replace(/\*$/, 'Own'), [value(name, text)]]),
  )
}

const VENDORS: readonly Vendor[] = [
  { name: 'resend', table: RESEND_SEND, base: { html: 'x' }, read: readEmail, silent: [] },
  {
    name: 'sendgrid',
    table: SENDGRID_SEND,
    base: {
      from: { email: 'shop@example.com' },
      subject: 'Hello -name-',
      reply_to: { email: 'r@example.com' },
      reply_to_list: [{ email: 'l@example.com' }],
      content: [{ type: 'text/html', value: 'x' }],
      personalizations: [
        {
          from: { email: 'p@example.com' },
          to: [{ email: 'x@example.net' }],
          cc: [{ email: 'y@example.net' }],
          bcc: [{ email: 'z@example.net' }],
        },
      ],
      attachments: [{ content_id: 'x', disposition: 'inline' }],
      template_id: 'x',
    },
    read: readMail,
    // The same by its other name.
    silent: ['attachments[].contentId'],
  },
  {
    name: 'postmark',
    table: POSTMARK_SEND,
    base: { Attachments: [{ ContentID: 'x' }], Headers: [{ Name: 'X-A', Value: 'a' }] },
    read: (body, faults) => readMessage(body, 'plain', faults),
    // Counted anew.
    silent: ['Attachments[].ContentLength'],
  },
  {
    name: 'postmark with a template',
    table: POSTMARK_TEMPLATED,
    base: { TemplateAlias: 'x', Attachments: [{ ContentID: 'x' }], Headers: [{ Name: 'X-A', Value: 'a' }] },
    read: (body, faults) => readMessage(body, 'templated', faults),
    silent: ['Attachments[].ContentLength'],
  },
  {
    name: 'mailgun',
    table: MAILGUN_SEND,
    base: { to: 'x@example.net', template: 'x', subject: '%recipient_email%' },
    read: (body, faults) => readForm(asForm(body), faults),
    silent: [],
  },
  {
    name: 'mailgun, a finished message',
    table: MAILGUN_MIME,
    base: { to: 'x@example.net', message: 'From: shop@example.com\n\nx' },
    read: (body, faults) => readMime(asForm(body), faults),
    silent: [],
  },
]

/** `a[].b` in an object, that is there or made. */
function within(value: unknown, path: string, put: unknown): unknown {
  const [, name = '', isList, rest = ''] = /^([^.[]+)(\[\])?\.?(.*)$/s.exec(path) ?? []
  const at = { ...(value as Body) }
  const inner = isList ? ((at[name] as unknown[] | undefined)?.[0] ?? {}) : (at[name] ?? {})
  const one = rest === '' ? put : within(inner, rest, put)
  at[name] = isList ? [one] : one
  return at
}

const faultsOf = (vendor: Vendor, body: Body): FieldFault[] => {
  const faults: FieldFault[] = []
  vendor.read(body, faults)
  return faults
}

/** Without what only says that something else is missing. */
const aboutFields = (faults: readonly FieldFault[]) =>
  faults.filter(({ code }) => code === 'not_available' || code === 'unknown_field')

describe.each(VENDORS)('$name', (vendor) => {
  const { base, read, silent, table } = vendor
  const flat = vendor.name.startsWith('mailgun')
  const set = (path: string, value: unknown): Body =>
    flat ? { ...base, [path]: value } : (within(base, path, value) as Body)

  test.each(Object.entries(table).filter(([, field]) => isMapped(field)))(
    '%s is understood',
    (path, field) => {
      const body = set(path, field.example)
      expect(aboutFields(faultsOf(vendor, body))).toEqual([])
      if (silent.includes(path)) return
      expect(read(body, [])).not.toEqual(read(base, []))
    },
  )

  test.each(Object.entries(table).filter(([, field]) => !isMapped(field)))(
    '%s is refused by name',
    (path, field) => {
      const told = aboutFields(faultsOf(vendor, set(path, field.example)))
      expect(told.map((one) => one.path.replace(/\[0\]/g, '[]'))).toEqual([path.replace('*', 'Own')])
      const harmless = isMapped(field) ? [] : (field.harmless ?? [])
      for (const value of [...harmless, ...(flat ? [] : [null])]) {
        expect(aboutFields(faultsOf(vendor, set(path, value)))).toEqual([])
      }
    },
  )

  test('a field that nobody knows is refused, with the nearest one that somebody does', () => {
    const known = Object.keys(table)[0] ?? ''
    const top = known.replace(/[.[].*$/, '')
    const [told] = aboutFields(faultsOf(vendor, { ...base, [`${top}x`]: 'y' }))
    expect(told).toMatchObject({
      path: `${top}x`,
      code: 'unknown_field',
      message: expect.stringContaining('did you mean'),
    })
  })

  test('whatever comes is answered, not thrown at', () => {
    for (const odd of [null, 7, 'x', true, [], [7], {}, [[]], { email: {} }]) {
      for (const path of Object.keys(table)) {
        expect(() => faultsOf(vendor, set(path, odd))).not.toThrow()
        if (!flat) expect(() => faultsOf(vendor, set(path.replace(/[.[].*$/, ''), odd))).not.toThrow()
      }
      if (!flat) expect(() => faultsOf(vendor, odd as unknown as Body)).not.toThrow()
    }
  })
})

test('names of the prototype are no fields', () => {
  const fields = new Fields(RESEND_SEND)
  const body = JSON.parse('{"__proto__": {"a": 1}, "constructor": 1, "toString": "x"}')
  expect(fields.faults(body).map(({ path }) => path)).toEqual(['__proto__', 'constructor', 'toString'])
})
