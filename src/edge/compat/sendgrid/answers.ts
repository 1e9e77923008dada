//
// Owns: how MailWok's answers look to SendGrid's clients. Pure.

import type { Listed, NativeEvent, NativeMessage } from '../message.ts'
import { renamed, type Trouble } from '../trouble.ts'
import { SENDGRID_NAMES } from './fields.ts'

/** 422 is 400 there. */
export function sendgridNo(told: Trouble, help: string): Response {
  const trouble = renamed(told, SENDGRID_NAMES)
  const status = trouble.status === 422 || trouble.status === 409 ? 400 : trouble.status
  const said = trouble.fields.map(({ message, path }) => ({
    message: `${path} ${message}`,
    field: path,
    help,
  }))
  const errors = said.length > 0 ? said : [{ message: trouble.message, field: null, help }]
  return Response.json({ errors }, { status })
}

/** not_delivered, delivered or processing: the three states of a message there. */
function statusOf({ status }: Pick<Listed, 'status'>): string {
  if (status === 'delivered') return 'delivered'
  return ['bounced', 'failed', 'suppressed', 'cancelled'].includes(status) ? 'not_delivered' : 'processing'
}

const countOf = ({ events }: NativeMessage, type: NativeEvent['event']): number =>
  events.filter(({ event }) => event === type).length

/** How often it was opened and clicked is told where one message is asked for. */
export const listedActivity = (message: Listed) => ({
  from_email: message.from,
  msg_id: message.message_id,
  subject: message.subject,
  to_email: message.to[0] ?? '',
  status: statusOf(message),
  last_event_time: message.created_at,
})

export const activityView = (message: NativeMessage) => ({
  from_email: message.from,
  msg_id: message.message_id,
  subject: message.subject,
  to_email: message.to[0] ?? '',
  status: statusOf(message),
  template_id: '',
  asm_group_id: 0,
  teammate: '',
  api_key_id: '',
  categories: message.tags,
  unique_args: message.custom ?? {},
  opens_count: countOf(message, 'email.opened'),
  clicks_count: countOf(message, 'email.clicked'),
  outbound_ip: '',
  outbound_ip_type: 'dedicated',
  events: message.events.map(eventView),
})

const NAMES: Readonly<Partial<Record<NativeEvent['event'], string>>> = {
  'email.queued': 'processed',
  'email.delivered': 'delivered',
  'email.deferred': 'deferred',
  'email.bounced': 'bounce',
  'email.opened': 'open',
  'email.clicked': 'click',
  'email.complained': 'spamreport',
  'email.unsubscribed': 'unsubscribe',
}

const eventView = (event: NativeEvent) => ({
  event_name: NAMES[event.event] ?? 'dropped',
  processed: event.timestamp,
  email: event.recipient,
  ...('bounce' in event ? { reason: event.bounce.diagnostic, bounce_type: event.bounce.type } : {}),
  ...('reason' in event ? { reason: event.reason } : {}),
  ...('response' in event ? { mx_server: event.mx } : {}),
  ...('url' in event ? { url: event.url } : {}),
})
