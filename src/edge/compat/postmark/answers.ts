//
// Owns: how MailWok's answers look to Postmark's clients. Pure.

import type { EntryView } from '../../../services/suppression/by-hand.ts'
import type { ProblemCode } from '../../api/problem.ts'
import {
  acceptedAt,
  type Listed,
  type NativeContent,
  type NativeEvent,
  type NativeMessage,
} from '../message.ts'
import type { Sent } from '../sending.ts'
import { renamed, type Trouble } from '../trouble.ts'
import type { Json } from '../values.ts'
import { POSTMARK_NAMES } from './fields.ts'

/** His numbers for what went wrong. */
const CODES: Readonly<Partial<Record<ProblemCode, number>>> = {
  unauthorized: 10,
  malformed_json: 402,
  unsupported_media_type: 403,
  sender_not_allowed: 400,
  domain_not_verified: 401,
  sending_paused: 405,
  rate_limited: 429,
  too_many_requests: 429,
  storage_busy: 100,
  storage_unavailable: 100,
  storage_full: 100,
  not_found: 701,
}
/** "Invalid email request." */
const INVALID = 300
const INACTIVE = 406
/** Those of our states that he has; everything else that a client may have done is 422. */
const KEPT = new Set([401, 404, 405, 413, 415, 429, 500, 503])

const codeOf = ({ code, status }: Trouble): number => CODES[code] ?? (status >= 500 ? 0 : INVALID)

export function postmarkNo(told: Trouble): Response {
  const status = KEPT.has(told.status) ? told.status : told.status >= 500 ? 503 : 422
  return Response.json(refusal(told), { status })
}

export function refusal(told: Trouble) {
  const trouble = renamed(told, POSTMARK_NAMES)
  return { ErrorCode: codeOf(trouble), Message: trouble.message }
}

export interface Told {
  readonly status: number
  readonly body: Json
}

/** Of one message, alone or in a batch. */
export function sendingView(asked: unknown, sent: Sent): Told {
  if (!sent.ok) {
    const body = refusal(sent.error)
    return { status: postmarkNo(sent.error).status, body }
  }
  const { To, Cc, Bcc } = (asked ?? {}) as Readonly<Record<string, string | undefined>>
  const { id, status } = sent.value
  const about = {
    To: To ?? '',
    ...(Cc ? { Cc } : {}),
    ...(Bcc ? { Bcc } : {}),
    SubmittedAt: acceptedAt(id).toISOString(),
    MessageID: id,
  }
  if (status !== 'suppressed') return { status: 200, body: { ...about, ErrorCode: 0, Message: 'OK' } }
  // His clients read the addresses out of these words.
  const inactive = [To, Cc, Bcc].filter((one) => one).join(', ')
  const message = `Nobody is left to write to. Found inactive addresses: ${inactive}. Inactive recipients are on the suppression list: GET /v1/suppressions says why.`
  return { status: 422, body: { ...about, ErrorCode: INACTIVE, Message: message } }
}

const person = (Email: string) => ({ Email, Name: '' })

const STATUS: Readonly<Partial<Record<Listed['status'], string>>> = {
  queued: 'Queued',
  held: 'Queued',
  scheduled: 'Queued',
}

/** Which of the recipients were To, Cc or Bcc is not kept beside the header: all are in To. */
export const listedView = (message: Listed) => ({
  MessageID: message.message_id,
  Tag: message.tags[0] ?? '',
  To: message.to.map(person),
  Cc: [],
  Bcc: [],
  Recipients: message.to,
  ReceivedAt: message.created_at,
  From: message.from,
  Subject: message.subject,
  Attachments: [],
  Status: STATUS[message.status] ?? 'Sent',
  MessageStream: message.stream === 'marketing' ? 'broadcast' : 'outbound',
  Sandboxed: message.test,
})

export interface Parts {
  readonly content: NativeContent | null
  readonly raw: string
}

export const detailsView = (message: NativeMessage, { content, raw }: Parts) => ({
  ...listedView(message),
  Metadata: message.custom ?? {},
  TextBody: content?.text ?? '',
  HtmlBody: content?.html ?? '',
  Body: raw,
  MessageEvents: message.events.flatMap(eventView),
})

/** What he has no name for is left out: `email.queued` stands there as the message itself. */
function eventView(event: NativeEvent): object[] {
  const head = { Recipient: event.recipient, ReceivedAt: event.timestamp }
  switch (event.event) {
    case 'email.delivered':
      return [
        { ...head, Type: 'Delivered', Details: delivery('response' in event ? event.response : '', event) },
      ]
    case 'email.deferred':
      return [
        {
          ...head,
          Type: 'Transient',
          Details: delivery('bounce' in event ? event.bounce.diagnostic : '', event),
        },
      ]
    case 'email.bounced':
      return [
        { ...head, Type: 'Bounced', Details: { Summary: 'bounce' in event ? event.bounce.diagnostic : '' } },
      ]
    case 'email.complained':
      return [
        {
          ...head,
          Type: 'SpamComplaint',
          Details: { Summary: 'feedback_type' in event ? event.feedback_type : '' },
        },
      ]
    case 'email.opened':
      return [
        {
          ...head,
          Type: 'Opened',
          Details: { Summary: 'user_agent' in event ? (event.user_agent ?? '') : '' },
        },
      ]
    case 'email.clicked':
      return [
        {
          ...head,
          Type: 'LinkClicked',
          Details: {
            Summary: 'user_agent' in event ? (event.user_agent ?? '') : '',
            Link: 'url' in event ? event.url : '',
            ClickLocation: 'HTML',
          },
        },
      ]
    case 'email.unsubscribed':
      return [
        { ...head, Type: 'SubscriptionChanged', Details: { Origin: 'Recipient', SuppressSending: 'True' } },
      ]
    default:
      return []
  }
}

const delivery = (said: string, event: NativeEvent) => ({
  DeliveryMessage: said,
  DestinationServer: ('mx' in event ? event.mx : null) ?? '',
  DestinationIP: ('ip' in event ? event.ip : null) ?? '',
})

const REASONS: Readonly<Record<string, string>> = {
  hard_bounce: 'HardBounce',
  complaint: 'SpamComplaint',
}

export const entryView = (entry: EntryView) => ({
  EmailAddress: entry.address,
  SuppressionReason: REASONS[entry.reason] ?? 'ManualSuppression',
  Origin: entry.reason === 'manual' || entry.reason === 'import' ? 'Customer' : 'Recipient',
  CreatedAt: entry.created_at,
})
