//
// Owns: every reason for which the door says no, and how each is spoken over HTTP and over SMTP.
// The code is the contract, the sentence is for people; internals go to the log alone.

import type { LogFields } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'

export interface Refusal {
  readonly code: RefusalCode
  /** What is wrong and what to do next; no internals. One line. */
  readonly say: string
  /** Which fields are at fault, in the words of the API: `to[1]`, `data.name`. */
  readonly fields?: readonly FieldFault[]
  /** When to come again, for what passes by itself. */
  readonly retryAfter?: Milliseconds
  readonly log?: LogFields
}

/** What is wrong with one field; docs/errors.md is held against it. */
export const FIELD_CODES = [
  'required',
  'invalid',
  'invalid_address',
  'unknown_field',
  'too_large',
  'too_long',
  'too_many',
  'conflict',
  'missing',
  'missing_variable',
  'template_error',
  'unknown_pool',
  'unknown_template',
  'unknown_option',
  'past',
  'too_far',
  'nul',
  'lone_surrogate',
  'bad_content_type',
  'bad_content_id',
  'bad_base64',
  'control_character',
  'bad_field_name',
  'bad_value',
  'repeated',
  'not_available',
  'not_allowed',
  'missing_dns_record',
  'missing_scope',
  'batch_too_slow',
] as const

/** Where one field is the reason for a refusal as a whole, its code is that one. */
export type FieldCode = (typeof FIELD_CODES)[number] | RefusalCode

export interface FieldFault {
  readonly path: string
  readonly code: FieldCode
  readonly message: string
}

const WIRE = {
  sender_not_allowed: { http: 403, smtp: 550, enhanced: '5.7.1' },
  domain_not_verified: { http: 403, smtp: 550, enhanced: '5.7.1' },
  // It passes when somebody resumes it: over SMTP it is offered again, a program that would try again by itself is not told to.
  sending_paused: { http: 403, smtp: 450, enhanced: '4.7.1' },
  // The key may write, but not as this author.
  key_restricted: { http: 403, smtp: 550, enhanced: '5.7.1' },
  account_suspended: { http: 403, smtp: 450, enhanced: '4.7.1' },
  invalid_sender: { http: 422, smtp: 550, enhanced: '5.6.0' },
  invalid_recipient: { http: 422, smtp: 550, enhanced: '5.1.3' },
  too_many_recipients: { http: 422, smtp: 452, enhanced: '4.5.3' },
  message_too_large: { http: 413, smtp: 552, enhanced: '5.3.4' },
  invalid_header: { http: 422, smtp: 550, enhanced: '5.6.0' },
  invalid_option: { http: 422, smtp: 550, enhanced: '5.6.0' },
  invalid_content: { http: 422, smtp: 550, enhanced: '5.6.0' },
  missing_content: { http: 422, smtp: 550, enhanced: '5.6.0' },
  template_error: { http: 422, smtp: 550, enhanced: '5.6.0' },
  mail_loop: { http: 422, smtp: 554, enhanced: '5.4.6' },
  idempotency_mismatch: { http: 422, smtp: 550, enhanced: '5.5.4' },
  idempotency_in_flight: { http: 409, smtp: 450, enhanced: '4.3.0' },
  rate_limited: { http: 429, smtp: 450, enhanced: '4.7.1' },
  quota_exceeded: { http: 429, smtp: 450, enhanced: '4.7.1' },
  storage_full: { http: 507, smtp: 452, enhanced: '4.3.1' },
  storage_busy: { http: 503, smtp: 452, enhanced: '4.3.1' },
  storage_unavailable: { http: 503, smtp: 451, enhanced: '4.3.0' },
} as const satisfies Record<string, { http: number; smtp: number; enhanced: string }>

export type RefusalCode = keyof typeof WIRE

export const REFUSAL_CODES = Object.keys(WIRE) as readonly RefusalCode[]

export const httpStatusOf = (code: RefusalCode): number => WIRE[code].http

/** Of one that refused all the others too. */
export const refusesAll = (path: string, say: string): string =>
  `${path}: ${say}${/[.!?]$/.test(say) ? '' : '.'} Nothing was accepted.`

/** The reply's code and its text with the enhanced status in front (RFC 2034). */
export const asReply = (refusal: Refusal): { readonly code: number; readonly text: string } => ({
  code: WIRE[refusal.code].smtp,
  text: `${WIRE[refusal.code].enhanced} ${refusal.say}`,
})
