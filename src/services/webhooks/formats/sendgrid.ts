//
// Owns: events in the words of SendGrid's event webhook: a list of one, flat, with the custom arguments in it. Pure.

import type { MailEvent } from '../../../core/event.ts'
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
      event: NAMES[event.type],
      category: facts?.tags ?? [],
      sg_event_id: event.id,
      sg_message_id: event.messageId,
      ...onTop(event, facts),
    },
  ],
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
        bounce_classification: event.failure.reason,
      }
    case 'email.opened':
      return { ...reader(event), sg_machine_open: event.machine === true }
    case 'email.clicked':
      return { ...reader(event), url: event.url }
    case 'email.unsubscribed':
      return reader(event)
    case 'email.failed':
    case 'email.suppressed':
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
