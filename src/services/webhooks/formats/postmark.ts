//
// Owns: events in the words of Postmark's webhooks. Pure.

import type { MailEvent } from '../../../core/event.ts'
import { iso, numberOf, type Teller, type ToldFacts } from './told.ts'

const NAMES = {
  'email.delivered': 'Delivery',
  'email.deferred': 'Bounce',
  'email.bounced': 'Bounce',
  'email.opened': 'Open',
  'email.clicked': 'Click',
  'email.complained': 'SpamComplaint',
  'email.unsubscribed': 'SubscriptionChange',
} as const satisfies Teller['names']

export const POSTMARK_TELLER: Teller = {
  names: NAMES,
  body: (event, facts) => ({
    RecordType: NAMES[event.type as keyof typeof NAMES],
    MessageID: event.messageId,
    ServerID: 0,
    MessageStream: facts?.stream === 'marketing' ? 'broadcast' : 'outbound',
    Tag: facts?.tags[0] ?? '',
    Metadata: metadataOf(facts),
    ...onTop(event, facts),
  }),
}

/** Texts alone, as there. */
const metadataOf = (facts: ToldFacts | null): Record<string, string> =>
  Object.fromEntries(
    Object.entries(facts?.custom ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )

function onTop(event: MailEvent, facts: ToldFacts | null): object {
  switch (event.type) {
    case 'email.delivered':
      return { Recipient: event.recipient, DeliveredAt: iso(event.at), Details: event.response }
    case 'email.deferred':
      return bounce(event, facts, { Type: 'Transient', TypeCode: 2, Name: 'Message delayed' })
    case 'email.bounced':
      return event.failure.type === 'hard'
        ? bounce(event, facts, { Type: 'HardBounce', TypeCode: 1, Name: 'Hard bounce' })
        : bounce(event, facts, { Type: 'SoftBounce', TypeCode: 4096, Name: 'Soft bounce' })
    case 'email.complained':
      return bounce(event, facts, { Type: 'SpamComplaint', TypeCode: 100_001, Name: 'Spam complaint' })
    case 'email.opened':
      return {
        Recipient: event.recipient,
        ReceivedAt: iso(event.at),
        ...reader(event),
        Machine: event.machine,
      }
    case 'email.clicked':
      return {
        Recipient: event.recipient,
        ReceivedAt: iso(event.at),
        ...reader(event),
        Machine: event.machine,
        ClickLocation: 'HTML',
        OriginalLink: event.url,
      }
    case 'email.unsubscribed':
      return {
        Recipient: event.recipient,
        ChangedAt: iso(event.at),
        Origin: 'Recipient',
        SuppressSending: true,
        SuppressionReason: 'ManualSuppression',
      }
    default:
      return {}
  }
}

type Bounced = Extract<MailEvent, { type: 'email.deferred' | 'email.bounced' | 'email.complained' }>

function bounce(event: Bounced, facts: ToldFacts | null, kind: object): object {
  const said = event.type === 'email.complained' ? event.feedbackType : event.failure.diagnostic
  const isFinal =
    event.type === 'email.complained' || (event.type === 'email.bounced' && event.failure.type === 'hard')
  return {
    ID: numberOf(event),
    ...kind,
    Email: event.recipient,
    From: facts?.from ?? '',
    BouncedAt: iso(event.at),
    Subject: facts?.subject ?? '',
    Description: event.type === 'email.complained' ? 'The recipient called it spam.' : event.failure.reason,
    Details: said,
    DumpAvailable: false,
    Inactive: isFinal,
    CanActivate: true,
    Content: '',
  }
}

/** Which program it was is not guessed of its name. */
const NAMELESS = { Name: '', Company: '', Family: '' }

const reader = ({ ip, userAgent }: { readonly ip: string | null; readonly userAgent: string | null }) => ({
  UserAgent: userAgent ?? '',
  Client: NAMELESS,
  OS: NAMELESS,
  Platform: 'Unknown',
  Geo: ip === null ? {} : { IP: ip },
})
