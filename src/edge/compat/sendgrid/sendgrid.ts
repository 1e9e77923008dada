//
// Owns: /compat/sendgrid: SendGrid's routes for sending and looking up.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { listedOf, type NativeMessage, type NativePage, pathOf } from '../message.ts'
import { sendAll, sendOne } from '../sending.ts'
import { type Trouble, wrong } from '../trouble.ts'
import { type Answer, type Ask, bearerIn, type Vendor } from '../vendor.ts'
import { activityView, listedActivity, sendgridNo } from './answers.ts'
import { GROUPS } from './groups.ts'
import { readMail } from './send.ts'
import { SUPPRESSIONS } from './suppressions.ts'
import { TEMPLATES } from './templates.ts'

export const SENDGRID: Vendor = {
  keyOf: bearerIn,
  body: 'json',
  sayNo: sendgridNo,
  elsewhere: {
    'v3/mail/batch': 'cancel a message by POST /v1/email/{id}/cancel',
    'v3/user/scheduled_sends': 'cancel a message by POST /v1/email/{id}/cancel',
    'v3/templates': 'templates are written by /v1/templates, and brought along by mailwok template import',
    'v3/scopes': 'what a key may do is told by GET /v1/keys',
    'v3/user/profile': 'an account is told by GET /v1/account',
    'v3/categories': 'use GET /v1/stats?dimension=tag',
    'v3/ips': 'addresses are kept by mailwok source',
    'v3/asm/groups': 'a group is a list here, asm-17 for 17: it begins with the first message that names it',
    'v3/marketing': 'there are no campaigns in this version',
    'v3/contactdb': 'there are no contacts in this version',
    'v3/asm': 'the list is kept by /v1/suppressions',
    'v3/suppression': 'the list is kept by /v1/suppressions',
    'v3/stats': 'use GET /v1/stats',
    'v3/api_keys': 'keys are kept by /v1/keys, or by mailwok key',
    'v3/whitelabel': 'domains are kept by /v1/domains, or by mailwok domain',
    'v3/user/webhooks': 'make one with "format": "sendgrid" by POST /v1/webhooks',
  },
  routes: [
    { method: 'POST', path: '/v3/mail/send', answer: send },
    { method: 'GET', path: '/v3/messages', answer: list },
    { method: 'GET', path: '/v3/messages/:id', answer: lookUp },
    ...SUPPRESSIONS,
    ...GROUPS,
    ...TEMPLATES,
  ],
}

async function send({ body, headers, native }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const { emails, isSandbox, shared } = readMail(body, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  if (isSandbox) return new Response(null, { status: 200 })
  const key = headers.get('idempotency-key')
  const idempotency = key === null ? {} : { 'idempotency-key': key }
  if (emails.length === 1) {
    const sent = await sendOne(native, { ...shared, ...emails[0] }, idempotency)
    return sent.ok ? accepted([sent.value.id]) : { trouble: sent.error }
  }
  const sent = await sendAll(native, { shared, emails, isStrict: true, headers: idempotency })
  if (!sent.ok) return { trouble: sent.error }
  return accepted(sent.value.flatMap((one) => (one.ok ? [one.value.id] : [])))
}

/** Of several messages the first gives its id, as there; all of them stand in a field of our own. */
const accepted = (ids: readonly string[]): Response =>
  new Response(null, {
    status: 202,
    headers: { 'x-message-id': ids[0] ?? '', 'x-mailwok-message-ids': ids.join(' ') },
  })

async function lookUp({ native, params }: Ask): Promise<Answer> {
  const [id = ''] = params
  const found = await native.ask<NativeMessage>({
    method: 'GET',
    path: pathOf(id),
  })
  return found.ok ? Response.json(activityView(found.value)) : { trouble: found.error }
}

async function list({ native, url }: Ask): Promise<Answer> {
  const read = queryOf(url.searchParams)
  if ('trouble' in read) return read
  const page = await native.ask<NativePage>({
    method: 'GET',
    path: `/v1/email?${read.query}`,
  })
  if (!page.ok) return { trouble: page.error }
  return Response.json({ messages: page.value.data.map((one) => listedActivity(listedOf(one))) })
}

/** His conditions that have one of ours. */
const CONDITIONS: Readonly<Record<string, string>> = {
  to_email: 'recipient',
  from_email: 'from',
  subject: 'subject',
}

function queryOf(params: URLSearchParams): { query: URLSearchParams } | { trouble: Trouble } {
  const query = new URLSearchParams({ limit: params.get('limit') ?? '10' })
  const asked = params.get('query') ?? ''
  for (const part of asked.split(/\s+AND\s+/i).filter((one) => one.trim() !== '')) {
    const [, name = '', value = ''] = /^\s*\(?\s*(\w+)\s*=\s*"([^"]*)"\s*\)?\s*$/.exec(part) ?? []
    const own = CONDITIONS[name]
    if (own === undefined) {
      const known = Object.keys(CONDITIONS).join(', ')
      const message = `understands ${known} with = and a text in quotes, joined by AND; for more use GET /v1/email`
      return { trouble: wrong([{ path: 'query', code: 'not_available', message }]) }
    }
    query.set(own, value)
  }
  return { query }
}
