//
// Owns: events in the words of Mailgun's webhooks: what stands there under "event-data". Pure. The signature that stands
// beside it is made when it is posted (signing.ts).

import type { MailEvent } from '../../../core/event.ts'
import { fieldOf, type Teller, type ToldFacts } from './told.ts'

const NAMES = {
  'email.queued': 'accepted',
  'email.delivered': 'delivered',
  'email.deferred': 'failed',
  'email.bounced': 'failed',
  'email.opened': 'opened',
  'email.clicked': 'clicked',
  'email.complained': 'complained',
  'email.unsubscribed': 'unsubscribed',
  'email.failed': 'rejected',
  'email.suppressed': 'failed',
} as const satisfies Teller['names']

export const MAILGUN_TELLER: Teller = {
  names: NAMES,
  body: mailgunEvent,
}

export function mailgunEvent(event: MailEvent, facts: ToldFacts | null) {
  return {
    id: event.id,
    event: NAMES[event.type as keyof typeof NAMES],
    timestamp: event.at / 1000,
    'log-level': levelOf(event),
    recipient: event.recipient,
    'recipient-domain': event.recipient.slice(event.recipient.lastIndexOf('@') + 1),
    tags: facts?.tags ?? [],
    campaigns: [],
    domain: { name: domainOf(facts) },
    'user-variables': facts?.custom ?? {},
    flags: {
      'is-authenticated': true,
      'is-routed': false,
      'is-system-test': false,
      'is-test-mode': facts?.mode === 'test',
    },
    envelope: { sender: facts?.from ?? '', transport: 'smtp', targets: event.recipient },
    message: {
      headers: {
        'message-id': fieldOf(event, facts),
        from: facts?.from ?? '',
        to: event.recipient,
        subject: facts?.subject ?? '',
      },
      attachments: [],
    },
    ...onTop(event),
  }
}

function levelOf({ type }: MailEvent): string {
  if (type === 'email.bounced' || type === 'email.suppressed' || type === 'email.failed') return 'error'
  return type === 'email.deferred' || type === 'email.complained' ? 'warn' : 'info'
}

function onTop(event: MailEvent): object {
  switch (event.type) {
    case 'email.delivered':
      return { 'delivery-status': statusOf(event.response, event.peer.mx) }
    case 'email.deferred':
      return failed('temporary', event)
    case 'email.bounced':
      // His severity is about this message: a soft bounce is one that nobody tries again.
      return failed('permanent', event)
    case 'email.opened':
      return reader(event)
    case 'email.clicked':
      return { ...reader(event), url: event.url }
    case 'email.unsubscribed':
      return reader({ ...event, machine: null })
    case 'email.failed':
      return { reject: { reason: event.reason, description: '' } }
    case 'email.suppressed':
      return {
        severity: 'permanent',
        reason: SUPPRESSED[event.by?.reason ?? ''] ?? 'suppress-bounce',
        'delivery-status': { code: 605, message: '', description: event.reason, 'attempt-no': 0 },
      }
    default:
      return {}
  }
}

const SUPPRESSED: Readonly<Record<string, string>> = {
  complaint: 'suppress-complaint',
  unsubscribe: 'suppress-unsubscribe',
}

type Failed = Extract<MailEvent, { type: 'email.deferred' | 'email.bounced' }>

const failed = (severity: 'temporary' | 'permanent', { failure, peer }: Failed) => ({
  severity,
  reason: failure.type === 'hard' ? 'bounce' : 'generic',
  'delivery-status': {
    ...statusOf(failure.diagnostic, peer.mx),
    'enhanced-code': failure.enhancedCode ?? '',
    'bounce-type': failure.type,
    description: failure.remedy ?? '',
  },
})

const statusOf = (said: string, mx: string | null) => ({
  code: Number(/^[2-5]\d\d/.exec(said)?.[0] ?? 0),
  message: said,
  description: '',
  'mx-host': mx ?? '',
})

/** Where a reader is and what he reads with is not guessed. */
const NOWHERE = { country: 'Unknown', region: 'Unknown', city: 'Unknown' }
const UNKNOWN = {
  'client-name': 'unknown',
  'client-os': 'unknown',
  'client-type': 'unknown',
  'device-type': 'unknown',
}

type Reader = Pick<
  Extract<MailEvent, { type: 'email.opened' | 'email.clicked' }>,
  'ip' | 'userAgent' | 'machine'
>

const reader = ({ ip, machine, userAgent }: Reader) => ({
  ip: ip ?? '',
  geolocation: NOWHERE,
  'client-info': { ...UNKNOWN, 'user-agent': userAgent ?? '', bot: machine === true ? 'generic' : '' },
})

const domainOf = (facts: ToldFacts | null): string => facts?.from.slice(facts.from.lastIndexOf('@') + 1) ?? ''
