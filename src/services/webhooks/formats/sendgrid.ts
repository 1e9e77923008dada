//
// Owns: events in the words of SendGrid's event webhook: a list of one, flat, with the custom arguments in it. Pure.

import type { MailEvent } from '../../../core/event.ts'
import type { BounceReason } from '../../../core/failure.ts'
import { fieldOf, secondsOf, type Teller, type ToldFacts } from './told.ts'

const NAMES = {
  'email.queued': 'processed',
  'email.delivered': 'delivered',
  'email.deferred': 'deferred',
  'email.bounced': 'bounce',
  'email.opened': 'open',
  'email.clicked': 'click',
  'email.complained': 'spamreport',
  'email.unsubscribed': 'unsubscribe',
  'email.failed': 'dropped',
  'email.suppressed': 'dropped',
  'email.cancelled': 'dropped',
} as const satisfies Teller['names']

export const SENDGRID_TELLER: Teller = {
  names: NAMES,
  body: (event, facts) => [
    {
      // First, so that none of them stands in the place of what we tell.
      ...facts?.custom,
      email: event.recipient,
      timestamp: secondsOf(event.at),
      'smtp-id': `<${fieldOf(event, facts)}>`,
      event: nameOf(event),
      category: facts?.tags ?? [],
      sg_event_id: event.id,
      sg_message_id: event.messageId,
      ...onTop(event, facts),
    },
  ],
}

/** Who left one list left a group: the facade calls the group 17 the list asm-17 (edge/compat/sendgrid). */
function groupOf({ scope }: Extract<MailEvent, { type: 'email.unsubscribed' }>): number | null {
  const [, number] = /^list:asm-(\d{1,15})$/.exec(scope) ?? []
  return number === undefined ? null : Number(number)
}

const nameOf = (event: MailEvent): string =>
  event.type === 'email.unsubscribed' && groupOf(event) !== null ? 'group_unsubscribe' : NAMES[event.type]

/** His words for why nothing was tried. */
const DROPPED: Readonly<Record<string, string>> = {
  hard_bounce: 'Bounced Address',
  complaint: 'Spam Reporting Address',
  unsubscribe: 'Unsubscribed Address',
}

/** His seven classes; what is in none is Unclassified. */
const CLASSES: Readonly<Partial<Record<BounceReason, string>>> = {
  mailbox_unknown: 'Invalid Address',
  mailbox_moved: 'Invalid Address',
  domain_unknown: 'Invalid Address',
  mailbox_full: 'Mailbox Unavailable',
  mailbox_disabled: 'Mailbox Unavailable',
  recipient_refused: 'Mailbox Unavailable',
  blocked: 'Reputation',
  reputation: 'Reputation',
  spam: 'Content',
  virus: 'Content',
  content: 'Content',
  too_large: 'Content',
  rate_limited: 'Frequency or Volume Too High',
  too_many_connections: 'Frequency or Volume Too High',
  domain_refuses_mail: 'Technical Failure',
  ptr_missing: 'Technical Failure',
  authentication: 'Technical Failure',
  sender_refused: 'Technical Failure',
  relay_denied: 'Technical Failure',
  not_compliant: 'Technical Failure',
  syntax: 'Technical Failure',
  security: 'Technical Failure',
  tls: 'Technical Failure',
  network: 'Technical Failure',
  dns: 'Technical Failure',
  routing: 'Technical Failure',
  system: 'Technical Failure',
  system_full: 'Technical Failure',
  mailer: 'Technical Failure',
}

function onTop(event: MailEvent, facts: ToldFacts | null): object {
  switch (event.type) {
    case 'email.queued':
      return { send_at: secondsOf(facts?.createdAt ?? event.at) }
    case 'email.delivered':
      return { response: event.response, ...(event.peer.ip === null ? {} : { ip: event.peer.ip }) }
    case 'email.deferred':
      return { response: event.failure.diagnostic, ...(event.peer.ip === null ? {} : { ip: event.peer.ip }) }
    case 'email.bounced':
      return {
        // His words: an address that will not be written to again, or a refusal that may pass.
        type: event.failure.type === 'hard' ? 'bounce' : 'blocked',
        reason: event.failure.diagnostic,
        status: event.failure.enhancedCode ?? '',
        bounce_classification: CLASSES[event.failure.reason] ?? 'Unclassified',
      }
    case 'email.opened':
      return { ...reader(event), sg_machine_open: event.machine === true }
    case 'email.clicked':
      return { ...reader(event), url: event.url }
    case 'email.unsubscribed': {
      const group = groupOf(event)
      return { ...reader(event), ...(group === null ? {} : { asm_group_id: group }) }
    }
    case 'email.suppressed':
      return { reason: DROPPED[event.by?.reason ?? ''] ?? event.reason }
    case 'email.failed':
    case 'email.cancelled':
      return { reason: event.reason }
    case 'email.complained':
      return {}
    default:
      return event satisfies never
  }
}

const reader = ({ ip, userAgent }: { readonly ip: string | null; readonly userAgent: string | null }) => ({
  ip: ip ?? '',
  useragent: userAgent ?? '',
})
