//
// Owns: how MailWok's answers look to Mailgun's clients. Pure.

import type { eventView } from '../../../services/webhooks/view.ts'
import { fieldOf, type NativeContent, type NativeMessage } from '../message.ts'
import { renamed, type Trouble } from '../trouble.ts'
import { MAILGUN_NAMES } from './fields.ts'

/** 422 is 400 there, and of a key that is unknown he says one word. */
export function mailgunNo(told: Trouble): Response {
  const trouble = renamed(told, MAILGUN_NAMES)
  const status = trouble.status === 422 || trouble.status === 409 ? 400 : trouble.status
  if (status === 401)
    return new Response('Forbidden', { status, headers: { 'www-authenticate': 'Basic realm="MailWok"' } })
  return Response.json({ message: trouble.message }, { status })
}

/** GET /v3/domains/{domain}/messages/{key}. */
export const storedView = (message: NativeMessage, content: NativeContent | null) => ({
  From: message.from,
  To: message.to.join(', '),
  Subject: message.subject,
  'Message-Id': `<${fieldOf(message)}>`,
  sender: message.from,
  from: message.from,
  subject: message.subject,
  recipients: message.to.join(', '),
  'body-plain': content?.text ?? '',
  'body-html': content?.html ?? '',
  'stripped-text': content?.text ?? '',
  'stripped-html': content?.html ?? '',
  'stripped-signature': '',
  attachments: [],
  'message-headers': [
    ['From', message.from],
    ['To', message.to.join(', ')],
    ['Subject', message.subject],
    ['Message-Id', `<${fieldOf(message)}>`],
  ],
})

type NativeEvent = ReturnType<typeof eventView>

const NAMES: Readonly<Record<string, string>> = {
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
}

/** Ours for his. */
export const typesOf = (name: string): string[] => Object.keys(NAMES).filter((type) => NAMES[type] === name)
export const ALL_TYPES = Object.keys(NAMES).join(',')
export const EVENT_NAMES = [...new Set(Object.values(NAMES))]

interface More {
  readonly bounce?: {
    readonly diagnostic: string
    readonly type: string
    readonly enhanced_code: string | null
  }
  readonly mx?: string | null
  readonly response?: string
  readonly url?: string
  readonly reason?: string
}

/** An item of GET /v3/{domain}/events; author and subject stand in the message alone. */
export function itemView(event: NativeEvent, domain: string) {
  const { bounce, mx, reason, response, url } = event as More
  const recipient = event.recipient ?? ''
  return {
    id: event.id,
    event: NAMES[event.event] ?? event.event,
    timestamp: Date.parse(event.timestamp) / 1000,
    'log-level': event.event === 'email.bounced' ? 'error' : 'info',
    recipient,
    'recipient-domain': recipient.slice(recipient.lastIndexOf('@') + 1),
    tags: event.metadata.tags,
    campaigns: [],
    'user-variables': event.custom ?? {},
    flags: {
      'is-routed': false,
      'is-authenticated': true,
      'is-system-test': false,
      'is-test-mode': event.test,
    },
    message: { headers: { 'message-id': `${event.message_id}@${domain}`, to: recipient }, attachments: [] },
    storage: { key: event.message_id ?? '' },
    ...severityOf(event.event),
    ...(bounce || response || reason
      ? {
          reason: bounce?.type ?? reason ?? '',
          'delivery-status': {
            code: Number(/^[2-5]\d\d/.exec(bounce?.diagnostic ?? response ?? '')?.[0] ?? 0),
            message: bounce?.diagnostic ?? response ?? '',
            description: reason ?? '',
            'mx-host': mx ?? '',
          },
        }
      : {}),
    ...(url === undefined ? {} : { url }),
    ...(event.metadata.user_agent
      ? { 'client-info': { 'user-agent': event.metadata.user_agent }, ip: event.metadata.ip }
      : {}),
  }
}

function severityOf(type: string): object {
  if (NAMES[type] !== 'failed') return {}
  return { severity: type === 'email.deferred' ? 'temporary' : 'permanent' }
}
