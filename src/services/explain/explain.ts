//
// Owns: from facts to an explanation that a person understands without knowing SMTP. Pure.
// Never: judges; verdicts were made by mail/bounces/classify.ts and stand in the events.

import type { FailureFacts, MailEvent } from '../../core/event.ts'
import type { Explanation, RecipientExplanation } from '../../core/explanation.ts'
import type { Delivery, DeliveryState, Message } from '../../core/message.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { AttemptRecord } from '../../store/store.ts'
import { timelineOf } from './timeline.ts'
import { FAULT, iso, listed, span } from './words.ts'

export interface Facts {
  readonly message: Message
  readonly deliveries: readonly Delivery[]
  readonly attempts: readonly (AttemptRecord & { readonly deliveryId: Delivery['id'] })[]
  readonly events: readonly MailEvent[]
  readonly now: Milliseconds
  /** Why a waiting delivery waits beyond its own time: its lane, a warm-up budget; null when nothing else holds it. */
  readonly whyWaiting: (delivery: Delivery) => string | null
}

export function explain(facts: Facts): Explanation {
  const recipients = facts.deliveries.map((delivery) => explainDelivery(delivery, facts))
  return { message_id: facts.message.id, summary: summaryOf(facts), recipients }
}

const STATE_WORDS: Readonly<Record<DeliveryState, string>> = {
  delivered: 'delivered',
  queued: 'still on the way',
  held: 'held',
  bounced: 'bounced',
  suppressed: 'suppressed',
  cancelled: 'cancelled',
  failed: 'not attempted',
}

function summaryOf({ deliveries }: Facts): string {
  const counts = new Map<DeliveryState, number>()
  for (const { state } of deliveries) counts.set(state, (counts.get(state) ?? 0) + 1)
  const parts = [...counts].map(([state, count]) => `${count} ${STATE_WORDS[state]}`)
  return `${deliveries.length} recipient${deliveries.length === 1 ? '' : 's'}: ${listed(parts)}.`
}

function explainDelivery(delivery: Delivery, facts: Facts): RecipientExplanation {
  const events = facts.events.filter((event) => event.deliveryId === delivery.id)
  const attempts = facts.attempts.filter((attempt) => attempt.deliveryId === delivery.id)
  const failure = delivery.state === 'delivered' ? null : lastFailure(events)
  return {
    recipient: delivery.recipient,
    status: delivery.state,
    what_happened: happened(delivery, events, failure),
    at_fault: failure === null ? null : faultOf(failure),
    what_to_do: toDo(delivery, events, failure),
    what_happens_next: nextOf(delivery, facts),
    next_attempt_at: delivery.dueAt === null ? null : iso(Math.max(delivery.dueAt, facts.now)),
    timeline: timelineOf(events, attempts),
  }
}

function lastFailure(events: readonly MailEvent[]): FailureFacts | null {
  for (const event of events.toReversed()) {
    if (event.type === 'email.bounced' || event.type === 'email.deferred') return event.failure
  }
  return null
}

function faultOf(failure: FailureFacts): RecipientExplanation['at_fault'] {
  const blame = failure.blame ?? 'receiver'
  return {
    blame,
    reason: failure.reason,
    enhanced_code: failure.enhancedCode,
    in_words: `The fault lies with ${FAULT[blame]}.`,
  }
}

function happened(delivery: Delivery, events: readonly MailEvent[], failure: FailureFacts | null): string {
  const last = events[events.length - 1]
  if (events.some((event) => event.type === 'email.complained')) {
    return 'It was delivered, and the recipient reported it as unwanted.'
  }
  switch (delivery.state) {
    case 'delivered':
      return deliveredIn(events)
    case 'bounced':
      return bouncedAs(events, failure)
    case 'queued':
      if (failure === null) return 'It was accepted and has not been tried yet.'
      return `${tries(delivery.attempts)} put off. The last answer was: ${failure.diagnostic}`
    case 'held':
      return 'It was set aside: by the operator, or because its stored content is damaged (the log says which).'
    case 'suppressed':
    case 'cancelled':
    case 'failed':
      return last !== undefined && 'reason' in last
        ? `It was not sent: ${last.reason}.`
        : `It was ${STATE_WORDS[delivery.state]}.`
    default:
      return delivery.state satisfies never
  }
}

const tries = (count: number): string => (count === 1 ? 'One attempt was' : `${count} attempts were`)

function deliveredIn(events: readonly MailEvent[]): string {
  const delivered = events.find((event) => event.type === 'email.delivered')
  if (delivered?.type !== 'email.delivered') return 'It was delivered.'
  const by = delivered.peer.mx === null ? 'The receiver' : delivered.peer.mx
  return `${by} took it ${span(delivered.elapsed)} after it was accepted here. It answers for it from then on.`
}

function bouncedAs(events: readonly MailEvent[], failure: FailureFacts | null): string {
  if (failure === null) return 'It bounced.'
  const isLate = events.some((event) => event.type === 'email.bounced' && event.late)
  if (isLate) return `The receiver took it first and sent it back later: ${failure.diagnostic}`
  if (failure.reason === 'expired') {
    return `It could not be delivered in the time allowed. The last answer was: ${failure.diagnostic}`
  }
  return failure.type === 'hard'
    ? `The receiver refused it for good, because the address cannot be used: ${failure.diagnostic}`
    : `The receiver refused it for good: ${failure.diagnostic}`
}

function toDo(delivery: Delivery, events: readonly MailEvent[], failure: FailureFacts | null): string | null {
  if (events.some((event) => event.type === 'email.complained')) {
    return 'Do not write to this address again unless its owner asks for it.'
  }
  if (delivery.state === 'suppressed') {
    return `\`mailwok suppression show ${delivery.recipient}\` says since when and why; remove the entry if it is wrong.`
  }
  if (delivery.state === 'held') {
    return `\`mailwok queue release --message ${delivery.messageId}\` sends it, \`mailwok queue drop --message ${delivery.messageId}\` ends it.`
  }
  return failure?.remedy ?? null
}

function nextOf(delivery: Delivery, { message, now, whyWaiting }: Facts): string {
  switch (delivery.state) {
    case 'delivered':
      return 'Nothing more, unless the receiver sends a bounce or the recipient complains.'
    case 'bounced':
    case 'suppressed':
    case 'cancelled':
    case 'failed':
      return 'It is not tried again.'
    case 'held':
      return 'It waits for the operator.'
    case 'queued':
      return waits(delivery, message, { now, why: whyWaiting(delivery) })
    default:
      return delivery.state satisfies never
  }
}

function waits(
  delivery: Delivery,
  { expiresAt }: Message,
  { now, why }: { readonly now: Milliseconds; readonly why: string | null },
): string {
  const until = `MailWok goes on until ${iso(expiresAt)}, then it bounces.`
  const held = why === null ? '' : ` ${why}`
  if (delivery.dueAt !== null && delivery.dueAt > now) {
    return `It is tried again at ${iso(delivery.dueAt)}, in ${span(delivery.dueAt - now)}.${held} ${until}`
  }
  return `It is due and goes as soon as its lane has room.${held} ${until}`
}
