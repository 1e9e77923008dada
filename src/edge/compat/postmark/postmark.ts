//
// Owns: /compat/postmark: Postmark's routes for sending and looking up.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { listedOf, type NativeContent, type NativeMessage, type NativePage, pathOf } from '../message.ts'
import type { Native } from '../native.ts'
import { MOST_IN_BATCH, sendAll, sendOne } from '../sending.ts'
import { wrong } from '../trouble.ts'
import { isObject, type Json } from '../values.ts'
import type { Answer, Ask, Vendor } from '../vendor.ts'
import { detailsView, listedView, postmarkNo, sendingView } from './answers.ts'
import { EVENTS } from './events.ts'
import { SERVER } from './itself.ts'
import { readSearch } from './search.ts'
import { readMessage } from './send.ts'
import { SUPPRESSIONS } from './suppressions.ts'

/** By which he takes whatever comes and sends nothing. */
const TEST_TOKEN = 'POSTMARK_API_TEST'

export const POSTMARK: Vendor = {
  keyOf: ({ headers }) =>
    headers.get('x-postmark-server-token') || headers.get('x-postmark-account-token') || null,
  keyHint: (key) => (key === TEST_TOKEN ? 'Use a key that begins with mwk_test_: it sends nothing.' : null),
  body: 'json',
  sayNo: postmarkNo,
  elsewhere: {
    'email/bulk': 'send up to 500 at once by POST /email/batch',
    templates: 'templates are written by /v1/templates, and brought along by mailwok template import',
    bounces: 'use GET /v1/events?type=email.bounced',
    deliverystats: 'use GET /v1/stats',
    deliveryStats: 'use GET /v1/stats',
    stats: 'use GET /v1/stats',
    server: 'there are accounts instead of servers: GET /v1/account',
    servers: 'there are accounts instead of servers: /v1/accounts',
    domains: 'domains are kept by /v1/domains',
    senders: 'domains are kept by /v1/domains',
    webhooks: 'make one with "format": "postmark" by POST /v1/webhooks',
    'messages/inbound': 'incoming mail is routed by /v1/inbound',
    'message-streams': 'the streams are outbound (transactional) and broadcast (marketing)',
    triggers: 'incoming mail is routed by /v1/inbound',
  },
  routes: [
    { method: 'POST', path: '/email', answer: (ask) => send(ask, 'plain') },
    { method: 'POST', path: '/email/withTemplate', answer: (ask) => send(ask, 'templated') },
    { method: 'POST', path: '/email/batch', answer: (ask) => batch(ask, ask.body, 'plain') },
    { method: 'POST', path: '/email/batchWithTemplates', answer: batchTemplated },
    { method: 'GET', path: '/messages/outbound', answer: search },
    { method: 'GET', path: '/messages/outbound/:id/details', answer: details },
    { method: 'GET', path: '/messages/outbound/:id/dump', answer: dump },
    ...EVENTS,
    ...SERVER,
    ...SUPPRESSIONS,
  ],
}

type Kind = 'plain' | 'templated'

async function send({ body, headers, native }: Ask, kind: Kind): Promise<Answer> {
  const faults: FieldFault[] = []
  const email = readMessage(body, kind, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const sent = await sendOne(native, email, idempotency(headers))
  if (!sent.ok) return { trouble: sent.error }
  const told = sendingView(body, sent)
  return Response.json(told.body, { status: told.status })
}

/** He has none; ours is taken all the same. */
function idempotency(headers: Headers): Record<string, string> {
  const key = headers.get('idempotency-key')
  return key === null ? {} : { 'idempotency-key': key }
}

async function batchTemplated(ask: Ask): Promise<Answer> {
  const { Messages, ...rest } = isObject(ask.body) ? ask.body : ({} as Json)
  const [strange] = Object.keys(rest)
  if (strange === undefined) return batch(ask, Messages, 'templated')
  return { trouble: wrong([{ path: strange, code: 'unknown_field', message: 'is not a known field' }]) }
}

/** Each by itself: what is wrong with one is said in its place. */
async function batch({ headers, native }: Ask, messages: unknown, kind: Kind): Promise<Answer> {
  if (!Array.isArray(messages) || messages.length > MOST_IN_BATCH) {
    const message = `wants a list of at most ${MOST_IN_BATCH} messages`
    return { trouble: wrong([{ path: 'Messages', code: 'invalid', message }]) }
  }
  const read = messages.map((one) => {
    const faults: FieldFault[] = []
    return { asked: one, email: readMessage(one, kind, faults), faults }
  })
  const emails = read.flatMap(({ email, faults }) => (faults.length === 0 ? [email] : []))
  const sent = await sendAll(native, { emails, isStrict: false, headers: idempotency(headers) })
  if (!sent.ok) return { trouble: sent.error }
  const ends = sent.value.values()
  const told = read.map(({ asked, faults }) => {
    if (faults.length > 0) return sendingView(asked, { ok: false, error: wrong(faults) }).body
    const end = ends.next().value
    return end ? sendingView(asked, end).body : {}
  })
  return Response.json(told)
}

async function search({ native, url }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const query = readSearch(url.searchParams, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const page = await native.ask<NativePage>({ method: 'GET', path: `/v1/email?${query}` })
  if (!page.ok) return { trouble: page.error }
  const { data, has_more } = page.value
  // Nobody counts all of them: one more than are shown says that there are more.
  const TotalCount = data.length + (has_more ? 1 : 0)
  return Response.json({ TotalCount, Messages: data.map((one) => listedView(listedOf(one))) })
}

async function details({ native, params }: Ask): Promise<Answer> {
  const [id = ''] = params
  const found = await native.ask<NativeMessage>({ method: 'GET', path: pathOf(id) })
  if (!found.ok) return { trouble: found.error }
  const content = await native.ask<NativeContent>({ method: 'GET', path: `${pathOf(id)}/content` })
  const raw = (await rawOf(native, id)) ?? ''
  return Response.json(detailsView(found.value, { content: content.ok ? content.value : null, raw }))
}

async function dump({ native, params }: Ask): Promise<Answer> {
  const [id = ''] = params
  const found = await native.ask({ method: 'GET', path: pathOf(id) })
  if (!found.ok) return { trouble: found.error }
  return Response.json({ Body: (await rawOf(native, id)) ?? '' })
}

/** Null: retention has removed it. */
async function rawOf(native: Native, id: string): Promise<string | null> {
  const raw = await native.fetch({ method: 'GET', path: `${pathOf(id)}/content?part=raw` })
  return raw.ok ? await raw.text() : null
}
