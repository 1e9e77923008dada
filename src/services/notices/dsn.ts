//
// Owns: the delivery status notification (RFC 3461 §6, RFC 3464) about one message and those of its recipients with whom
// the same thing happened: words for people, fields for programs, and what was sent. Pure.
// Never: whether somebody wants it (dsn-desk.ts), the words (dsn-words.ts), or the fields' grammar (mail/bounces/write-status.ts).

import type { MailEvent } from '../../core/event.ts'
import type { Message } from '../../core/message.ts'
import type { Milliseconds } from '../../core/time.ts'
import { type StatusRecipient, writeStatus } from '../../mail/bounces/write-status.ts'
import { asBuffer, scanMessage } from '../../mail/mime/scan.ts'
import type { DsnFacts, DsnItem, DsnKind } from './dsn-facts.ts'
import { isReply, wordsFor } from './dsn-words.ts'
import type { Notice, NoticePart } from './notices.ts'

/**
 * RET=FULL beyond this returns the header alone, as RFC 3461 §6.2 allows: a thousand failed copies of a large attachment
 * would be tens of gigabytes to the one who can least use them.
 */
export const MAX_RETURNED = 1024 * 1024

/** Of a host, as a report of others may name it. */
const MAX_NAME = 255

const ACTION = { failure: 'failed', delay: 'delayed', success: 'relayed' } as const

export function dsnOf(facts: DsnFacts): Notice {
  const { items, kind, message, hostname } = facts
  const original = originalOf(facts)
  const report = writeStatus({
    reporter: hostname,
    envid: message.wishes.envid ?? null,
    arrivedAt: message.createdAt,
    recipients: items.map((item) => recipientOf(item, facts)),
  })
  const parts: NoticePart[] = [
    { contentType: 'message/delivery-status', content: report, description: 'Delivery report' },
  ]
  if (original) parts.push(original.part)
  return {
    to: facts.to,
    subject: `${subjectOf(facts)}: ${message.subject}`.trim(),
    text: wordsFor(facts),
    parts,
    reportType: 'delivery-status',
    kind: 'dsn',
    key: keyOf(kind, items[0]),
    ...(original?.messageId ? { headers: referring(original.messageId) } : {}),
    wishes: wishesOf(message),
  }
}

/**
 * Events are told in stretches that stay what they were when they come again (dsn-desk.ts), so the first one of a notice
 * names them all. What receivers report comes by itself, and the first report counts.
 */
const keyOf = (kind: DsnKind, { confirmation, event }: DsnItem): string =>
  confirmation === undefined ? `dsn:${kind}:${event.id}` : `dsn:confirmed:${event.deliveryId}`

function subjectOf({ items, kind }: DsnFacts): string {
  switch (kind) {
    case 'failure':
      return 'Undelivered'
    case 'delay':
      return 'Delayed'
    case 'success':
      return items[0].confirmation?.action === 'delivered' ? 'Delivered' : 'Passed on'
    default:
      return kind satisfies never
  }
}

function recipientOf(item: DsnItem, { kind, message }: DsnFacts): StatusRecipient {
  const { confirmation, event, wish } = item
  const { status, diagnostic, mx } = outcomeOf(event)
  return {
    forwardPath: event.recipient,
    orcpt: wish?.orcpt ?? null,
    action: confirmation?.action ?? ACTION[kind],
    status,
    remoteMta: confirmation?.remoteMta?.slice(0, MAX_NAME) ?? mx,
    diagnostic: confirmation === undefined ? diagnostic : null,
    lastAttemptAt: attemptIn(event),
    willRetryUntil: kind === 'delay' ? message.expiresAt : null,
  }
}

/** RFC 8689 §5: what was to travel under TLS alone is not returned in clear. */
function wishesOf({ wishes }: Message): NonNullable<Notice['wishes']> {
  if (wishes.requireTls) return { requireTls: true }
  return wishes.tlsOptional ? { tlsOptional: true } : {}
}

const referring = (messageId: string) => ({ 'In-Reply-To': messageId, References: messageId })

interface Outcome {
  readonly status: string
  readonly diagnostic: string | null
  readonly mx: string | null
}

function outcomeOf(event: MailEvent): Outcome {
  switch (event.type) {
    case 'email.delivered':
      return { status: '2.0.0', diagnostic: repliedIn(event.response), mx: event.peer.mx }
    case 'email.bounced':
    case 'email.deferred': {
      const { failure, peer } = event
      // RFC 3463 X.4.7: the time is over, whatever the last reply was.
      const usual = event.type === 'email.deferred' ? '4.0.0' : '5.0.0'
      const status = failure.reason === 'expired' ? '4.4.7' : (failure.enhancedCode ?? usual)
      return { status, diagnostic: isReply(failure.diagnostic) ? failure.diagnostic : null, mx: peer.mx }
    }
    case 'email.suppressed':
      return { status: '5.7.1', diagnostic: null, mx: null }
    default:
      return { status: '5.0.0', diagnostic: null, mx: null }
  }
}

/** RFC 3461 §9.2: a diagnostic code of the type smtp begins with the code; events leave out what is always the same. */
const repliedIn = (response: string): string => (isReply(response) ? response : `250 ${response}`)

/** What was suppressed, cancelled, or given up for its age was not asked then; what came back later was asked before. */
function attemptIn(event: MailEvent): Milliseconds | null {
  switch (event.type) {
    case 'email.delivered':
    case 'email.deferred':
      return event.at
    case 'email.bounced':
      return event.late === true || event.failure.reason === 'expired' ? null : event.at
    default:
      return null
  }
}

// ── What was sent ───────────────────────────────────────────────────────────────────────────────

function originalOf({
  content,
  kind,
  message,
}: DsnFacts): { readonly part: NoticePart; readonly messageId: string | null } | null {
  if (content === null) return null
  const scanned = scanMessage(asBuffer(content))
  if (!scanned.ok) return null
  const messageId = scanned.value.value('message-id')
  // RFC 3461 §4.3: RET=FULL is about failures; other notices return the header.
  const isWhole = kind === 'failure' && message.wishes.ret === 'FULL' && content.length <= MAX_RETURNED
  const part: NoticePart = isWhole
    ? { contentType: 'message/rfc822', content, description: 'Undelivered message' }
    : {
        contentType: 'text/rfc822-headers',
        content: content.subarray(0, scanned.value.headerEnd),
        description: 'Header of the message',
      }
  return { part, messageId }
}

export const acceptedAt = (messageId: string): Milliseconds => Number.parseInt(messageId.slice(4, 12), 36)
