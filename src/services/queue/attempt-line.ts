//
// Owns: what is counted and written of each attempt to deliver.
// Never: who it was for: of a recipient the log has the domain alone, and `mailwok message explain` the rest.

import type { ClaimedDelivery } from '../../core/message.ts'
import type { AttemptOutcome, Cause } from '../../core/outcome.ts'
import type { Log, Meter } from '../../core/ports.ts'
import type { Reply } from '../../core/reply.ts'
import { formatEnhanced } from '../../core/reply.ts'
import { countAttempt } from './doubt.ts'
import type { Finished } from './settle.ts'

export interface AttemptTellers {
  readonly meter: Meter
  /** Absent: nothing is written. */
  readonly attemptLog?: Log
}

export function tellAttempt(
  { attemptLog, meter }: AttemptTellers,
  delivery: ClaimedDelivery,
  { evidence, otherWay, outcome }: Finished,
  provider: string,
): void {
  countAttempt(meter, outcome)
  if (attemptLog === undefined) return
  const reply = replyOf(outcome)
  attemptLog.info('attempt', {
    message: delivery.messageId,
    delivery: delivery.id,
    number: delivery.attempts + 1,
    domain: delivery.destination,
    provider,
    source: evidence.source,
    mx: evidence.mx,
    via: evidence.via,
    tls: evidence.tls === null ? null : evidence.tls.version,
    code: reply === null ? null : reply.code,
    enhanced: reply === null || reply.enhanced === null ? null : formatEnhanced(reply.enhanced),
    outcome: otherWay === true ? 'deferred' : outcome.kind,
    cause: outcome.kind === 'delivered' ? undefined : causeOf(outcome.cause),
    ms: Math.round(evidence.endedAt - evidence.startedAt),
  })
}

const replyOf = (outcome: AttemptOutcome): Reply | null => {
  if (outcome.kind === 'delivered') return outcome.reply
  return outcome.cause.kind === 'reply' ? outcome.cause.reply : null
}

/** A word or two; a receiver's own words may hold the address, and are with the message. */
function causeOf(cause: Cause): string {
  switch (cause.kind) {
    case 'reply':
      return cause.stage
    case 'network':
      return `network ${cause.at}`
    case 'policy':
      return cause.rule
    case 'uncertain':
    case 'dns':
    case 'internal':
      return cause.kind
    default:
      return cause satisfies never
  }
}
