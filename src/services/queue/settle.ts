//
// Owns: what one attempt's outcome means for its delivery: next state, attempt record, event. Pure.
// Never: permanence (mail/bounces/classify.ts) or time (retry.ts): it asks them.

import type { FailureFacts, MailEvent, PeerFacts } from '../../core/event.ts'
import type { EventId } from '../../core/ids.ts'
import { beginOf, type ClaimedDelivery, type MessageWishes } from '../../core/message.ts'
import type { AttemptEvidence, AttemptOutcome, Cause } from '../../core/outcome.ts'
import { formatEnhanced } from '../../core/reply.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { judge, type Verdict } from '../../mail/bounces/classify.ts'
import { remedyWhenOver } from '../../mail/bounces/remedy.ts'
import type { AttemptRecord, Settlement } from '../../store/store.ts'
import { namedWait } from './named-wait.ts'
import { type Chance, nextAttemptAt } from './retry.ts'

export interface Finished {
  readonly outcome: AttemptOutcome
  readonly evidence: AttemptEvidence
  /** This way failed and another one is open: it is neither the end, nor a reason to wait. */
  readonly otherWay?: boolean
}

/** Long enough that two ways which both fail are no busy loop. */
const OTHER_WAY_WAIT: Milliseconds = SECOND

type EventHead = Pick<MailEvent, 'id' | 'accountId' | 'messageId' | 'deliveryId' | 'recipient' | 'at'>

export function settlementFor(
  delivery: ClaimedDelivery,
  finished: Finished,
  chance: Chance,
  eventId: () => EventId,
): Settlement {
  const head: EventHead = {
    id: eventId(),
    accountId: delivery.accountId,
    messageId: delivery.messageId,
    deliveryId: delivery.id,
    recipient: delivery.recipient,
    at: chance.now,
  }
  const { outcome, evidence, otherWay = false } = finished
  if (outcome.kind === 'delivered') return deliveredAs(delivery, outcome, evidence, head)
  return failedAs(delivery, outcome, { evidence, head, chance, otherWay })
}

function deliveredAs(
  delivery: ClaimedDelivery,
  outcome: Extract<AttemptOutcome, { kind: 'delivered' }>,
  evidence: AttemptEvidence,
  head: EventHead,
): Settlement {
  const { reply } = outcome
  return {
    deliveryId: delivery.id,
    attempt: {
      ...evidence,
      number: delivery.attempts + 1,
      outcome: 'delivered',
      diagnostic: reply.text,
      code: reply.code,
      enhancedCode: reply.enhanced ? formatEnhanced(reply.enhanced) : null,
    },
    next: { state: 'delivered', at: head.at },
    events: [
      {
        ...head,
        type: 'email.delivered',
        peer: peerOf(evidence),
        response: reply.text,
        elapsed: head.at - beginOf(delivery),
        ...(delivery.dsn?.notify?.includes('SUCCESS') ? successOwed(outcome) : null),
        ...untrackedIn(delivery.wishes),
      },
    ],
  }
}

const untrackedIn = ({ tracking }: MessageWishes): { readonly untracked: string } | null =>
  tracking !== undefined && 'off' in tracking ? { untracked: tracking.off } : null

/** RFC 3461 §5.2: whoever passes the wish on to a peer that understands it owes nothing more. */
const successOwed = ({ dsnRelayed }: { readonly dsnRelayed?: true }) =>
  ({ dsn: dsnRelayed ? 'passed-on' : 'owed' }) as const

function failedAs(
  delivery: ClaimedDelivery,
  outcome: Exclude<AttemptOutcome, { kind: 'delivered' }>,
  at: {
    readonly evidence: AttemptEvidence
    readonly head: EventHead
    readonly chance: Chance
    readonly otherWay: boolean
  },
): Settlement {
  const { evidence, head, chance, otherWay } = at
  const number = delivery.attempts + 1
  const verdict = judge(outcome.cause)
  const failure = failureOf(verdict)
  const peer = peerOf(evidence)
  const attempt = recordOf(number, evidence, otherWay ? 'deferred' : outcome.kind, verdict)
  const facts = {
    attemptsMade: number,
    expiresAt: delivery.expiresAt,
    reason: verdict.reason,
    policyDeferral: isPolicyDeferral(outcome.cause),
    named: outcome.cause.kind === 'reply' ? namedWait(outcome.cause.reply.text) : null,
  }
  const retryAt = otherWay
    ? Math.min(chance.now + OTHER_WAY_WAIT, delivery.expiresAt)
    : outcome.kind === 'bounced'
      ? null
      : nextAttemptAt(facts, chance)
  if (retryAt !== null && retryAt !== 'expired') {
    const deferred: MailEvent = { ...head, type: 'email.deferred', peer, failure, nextAttemptAt: retryAt }
    return { deliveryId: delivery.id, attempt, next: { state: 'queued', dueAt: retryAt }, events: [deferred] }
  }
  // Given up after deferrals: the address may be fine, so this is never a hard bounce.
  const final: FailureFacts =
    retryAt === 'expired'
      ? {
          ...failure,
          type: 'soft',
          reason: 'expired',
          remedy: remedyWhenOver(verdict.reason) ?? verdict.remedy,
        }
      : failure
  return {
    deliveryId: delivery.id,
    attempt,
    next: { state: 'bounced', at: chance.now },
    events: [{ ...head, type: 'email.bounced', peer, failure: final }],
  }
}

/** Goes back as it came: nothing was tried. */
export const returnUntried = (delivery: ClaimedDelivery, dueAt: number): Settlement => ({
  deliveryId: delivery.id,
  attempt: null,
  next: { state: 'queued', dueAt },
  events: [],
})

/** RFC 3463 §3.8: X.7.Z is about security or policy; with class 4 it mostly means "slow down". */
function isPolicyDeferral(cause: Cause): boolean {
  return cause.kind === 'reply' && cause.reply.enhanced?.class === 4 && cause.reply.enhanced.subject === 7
}

function peerOf({ mx, address, peerSoftware, via }: AttemptEvidence): PeerFacts {
  const peer = { mx, ip: address, software: peerSoftware }
  return via === 'direct' ? peer : { ...peer, via }
}

const failureOf = (verdict: Verdict): FailureFacts => ({
  type: verdict.hardness,
  reason: verdict.reason,
  enhancedCode: verdict.enhancedCode,
  diagnostic: verdict.diagnostic,
  blame: verdict.blame,
  remedy: verdict.remedy,
})

const recordOf = (
  number: number,
  evidence: AttemptEvidence,
  outcome: 'deferred' | 'bounced',
  verdict: Verdict,
): AttemptRecord => ({
  ...evidence,
  number,
  outcome,
  diagnostic: verdict.diagnostic,
  code: verdict.code,
  enhancedCode: verdict.enhancedCode,
})

/** The evidence of an end without an attempt. */
export const untouched = (at: number): AttemptEvidence => ({
  startedAt: at,
  endedAt: at,
  mx: null,
  address: null,
  source: null,
  tls: null,
  peerSoftware: null,
  via: 'direct',
  transcript: '',
})
