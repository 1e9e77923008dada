//
// Owns: /compat/mailgun: Mailgun's routes for sending and looking up. The domain of the path is where his users are used to
// it; whose mail it is says the key, and From which domain.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import type { Form } from '../body.ts'
import { type NativeContent, type NativeMessage, pathOf } from '../message.ts'
import { sendAll, sendOne } from '../sending.ts'
import { wrong } from '../trouble.ts'
import { type Answer, type Ask, basicIn, type Vendor } from '../vendor.ts'
import { mailgunNo, storedView } from './answers.ts'
import { DOMAINS } from './domains.ts'
import { events } from './events.ts'
import { readMime } from './mime.ts'
import { readForm } from './send.ts'
import { SUPPRESSIONS } from './suppressions.ts'

export const MAILGUN: Vendor = {
  keyOf: basicIn,
  body: 'form',
  sayNo: mailgunNo,
  elsewhere: {
    'v4/domains': 'domains are made and changed by /v1/domains, or by mailwok domain',
    'v3/domains/:name/webhooks': 'make one with "format": "mailgun" by POST /v1/webhooks',
    'v3/domains/:name/credentials': 'SMTP takes an API key: /v1/keys',
    'v3/domains': 'domains are made and changed by /v1/domains, or by mailwok domain',
    'v3/:domain/templates':
      'templates are written by /v1/templates, and brought along by mailwok template import',
    'v3/:domain/tags': 'use GET /v1/stats?dimension=tag',
    'v3/:domain/stats': 'use GET /v1/stats',
    'v3/:domain/whitelists':
      'there is no list of addresses that are always written to; /v1/suppressions takes one off',
    'v3/:domain/aggregates': 'use GET /v1/stats?dimension=provider',
    'v3/:domain/envelopes': 'cancel a message by POST /v1/email/{id}/cancel',
    'v1/webhooks': 'make one with "format": "mailgun" by POST /v1/webhooks',
    'v1/keys': 'keys are kept by /v1/keys, or by mailwok key',
    'v4/templates': 'templates are kept by /v1/templates',
    'v3/routes': 'incoming mail is routed by /v1/inbound',
    'v3/lists': 'there are no contacts in this version',
    'v3/ips': 'addresses are kept by mailwok source',
    'v3/stats': 'use GET /v1/stats',
    'v1/analytics': 'use GET /v1/stats',
    'v4/address': 'addresses are not validated by asking anybody',
  },
  routes: [
    { method: 'POST', path: '/v3/:domain/messages', answer: send },
    { method: 'POST', path: '/v3/:domain/messages.mime', answer: sendMime },
    { method: 'GET', path: '/v3/:domain/events', answer: events },
    { method: 'GET', path: '/v3/:domain/events/:page', answer: events },
    { method: 'GET', path: '/v3/domains/:domain/messages/:key', answer: stored },
    ...DOMAINS,
    ...SUPPRESSIONS,
  ],
}

async function send({ body, headers, native, params }: Ask): Promise<Answer> {
  const [domain = ''] = params
  const faults: FieldFault[] = []
  const { emails, shared } = readForm(body instanceof Map ? (body as Form) : new Map(), faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const key = headers.get('idempotency-key')
  const idempotency = key === null ? {} : { 'idempotency-key': key }
  if (emails.length === 1) {
    const sent = await sendOne(native, { ...shared, ...emails[0] }, idempotency)
    return sent.ok ? accepted([sent.value.id], domain) : { trouble: sent.error }
  }
  const sent = await sendAll(native, { shared, emails, isStrict: true, headers: idempotency })
  if (!sent.ok) return { trouble: sent.error }
  return accepted(
    sent.value.flatMap((one) => (one.ok ? [one.value.id] : [])),
    domain,
  )
}

async function sendMime({ body, headers, native, params }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const raw = readMime(body instanceof Map ? (body as Form) : new Map(), faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const key = headers.get('idempotency-key')
  const sent = await native.ask<{ message_id: string }>({
    method: 'POST',
    path: '/v1/email/raw',
    body: raw,
    ...(key === null ? {} : { headers: { 'idempotency-key': key } }),
  })
  return sent.ok ? accepted([sent.value.message_id], params[0] ?? '') : { trouble: sent.error }
}

/** Of several messages the first gives its id; all of them stand in a field of our own. */
const accepted = (ids: readonly string[], domain: string): Response =>
  Response.json(
    { id: `<${ids[0] ?? ''}@${domain}>`, message: 'Queued. Thank you.' },
    { headers: { 'x-mailwok-message-ids': ids.join(' ') } },
  )

async function stored({ native, params }: Ask): Promise<Answer> {
  const [, key = ''] = params
  const path = pathOf(key)
  const found = await native.ask<NativeMessage>({ method: 'GET', path })
  if (!found.ok) return { trouble: found.error }
  const content = await native.ask<NativeContent>({ method: 'GET', path: `${path}/content` })
  return Response.json(storedView(found.value, content.ok ? content.value : null))
}
