//
// Owns: how a message, its deliveries and its events look to API clients.

import type { MailEvent } from '../../core/event.ts'
import { type Delivery, isScheduled, type Message } from '../../core/message.ts'
import type { Milliseconds } from '../../core/time.ts'
import { sayScope } from '../../services/suppression/by-hand.ts'
import { bounceView } from '../../services/webhooks/body.ts'
import type { AttemptRecord } from '../../store/store.ts'

type Attempt = AttemptRecord & { readonly deliveryId: Delivery['id'] }

export function messageView(
  message: Message,
  parts: { deliveries: readonly Delivery[]; attempts: readonly Attempt[]; events: readonly MailEvent[] },
  now: Milliseconds,
) {
  const stateOf = (delivery: Delivery): State => shownState(delivery, message, now)
  return {
    success: true,
    message_id: message.id,
    status: overall(parts.deliveries.map(stateOf)),
    from: message.from,
    to: parts.deliveries.map((delivery) => delivery.recipient),
    subject: message.subject,
    stream: message.stream,
    list: message.wishes.list ?? null,
    tags: message.tags,
    custom: message.custom,
    source: message.source,
    test: message.mode === 'test',
    size: message.size,
    created_at: iso(message.createdAt),
    scheduled_at: message.scheduledAt === undefined ? null : iso(message.scheduledAt),
    expires_at: iso(message.expiresAt),
    deliveries: parts.deliveries.map((delivery) => ({
      ...deliveryView(delivery, parts.attempts),
      status: stateOf(delivery),
    })),
    events: parts.events.map(eventView),
  } as const
}

/** As it is told: `scheduled` is what waits for a time of its own. */
type State = Delivery['state'] | 'scheduled'

export const shownState = (
  delivery: Delivery,
  message: Pick<Message, 'scheduledAt'>,
  now: Milliseconds,
): State => (isScheduled(delivery, message, now) ? 'scheduled' : delivery.state)

/** What is still open comes first: a message is done when its last recipient is. */
export function overall(states: readonly State[]): State {
  const order: readonly State[] = [
    'queued',
    'scheduled',
    'held',
    'bounced',
    'failed',
    'delivered',
    'suppressed',
    'cancelled',
  ]
  return order.find((state) => states.includes(state)) ?? 'queued'
}

const deliveryView = (delivery: Delivery, attempts: readonly Attempt[]) => ({
  delivery_id: delivery.id,
  recipient: delivery.recipient,
  status: delivery.state,
  attempts: attempts.filter((attempt) => attempt.deliveryId === delivery.id).map(attemptView),
  next_attempt_at: delivery.dueAt === null ? null : iso(delivery.dueAt),
  finished_at: delivery.finishedAt === null ? null : iso(delivery.finishedAt),
})

const attemptView = (attempt: Attempt) => ({
  number: attempt.number,
  started_at: iso(attempt.startedAt),
  ended_at: iso(attempt.endedAt),
  outcome: attempt.outcome,
  mx: attempt.mx,
  ip: attempt.address,
  source_ip: attempt.source,
  tls: attempt.tls,
  code: attempt.code,
  enhanced_code: attempt.enhancedCode,
  response: attempt.diagnostic,
  via: attempt.via,
  transcript: attempt.transcript === '' ? [] : attempt.transcript.split('\n'),
})

/** The promised keys of api.md A first; more keys may follow, none may go. */
export function eventView(event: MailEvent) {
  const head = {
    id: event.id,
    event: event.type,
    timestamp: iso(event.at),
    message_id: event.messageId,
    recipient: event.recipient,
  }
  switch (event.type) {
    case 'email.queued':
      return head
    case 'email.delivered':
      return {
        ...head,
        mx: event.peer.mx,
        ip: event.peer.ip,
        via: event.peer.via ?? 'direct',
        response: event.response,
        elapsed_ms: event.elapsed,
        ...(event.untracked === undefined ? null : { untracked: event.untracked }),
      }
    case 'email.deferred':
      return { ...head, ...failureView(event), next_attempt_at: iso(event.nextAttemptAt) }
    case 'email.bounced':
      return { ...head, ...failureView(event), ...(event.late ? { late: true } : {}) }
    case 'email.complained':
      return { ...head, feedback_type: event.feedbackType, reporter: event.reporter }
    case 'email.suppressed':
      return { ...head, reason: event.reason, suppression: event.by ? entryView(event.by) : null }
    case 'email.opened':
      return { ...head, ...readerView(event) }
    case 'email.clicked':
      return { ...head, url: event.url, ...readerView(event) }
    case 'email.unsubscribed':
      return {
        ...head,
        scope: event.scope === '' ? 'all' : event.scope,
        by: event.by,
        ip: event.ip,
        user_agent: event.userAgent,
      }
    case 'email.failed':
    case 'email.cancelled':
      return { ...head, reason: event.reason }
    default:
      return event satisfies never
  }
}

const entryView = ({ reason, scope, since }: NonNullable<Suppressed['by']>) => ({
  reason,
  scope: sayScope(scope),
  since: iso(since),
})
type Suppressed = Extract<MailEvent, { type: 'email.suppressed' }>

const failureView = ({
  peer,
  failure,
}: Extract<MailEvent, { type: 'email.deferred' | 'email.bounced' }>) => ({
  mx: peer.mx,
  ip: peer.ip,
  via: peer.via ?? 'direct',
  bounce: bounceView(failure),
})

const iso = (at: number): string => new Date(at).toISOString()

const readerView = ({ ip, userAgent, machine, why }: Extract<MailEvent, { machine: unknown }>) => ({
  ip,
  user_agent: userAgent,
  machine,
  machine_why: why,
})
