//
// Owns: events in the words of Resend's webhooks. Pure.

import type { MailEvent } from '../../../core/event.ts'
import type { BounceReason } from '../../../core/failure.ts'
import { fieldOf, iso, type Teller, type ToldFacts } from './told.ts'

const NAMES = {
  'email.queued': 'email.sent',
  'email.delivered': 'email.delivered',
  'email.deferred': 'email.delivery_delayed',
  'email.bounced': 'email.bounced',
  'email.opened': 'email.opened',
  'email.clicked': 'email.clicked',
  'email.complained': 'email.complained',
  'email.failed': 'email.failed',
  'email.suppressed': 'email.suppressed',
} as const satisfies Teller['names']

export const RESEND_TELLER: Teller = {
  names: NAMES,
  body: (event, facts) => ({
    type: NAMES[event.type as keyof typeof NAMES],
    created_at: iso(event.at),
    data: {
      email_id: event.messageId,
      message_id: `<${fieldOf(event, facts)}>`,
      created_at: iso(facts?.createdAt ?? event.at),
      from: facts?.from ?? '',
      to: [event.recipient],
      subject: facts?.subject ?? '',
      tags: tagsOf(facts),
      ...onTop(event),
    },
  }),
}

/** The facade writes a tag as `name:value` (edge/compat/resend). */
function tagsOf(facts: ToldFacts | null): Record<string, string> {
  const pairs = (facts?.tags ?? []).map((tag) => {
    const colon = tag.indexOf(':')
    return colon === -1 ? ([tag, ''] as const) : ([tag.slice(0, colon), tag.slice(colon + 1)] as const)
  })
  return Object.fromEntries(pairs)
}

/** His words, of a closed list; ours stands beside as `reason`. */
const SUBTYPES: Readonly<Partial<Record<BounceReason, string>>> = {
  mailbox_unknown: 'NoEmail',
  mailbox_moved: 'NoEmail',
  mailbox_disabled: 'NoEmail',
  domain_unknown: 'NoEmail',
  domain_refuses_mail: 'NoEmail',
  mailbox_full: 'MailboxFull',
  too_large: 'MessageTooLarge',
  spam: 'ContentRejected',
  content: 'ContentRejected',
  virus: 'AttachmentRejected',
  other: 'Undetermined',
  uncertain: 'Undetermined',
}
const SUPPRESSED: Readonly<Record<string, string>> = {
  hard_bounce: 'previous_bounce',
  complaint: 'previous_complaint',
}

function onTop(event: MailEvent): object {
  switch (event.type) {
    case 'email.deferred':
      return { delay: { message: event.failure.diagnostic, until: iso(event.nextAttemptAt) } }
    case 'email.bounced':
      return {
        bounce: {
          diagnosticCode: [`smtp; ${event.failure.diagnostic}`],
          message: event.failure.diagnostic,
          subType: SUBTYPES[event.failure.reason] ?? 'General',
          reason: event.failure.reason,
          type: event.failure.type === 'hard' ? 'Permanent' : 'Transient',
        },
      }
    case 'email.opened':
      return { open: reader(event), machine: event.machine }
    case 'email.clicked':
      return { click: { ...reader(event), link: event.url }, machine: event.machine }
    case 'email.failed':
      return { failed: { reason: event.reason } }
    case 'email.suppressed':
      return {
        suppressed: {
          diagnosticCode: [],
          message: event.reason,
          reason: SUPPRESSED[event.by?.reason ?? ''] ?? event.by?.reason ?? '',
          type: 'OnAccountSuppressionList',
        },
      }
    default:
      return {}
  }
}

const reader = (event: Extract<MailEvent, { type: 'email.opened' | 'email.clicked' }>) => ({
  ipAddress: event.ip ?? '',
  timestamp: iso(event.at),
  userAgent: event.userAgent ?? '',
})
