//
// Owns: /compat/resend: Resend's routes for sending and looking up.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { listedOf, type NativeContent, type NativeMessage, type NativePage, pathOf } from '../message.ts'
import type { Native, NativeAnswer } from '../native.ts'
import { sendAll, sendOne } from '../sending.ts'
import { notHere, wrong } from '../trouble.ts'
import { type Answer, type Ask, bearerIn, type Vendor } from '../vendor.ts'
import { emailView, listedView, resendNo } from './answers.ts'
import { DOMAINS } from './domains.ts'
import { readEmail } from './send.ts'
import { SUPPRESSIONS } from './suppressions.ts'

export const RESEND: Vendor = {
  keyOf: bearerIn,
  body: 'json',
  sayNo: resendNo,
  elsewhere: {
    'api-keys': 'keys are kept by /v1/keys, or by mailwok key',
    webhooks: 'make one with "format": "resend" by POST /v1/webhooks',
    contacts: 'there are no contacts in this version',
    audiences: 'there are no contacts in this version',
    segments: 'there are no contacts in this version',
    broadcasts: 'there are no campaigns in this version',
    templates: 'templates are written by /v1/templates, and brought along by mailwok template import',
    'emails/:id/attachments': 'a message as it went out is told by GET /v1/email/{id}/content',
    'emails/receiving': 'incoming mail is routed by /v1/inbound',
    logs: 'use GET /v1/events',
  },
  routes: [
    { method: 'POST', path: '/emails', answer: send },
    { method: 'POST', path: '/emails/batch', answer: sendBatch },
    { method: 'GET', path: '/emails', answer: list },
    { method: 'GET', path: '/emails/:id', answer: lookUp },
    { method: 'PATCH', path: '/emails/:id', answer: reschedule },
    { method: 'POST', path: '/emails/:id/cancel', answer: cancel },
    ...DOMAINS,
    ...SUPPRESSIONS,
  ],
}

async function send({ body, headers, native }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const email = readEmail(body, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const sent = await sendOne(native, email, idempotency(headers))
  return sent.ok ? Response.json({ id: sent.value.id }) : { trouble: sent.error }
}

async function sendBatch({ body, headers, native }: Ask): Promise<Answer> {
  if (!Array.isArray(body)) {
    return { trouble: wrong([{ path: 'the body', code: 'invalid', message: 'wants a list of emails' }]) }
  }
  const isStrict = headers.get('x-batch-validation') !== 'permissive'
  const read = body.map((one, place) => {
    const faults: FieldFault[] = []
    const email = readEmail(one, faults)
    return { email, faults: faults.map((each) => ({ ...each, path: `[${place}].${each.path}` })) }
  })
  const bad = read.flatMap(({ faults }) => faults)
  if (isStrict && bad.length > 0) return { trouble: wrong(bad) }
  const good = read.flatMap(({ email, faults }, index) => (faults.length === 0 ? [{ email, index }] : []))
  const sent = await sendAll(native, {
    emails: good.map(({ email }) => email),
    isStrict,
    headers: idempotency(headers),
  })
  if (!sent.ok) return { trouble: sent.error }
  const errors = [
    ...read.flatMap(({ faults }, index) =>
      faults.length > 0 ? [{ index, message: wrong(faults).message }] : [],
    ),
    ...sent.value.flatMap((one, at) =>
      one.ok ? [] : [{ index: good[at]?.index ?? at, message: one.error.message }],
    ),
  ]
  const data = sent.value.flatMap((one) => (one.ok ? [{ id: one.value.id }] : []))
  return Response.json(isStrict ? { data } : { data, errors: errors.toSorted((a, b) => a.index - b.index) })
}

const idempotency = (headers: Headers): Record<string, string> => {
  const key = headers.get('idempotency-key')
  return key === null ? {} : { 'idempotency-key': key }
}

async function lookUp({ native, params }: Ask): Promise<Answer> {
  const [id = ''] = params
  const found = await messageOf(native, id)
  if (!found.ok) return { trouble: found.error }
  const path = `${pathOf(id)}/content`
  const content = await native.ask<NativeContent>({ method: 'GET', path })
  return Response.json(emailView(found.value, content.ok ? content.value : null))
}

const messageOf = (native: Native, id: string): Promise<NativeAnswer<NativeMessage>> =>
  native.ask<NativeMessage>({ method: 'GET', path: pathOf(id) })

async function list({ native, url }: Ask): Promise<Answer> {
  const query = new URLSearchParams()
  for (const [name, value] of url.searchParams) {
    if (!['limit', 'after', 'before'].includes(name)) return { trouble: notHere(`${name} is not known here`) }
    query.set(name, value)
  }
  const page = await native.ask<NativePage>({ method: 'GET', path: `/v1/email?${query}` })
  if (!page.ok) return { trouble: page.error }
  const { data, has_more } = page.value
  return Response.json({ object: 'list', has_more, data: data.map((one) => listedView(listedOf(one))) })
}

async function reschedule({ body, native, params }: Ask): Promise<Answer> {
  const [id = ''] = params
  const asked = await native.ask({
    method: 'PATCH',
    path: pathOf(id),
    body: body ?? {},
  })
  return asked.ok ? Response.json({ object: 'email', id }) : { trouble: asked.error }
}

async function cancel({ native, params }: Ask): Promise<Answer> {
  const [id = ''] = params
  const asked = await native.ask({ method: 'POST', path: `${pathOf(id)}/cancel` })
  return asked.ok ? Response.json({ object: 'email', id }) : { trouble: asked.error }
}
