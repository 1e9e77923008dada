//
// Owns: what happens next to a recipient's copy, to the address, and who hears of it. Pure.

import { type Delivery, isScheduled } from '../../core/message.ts'
import type { Suppression } from '../../core/suppression.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Case, Facts } from './case.ts'
import { reportOn } from './reporting.ts'
import { isUnlisted, WHY_UNLISTED } from './unlisted.ts'
import { listName, moment, span } from './words.ts'

export function nextOf(one: Case, facts: Facts): string {
  const unlisted = isUnlisted(one, facts) ? WHY_UNLISTED : null
  return [stepOf(one, facts), ...fateOf(one, facts.now), unlisted, reportOn(one, facts.reporting)]
    .filter((text) => text !== null)
    .join(' ')
}

function stepOf({ complaint, delivery, message }: Case, facts: Facts): string {
  switch (delivery.state) {
    case 'delivered':
      return complaint === null
        ? 'Nothing more, unless the receiver sends it back or the recipient complains.'
        : 'Nothing more.'
    case 'bounced':
    case 'suppressed':
    case 'cancelled':
    case 'failed':
      return 'It is not tried again.'
    case 'held':
      return 'It waits for the operator, however long that takes.'
    case 'queued':
      return waits(delivery, message, facts)
    default:
      return delivery.state satisfies never
  }
}

function waits(delivery: Delivery, message: Case['message'], facts: Facts): string {
  const { now } = facts
  const { expiresAt, scheduledAt = 0 } = message
  if (isScheduled(delivery, message, now)) {
    return `It is scheduled: it leaves at ${moment(scheduledAt)}, in ${span(scheduledAt - now)}, unless it is given another time or cancelled.`
  }
  const until = `MailWok goes on until ${moment(expiresAt)}, then it bounces.`
  if (facts.isUnderWay(delivery)) return `An attempt is under way at this moment. ${until}`
  const why = facts.whyWaiting(delivery)
  const held = why === null ? '' : ` ${why}`
  if (delivery.dueAt !== null && delivery.dueAt > now) {
    const tried = delivery.attempts === 0 ? 'tried' : 'tried again'
    return `It is ${tried} at ${moment(delivery.dueAt)}, in ${span(delivery.dueAt - now)}.${held} ${until}`
  }
  const due = why === null ? 'It is due and goes as soon as its lane has room.' : 'It is due.'
  return `${due}${held} ${until}`
}

/** What the list holds by reason of this very message, or a complaint about it. */
function fateOf({ complaint, delivery, events, suppressions }: Case, now: Milliseconds): readonly string[] {
  if (delivery.state !== 'bounced' && complaint === null) return []
  const own = new Set<string>(events.map((event) => event.id))
  return suppressions
    .filter((entry) => entry.eventId !== null && own.has(entry.eventId))
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    .map(listedUntil)
}

function listedUntil({ expiresAt, scope }: Suppression): string {
  const until = expiresAt === null ? 'for ever' : `until ${moment(expiresAt)}`
  return `The address is on the suppression list (${listName(scope)}) ${until}.`
}
