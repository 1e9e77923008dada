//
// Owns: from a form of Mailgun's to a message of MailWok's, or one for each recipient. Pure.

import type { NamedMailbox } from '../../../core/address.ts'
import type { FieldFault } from '../../../services/submission/refusal.ts'
import { mailboxesAt, written } from '../addresses.ts'
import type { Form, FormValue, Upload } from '../body.ts'
import { Fields } from '../fields.ts'
import { type Json, said } from '../values.ts'
import { MAILGUN_SEND } from './fields.ts'
import { personalized } from './variables.ts'

const FIELDS = new Fields(MAILGUN_SEND)

export interface ReadForm {
  readonly shared: Json
  /** Without recipient variables one alone. */
  readonly emails: readonly Json[]
}

export function readForm(form: Form, faults: FieldFault[]): ReadForm {
  faults.push(
    ...FIELDS.faults(Object.fromEntries([...form].map(([name, values]) => [name, values[0] ?? '']))),
  )
  const read = new FormReader(form, faults)
  const to = read.people('to')
  if (to.length === 0) faults.push({ path: 'to', code: 'required', message: 'is required' })
  const shared = said({
    from: read.text('from'),
    subject: read.text('subject'),
    html: read.text('html'),
    text: read.text('text'),
    reply_to: orNone(read.people('h:Reply-To').map(written)),
    template_id: read.text('template') || undefined,
    data: read.text('template') ? (read.json('t:variables') ?? {}) : undefined,
    headers: read.family('h:', (text) => text),
    custom: read.family('v:', jsonOrText),
    tags: orNone(read.texts('o:tag')),
    ip_pool: read.text('o:sending-ip-pool') || undefined,
    scheduled_at: read.time('o:deliverytime'),
    track_opens: read.flag('o:tracking-opens') ?? read.flag('o:tracking'),
    track_clicks: read.flag('o:tracking-clicks') ?? read.flag('o:tracking'),
    attachments: orNone([...read.files('attachment', false), ...read.files('inline', true)]),
  })
  const cc = read.people('cc')
  const bcc = read.people('bcc')
  const variables = read.json('recipient-variables')
  if (variables === undefined) {
    const people = { to: to.map(written), cc: orNone(cc.map(written)), bcc: orNone(bcc.map(written)) }
    return { shared, emails: [said(people)] }
  }
  if (cc.length + bcc.length > 0) {
    const message = 'does not go with cc or bcc: each recipient gets a message of his own'
    faults.push({ path: 'recipient-variables', code: 'not_available', message })
  }
  return { shared, emails: personalized(shared, { to, variables }, faults) }
}

const orNone = <T>(list: readonly T[]) => (list.length === 0 ? undefined : list)

function jsonOrText(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

class FormReader {
  readonly #form: Form
  readonly #faults: FieldFault[]

  constructor(form: Form, faults: FieldFault[]) {
    this.#form = form
    this.#faults = faults
  }

  texts(name: string): string[] {
    return (this.#form.get(name) ?? []).flatMap((value) => {
      if (typeof value === 'string') return [value]
      this.#wrong(name, 'wants a text, not a file')
      return []
    })
  }

  text(name: string): string | undefined {
    const texts = this.texts(name)
    if (texts.length > 1) this.#wrong(name, 'stands there twice')
    return texts[0]
  }

  people(name: string): NamedMailbox[] {
    return this.texts(name).flatMap((text) => mailboxesAt(text, name, this.#faults))
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase()
    if (text === undefined || text === '') return undefined
    if (['yes', 'true', 'htmlonly'].includes(text)) return true
    if (['no', 'false'].includes(text)) return false
    this.#wrong(name, 'wants yes or no')
    return undefined
  }

  json(name: string): Json | undefined {
    const text = this.text(name)
    if (text === undefined || text === '') return undefined
    const value = jsonOrText(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
    this.#wrong(name, 'wants a JSON object')
    return undefined
  }

  time(name: string): string | undefined {
    const text = this.text(name)?.trim()
    if (text === undefined || text === '') return undefined
    const isSeconds = /^\d{9,11}(?:\.\d+)?$/.test(text)
    // RFC 2822 §3.3.
    const isDate =
      /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC)$/.test(text)
    const at = isSeconds ? Number(text) * 1000 : isDate ? Date.parse(text) : Number.NaN
    if (!Number.isNaN(at)) return new Date(at).toISOString()
    this.#wrong(name, 'wants a date such as "Fri, 15 Jan 2027 10:30:00 +0000", or seconds since 1970')
    return undefined
  }

  /** Those of a prefix, but Reply-To, which has a place of its own. */
  family(prefix: string, read: (text: string) => unknown): Json | undefined {
    const found: Record<string, unknown> = {}
    for (const name of this.#form.keys()) {
      if (!name.startsWith(prefix) || name === 'h:Reply-To') continue
      const text = this.text(name)
      if (text !== undefined) found[name.slice(prefix.length)] = read(text)
    }
    return Object.keys(found).length === 0 ? undefined : found
  }

  files(name: string, isInline: boolean): Json[] {
    return (this.#form.get(name) ?? []).map((value) => fileOf(value, isInline))
  }

  #wrong(path: string, message: string): void {
    this.#faults.push({ path, code: 'invalid', message })
  }
}

function fileOf(value: FormValue, isInline: boolean): Json {
  const { bytes, contentType, filename } = typeof value === 'string' ? asFile(value) : value
  return said({
    filename: filename || 'file',
    content: Buffer.from(bytes).toString('base64'),
    content_type: contentType || undefined,
    content_id: isInline ? filename || 'file' : undefined,
  })
}

const asFile = (text: string): Upload => ({
  filename: '',
  contentType: 'text/plain',
  bytes: Buffer.from(text),
})
