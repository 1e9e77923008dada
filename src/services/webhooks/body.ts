//
// Owns: what an application is told of an event: the body of api.md A, to the letter, with what comes on top of it. Pure.
// The same in webhooks, in GET /v1/events and in the stream.

import { type AccountEvent, isOfMail, type LogEvent, type MailEvent } from '../../core/event.ts'
import type { Message } from '../../core/message.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { sayScope } from '../suppression/by-hand.ts'

/** What events do not carry: it stands in their message. Null: retention has removed that. */
export type MessageFacts = Pick<Message, 'tags' | 'custom' | 'mode'> | null

/** The promised keys stand first; keys may be added, none may go. */
export function webhookBody(event: LogEvent, message: MessageFacts) {
  return isOfMail(event) ? mailBody(event, message) : accountBody(event)
}
export type WebhookBody = ReturnType<typeof webhookBody>

/** No message, no recipient, and no tags: what an application reads of mail finds null there. */
const accountBody = ({ at, details, type }: AccountEvent) => ({
  event: type,
  timestamp: instant(at),
  message_id: null,
  recipient: null,
  metadata: { tags: [], ...NOBODY },
  type,
  custom: null,
  test: false,
  ...details,
})

function mailBody(event: MailEvent, message: MessageFacts) {
  return {
    event: event.type,
    timestamp: instant(event.at),
    message_id: event.messageId,
    recipient: event.recipient,
    metadata: { tags: message?.tags ?? [], ...otherSide(event) },
    // Standard Webhooks: the name of what happened.
    type: event.type,
    custom: message?.custom ?? null,
    test: message?.mode === 'test',
    ...onTop(event),
  }
}

/** 2025-01-15T10:30:00Z. */
const instant = (at: Milliseconds): string =>
  `${new Date(Math.floor(at / SECOND) * SECOND).toISOString().slice(0, -5)}Z`

interface OtherSide {
  readonly ip: string | null
  readonly user_agent: string | null
}
const NOBODY: OtherSide = { ip: null, user_agent: null }

/** The reader, or the receiving MX: always both keys. */
function otherSide(event: MailEvent): OtherSide {
  switch (event.type) {
    case 'email.delivered':
    case 'email.deferred':
    case 'email.bounced':
      return { ip: event.peer.ip, user_agent: event.peer.software }
    case 'email.opened':
    case 'email.clicked':
    case 'email.unsubscribed':
      return { ip: event.ip, user_agent: event.userAgent }
    case 'email.queued':
    case 'email.complained':
    case 'email.failed':
    case 'email.suppressed':
    case 'email.cancelled':
      return NOBODY
    default:
      return event satisfies never
  }
}

function onTop(event: MailEvent): object {
  switch (event.type) {
    case 'email.queued':
      return {}
    case 'email.delivered':
      return {
        mx: event.peer.mx,
        response: event.response,
        elapsed_ms: Math.round(event.elapsed),
        ...(event.untracked === undefined ? null : { untracked: event.untracked }),
      }
    case 'email.deferred':
      return { ...bounced(event), next_attempt_at: instant(event.nextAttemptAt) }
    case 'email.bounced':
      return { ...bounced(event), late: event.late === true }
    case 'email.opened':
      return { machine: event.machine, machine_why: event.why }
    case 'email.clicked':
      return { url: event.url, machine: event.machine, machine_why: event.why }
    case 'email.complained':
      return { feedback_type: event.feedbackType, reporter: event.reporter }
    case 'email.unsubscribed':
      return { scope: sayScope(event.scope), by: event.by }
    case 'email.suppressed':
      return { reason: event.reason, suppression: event.by ? listed(event.by) : null }
    case 'email.failed':
    case 'email.cancelled':
      return { reason: event.reason }
    default:
      return event satisfies never
  }
}

type Bounced = Extract<MailEvent, { type: 'email.deferred' | 'email.bounced' }>

const bounced = ({ failure, peer }: Bounced) => ({ mx: peer.mx, bounce: bounceView(failure) })

/** api.md B; the same wherever events are shown. */
export const bounceView = ({
  blame,
  diagnostic,
  enhancedCode,
  reason,
  remedy,
  type,
}: Bounced['failure']) => ({
  type,
  reason,
  enhanced_code: enhancedCode,
  diagnostic,
  blame: blame ?? null,
  remedy: remedy ?? null,
})

const listed = ({
  reason,
  scope,
  since,
}: NonNullable<Extract<MailEvent, { type: 'email.suppressed' }>['by']>) => ({
  reason,
  scope: sayScope(scope),
  since: instant(since),
})
