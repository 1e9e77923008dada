//
// Owns: a submission as the message and the deliveries that the store keeps. Pure.

import { type Domain, domainOf, type ForwardPath } from '../../core/address.ts'
import type { StoredContent } from '../../core/content.ts'
import { deliveryId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { NewFill, Submission } from '../../core/submission.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { NewDelivery } from '../../store/store.ts'
import type { Blocking } from '../../store/suppression-store.ts'

export interface MessageFacts {
  readonly content: StoredContent
  readonly signingDomain: Domain
  readonly now: Milliseconds
  readonly rules: { readonly giveUpAfter: Milliseconds }
}

export function messageOf(submission: Submission, facts: MessageFacts): Message {
  const { submitter, options } = submission
  const fill = submission.fill && fillText(submission.fill)
  const { content, now, signingDomain } = facts
  const { giveUpAfter } = facts.rules
  const wished = options.scheduledAt ?? null
  const scheduledAt = wished !== null && wished > now ? wished : null
  return {
    id: submission.id,
    accountId: submitter.accountId,
    keyId: submitter.keyId,
    contentId: content.id,
    source: submission.source,
    mode: submitter.mode,
    createdAt: now,
    reversePath: submission.reversePath,
    from: submission.from,
    signingDomain,
    subject: submission.subject,
    stream: options.stream,
    tags: options.tags,
    custom: options.custom,
    trackOpens: options.trackOpens,
    trackClicks: options.trackClicks,
    expiresAt: (scheduledAt ?? now) + Math.min(options.expiresAfter ?? giveUpAfter, giveUpAfter),
    size: content.bytes.length + (fill?.length ?? 0),
    campaign: options.campaign,
    pool: options.pool,
    wishes: options.wishes,
    ...(fill === undefined ? null : { fill }),
    ...(scheduledAt === null ? null : { scheduledAt }),
  }
}

/** JSON of a `Fill`; its data are text already. */
const fillText = ({ data, header }: NewFill): string => `{"header":${JSON.stringify(header)},"data":${data}}`

export interface DeliveryFacts {
  readonly blocked: ReadonlyMap<ForwardPath, Blocking>
  /** Memory has room for them. */
  readonly leased: boolean
  readonly dueAt: Milliseconds
}

export const deliveriesOf = (
  submission: Submission,
  { blocked, leased, dueAt }: DeliveryFacts,
): NewDelivery[] =>
  submission.forwardPaths.map((recipient, ordinal) => ({
    id: deliveryId(submission.id, ordinal),
    recipient,
    destination: domainOf(recipient),
    state: blocked.has(recipient) ? ('suppressed' as const) : ('queued' as const),
    dueAt,
    leased: leased && !blocked.has(recipient),
    dsn: submission.dsn.get(recipient) ?? null,
  }))
