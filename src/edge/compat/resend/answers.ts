//
// Owns: how MailWok's answers look to Resend's clients. Pure.

import type { ProblemCode } from '../../api/problem.ts'
import { fieldOf, type Listed, lastOf, type NativeContent, type NativeMessage } from '../message.ts'
import type { Trouble } from '../trouble.ts'
import { renamed } from '../trouble.ts'
import { RESEND_NAMES } from './fields.ts'
import { tagPairs } from './send.ts'

/** His words for ours; what has none goes by its status. */
const NAMES: Readonly<Partial<Record<ProblemCode, readonly [status: number, name: string]>>> = {
  sender_not_allowed: [403, 'invalid_from_address'],
  domain_not_verified: [403, 'invalid_from_address'],
  idempotency_mismatch: [409, 'invalid_idempotent_request'],
  idempotency_in_flight: [409, 'concurrent_idempotent_requests'],
  missing_content: [422, 'missing_required_field'],
  rate_limited: [429, 'rate_limit_exceeded'],
  too_many_requests: [429, 'rate_limit_exceeded'],
  internal_error: [500, 'internal_server_error'],
}
const BY_STATUS: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  403: 'restricted_api_key',
  404: 'not_found',
  405: 'method_not_allowed',
  422: 'validation_error',
  429: 'rate_limit_exceeded',
}

export function resendNo(told: Trouble): Response {
  const trouble = renamed(told, RESEND_NAMES)
  const [status, name] = NAMES[trouble.code] ?? [trouble.status, nameOf(trouble)]
  return Response.json({ statusCode: status, name, message: trouble.message }, { status })
}

function nameOf({ fields, message, status }: Trouble): string {
  if (status === 401 && /missing/.test(message)) return 'missing_api_key'
  const [first] = fields
  if (first?.path === 'Idempotency-Key') return 'invalid_idempotency_key'
  if (first?.code === 'required') return 'missing_required_field'
  return BY_STATUS[status] ?? (status >= 500 ? 'application_error' : 'validation_error')
}

const LAST = {
  'email.queued': 'queued',
  'email.deferred': 'delivery_delayed',
  'email.delivered': 'delivered',
  'email.bounced': 'bounced',
  'email.opened': 'opened',
  'email.clicked': 'clicked',
  'email.complained': 'complained',
  'email.failed': 'failed',
  'email.suppressed': 'suppressed',
  'email.cancelled': 'canceled',
} as const

/** Of GET /emails. */
export const listedView = (message: Listed) => ({
  id: message.message_id,
  message_id: `<${fieldOf(message)}>`,
  to: message.to,
  from: message.from,
  created_at: message.created_at,
  subject: message.subject,
  // A message names its recipients; which of them were To, Cc or Bcc is not kept beside its header.
  bcc: null,
  cc: null,
  reply_to: null,
  last_event: STATES[message.status] ?? message.status,
  scheduled_at: message.scheduled_at,
})

export const emailView = (message: NativeMessage, content: NativeContent | null) => ({
  object: 'email',
  ...listedView(message),
  last_event: lastEvent(message),
  html: content?.html ?? null,
  text: content?.text ?? null,
  tags: tagPairs(message.tags),
})

/** Where his word is another one. */
const STATES: Readonly<Record<string, string>> = { cancelled: 'canceled', held: 'queued' }

function lastEvent({ events, status }: NativeMessage): string {
  if (status === 'scheduled') return 'scheduled'
  return lastOf(events, LAST) ?? STATES[status] ?? status
}
