//
// Owns: from facts to an explanation that a person understands without knowing SMTP. Pure.
// Never: judges; verdicts were made by mail/bounces/classify.ts and stand in the events.

import type { FailureFacts, MailEvent } from '../../core/event.ts'
import type { Explanation, RecipientExplanation } from '../../core/explanation.ts'
import type { Delivery, DeliveryState } from '../../core/message.ts'
import type { Case, Facts } from './case.ts'
import { happened } from './happened.ts'
import { nextOf } from './next.ts'
import { timelineOf } from './timeline.ts'
import { IF_MANY, isUnlisted } from './unlisted.ts'
import { FAULT, iso, listed } from './words.ts'

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
  const [only, ...more] = deliveries
  if (only !== undefined && more.length === 0) return `1 recipient, ${STATE_WORDS[only.state]}.`
  const counts = new Map<DeliveryState, number>()
  for (const { state } of deliveries) counts.set(state, (counts.get(state) ?? 0) + 1)
  const parts = [...counts].map(([state, count]) => `${count} ${STATE_WORDS[state]}`)
  return `${deliveries.length} recipients: ${listed(parts)}.`
}

function explainDelivery(delivery: Delivery, facts: Facts): RecipientExplanation {
  const one = caseOf(delivery, facts)
  return {
    recipient: delivery.recipient,
    status: delivery.state,
    what_happened: happened(one),
    at_fault: one.failure === null ? null : faultOf(one.failure),
    what_to_do: toDo(one, facts),
    what_happens_next: nextOf(one, facts),
    next_attempt_at: delivery.dueAt === null ? null : iso(Math.max(delivery.dueAt, facts.now)),
    timeline: timelineOf(one.events, one.attempts),
  }
}

function caseOf(delivery: Delivery, facts: Facts): Case {
  const events = facts.events.filter((event) => event.deliveryId === delivery.id)
  const address = delivery.recipient.toLowerCase()
  return {
    message: facts.message,
    delivery,
    events,
    attempts: facts.attempts.filter((attempt) => attempt.deliveryId === delivery.id),
    failure: delivery.state === 'queued' || delivery.state === 'bounced' ? lastFailure(events) : null,
    complaint: events.findLast((event) => event.type === 'email.complained') ?? null,
    suppressions: facts.suppressions.filter(({ recipient }) => recipient === address),
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

/** The account that commands mean without being told. */
const DEFAULT = 'default'

function toDo(one: Case, facts: Facts): string | null {
  const { complaint, delivery, failure, message } = one
  const { account } = facts
  if (complaint !== null) {
    const again = 'Do not write to this address again unless its owner asks for it.'
    return failure?.remedy == null ? again : `${failure.remedy} ${again}`
  }
  if (delivery.state === 'suppressed') {
    const options = `${scopeOf(one.events)}${account === DEFAULT ? '' : ` --account ${account}`}`
    return `If the entry is wrong, take it off with \`mailwok suppression remove ${delivery.recipient}${options}\` and send again.`
  }
  if (delivery.state === 'held') {
    const which = `--message ${message.id}`
    return `Look at what the log says of it; then \`mailwok queue release ${which}\` sends it, \`mailwok queue drop ${which}\` ends it.`
  }
  const remedy = failure?.remedy ?? null
  return remedy !== null && isUnlisted(one, facts) ? `${remedy} ${IF_MANY}` : remedy
}

/** Without it the command takes off whatever else the recipient has left. An entry for all mail goes with all others. */
function scopeOf(events: Case['events']): string {
  const event = events.findLast(({ type }) => type === 'email.suppressed')
  const scope = event?.type === 'email.suppressed' ? (event.by?.scope ?? '') : ''
  return scope === '' ? '' : ` --scope ${scope}`
}
