//
// Owns: the delivery status notification for one recipient (RFC 3461 §6, RFC 3464): words for people, fields for
// programs, and what was sent. Pure.
// Never: whether somebody wants it (dsn-desk.ts), or the fields' grammar (mail/bounces/write-status.ts).

import type { ForwardPath, Mailbox } from '../../core/address.ts'
import type { MailEvent } from '../../core/event.ts'
import type { Blame } from '../../core/failure.ts'
import type { DsnWish, Message } from '../../core/message.ts'
import type { Milliseconds } from '../../core/time.ts'
import { writeStatus } from '../../mail/bounces/write-status.ts'
import { asBuffer, scanMessage } from '../../mail/mime/scan.ts'
import { dateOf } from '../submission/compose-headers.ts'
import type { Notice, NoticePart } from './notices.ts'

export type DsnKind = 'failure' | 'delay' | 'success'

export interface DsnFacts {
  readonly kind: DsnKind
  readonly event: MailEvent
  readonly message: Message
  readonly to: Mailbox
  readonly wish: DsnWish | null
  /** Null when it is kept no longer. */
  readonly content: Uint8Array | null
  readonly hostname: string
}

/** RET=FULL beyond this returns the header alone: nobody reads ten megabytes to learn of a wrong address. */
const MAX_RETURNED = 10 * 1024 * 1024

const SUBJECT: Readonly<Record<DsnKind, string>> = {
  failure: 'Undelivered',
  delay: 'Delayed',
  success: 'Passed on',
}
const ACTION = { failure: 'failed', delay: 'delayed', success: 'relayed' } as const

export function dsnOf(facts: DsnFacts): Notice {
  const { kind, event, message, hostname } = facts
  const original = originalOf(facts)
  const { status, diagnostic, mx } = outcomeOf(event)
  const report = writeStatus({
    reporter: hostname,
    envid: message.wishes.envid ?? null,
    arrivedAt: message.createdAt,
    recipient: {
      forwardPath: event.recipient,
      orcpt: facts.wish?.orcpt ?? null,
      action: ACTION[kind],
      status,
      remoteMta: mx,
      diagnostic,
      lastAttemptAt: event.at,
      willRetryUntil: kind === 'delay' ? message.expiresAt : null,
    },
  })
  const parts: NoticePart[] = [
    { contentType: 'message/delivery-status', content: report, description: 'Delivery report' },
  ]
  if (original) parts.push(original.part)
  return {
    to: facts.to,
    subject: `${SUBJECT[kind]}: ${message.subject}`.trim(),
    text: wordsFor(facts),
    parts,
    reportType: 'delivery-status',
    kind: 'dsn',
    key: `dsn:${event.deliveryId}:${kind}`,
    ...(original?.messageId ? { headers: referring(original.messageId) } : {}),
    wishes: wishesOf(message),
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
      return { status: '2.0.0', diagnostic: event.response, mx: event.peer.mx }
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

/** RFC 3464 §2.3.6: `smtp` is for replies; what we found out ourselves is told in words. */
const isReply = (diagnostic: string): boolean => /^[245]\d\d(?:[ -]|$)/.test(diagnostic)

// ── For people ──────────────────────────────────────────────────────────────────────────────────

const FAULT: Readonly<Record<Blame, string>> = {
  recipient: 'the address, or who lives there',
  content: 'what the message contains',
  reputation: 'how the receiver sees our sending addresses',
  'sender-config': 'how the sending domain is set up',
  receiver: 'the receiving system',
  network: 'the way there',
}

function wordsFor(facts: DsnFacts): string {
  const { event, hostname, message } = facts
  const lines = [
    `This is the mail system at ${hostname}.`,
    '',
    headline(facts),
    '',
    `  Recipient: ${event.recipient}`,
    `  Subject:   ${message.subject}`,
    `  Accepted:  ${dateOf(message.createdAt)}`,
    `  Message:   ${message.id}`,
  ]
  const why = whyOf(event)
  return [...lines, ...(why.length === 0 ? [] : ['', ...why]), ''].join('\n')
}

function headline({ kind, event, message }: DsnFacts): string {
  const to = quoted(event.recipient)
  switch (kind) {
    case 'failure':
      return `Your message to ${to} was not delivered, and it will not be tried again.`
    case 'delay':
      return `Your message to ${to} has not been delivered yet. It is tried further until ${dateOf(message.expiresAt)}; you need not do anything.`
    case 'success':
      return `Your message to ${to} was taken by the receiver's mail system, which does not confirm what becomes of it from there on.`
    default:
      return kind satisfies never
  }
}

const quoted = (path: ForwardPath): string => `<${path}>`

function whyOf(event: MailEvent): readonly string[] {
  switch (event.type) {
    case 'email.bounced':
    case 'email.deferred': {
      const { failure, peer } = event
      const host = peer.mx === null ? '' : ` (${peer.mx}${peer.ip === null ? '' : `, ${peer.ip}`})`
      const said = isReply(failure.diagnostic) ? `What the receiver said${host}:` : 'What happened:'
      return [
        said,
        `  ${failure.diagnostic}`,
        ...(failure.blame === undefined ? [] : ['', `Where the trouble lies: ${FAULT[failure.blame]}.`]),
        ...(failure.remedy === undefined || failure.remedy === '' ? [] : [`What to do: ${failure.remedy}`]),
      ]
    }
    case 'email.delivered':
      return [
        `The receiver said${event.peer.mx === null ? '' : ` (${event.peer.mx})`}:`,
        `  ${event.response}`,
      ]
    case 'email.suppressed':
      return [
        `It was not sent: the address is on your suppression list (${event.reason}).`,
        'What to do: if the address is right, take it off the list and send again.',
      ]
    case 'email.failed':
    case 'email.cancelled':
      return [`It was not sent: ${event.reason}.`]
    default:
      return []
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
