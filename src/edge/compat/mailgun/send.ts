//
// Owns: from a form of Mailgun's to a message of MailWok's, or one for each recipient. Pure.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { written } from '../addresses.ts'
import type { Form } from '../body.ts'
import { Fields } from '../fields.ts'
import { MAILGUN_PLACEHOLDERS, placeholderFaults } from '../placeholders.ts'
import { type Json, said } from '../values.ts'
import { MAILGUN_SEND } from './fields.ts'
import { FormReader, jsonOrText } from './form.ts'
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
    ...variablesOf(read),
    headers: read.family('h:', (text) => text),
    tags: orNone(read.texts('o:tag').filter((tag) => tag !== '')),
    ip_pool: read.text('o:sending-ip-pool') || undefined,
    scheduled_at: read.time('o:deliverytime'),
    track_opens: read.flag('o:tracking-opens') ?? read.flag('o:tracking'),
    track_clicks: read.flag('o:tracking-clicks') ?? read.flag('o:tracking'),
    attachments: orNone([...read.files('attachment', false), ...read.files('inline', true)]),
  })
  const { html, text } = shared
  placeholderFaults({ html, text }, MAILGUN_PLACEHOLDERS, faults)
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

/** His own may come in three ways; a template gets all of them, webhooks tell the last two. */
function variablesOf(read: FormReader): Json {
  const template = read.text('template') || undefined
  const inHeader = read.json('h:X-Mailgun-Variables')
  const own = read.family('v:', jsonOrText)
  const inTemplate = read.json('t:variables')
  const custom = own === undefined && inHeader === undefined ? undefined : { ...inHeader, ...own }
  if (template === undefined) return { custom }
  return { template_id: template, data: { ...own, ...inHeader, ...inTemplate }, custom }
}

const orNone = <T>(list: readonly T[]) => (list.length === 0 ? undefined : list)
