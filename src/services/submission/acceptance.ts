//
// Owns: what one accepted message is to the store (rows and events of one commit) and to the dispatcher. Pure.

import type { ForwardPath } from '../../core/address.ts'
import type { StoredContent } from '../../core/content.ts'
import type { Ids } from '../../core/ids.ts'
import type { ClaimedDelivery, Message } from '../../core/message.ts'
import type { Submission } from '../../core/submission.ts'
import type { Acceptance, Holder, NewDelivery } from '../../store/store.ts'
import type { Blocking } from '../../store/suppression-store.ts'
import { suppressedBy } from '../suppression/suppression.ts'
import type { Accepted } from './door.ts'
import { writeAnswer } from './idempotency.ts'

export interface Promised {
  readonly message: Message
  readonly content: StoredContent
  readonly deliveries: readonly NewDelivery[]
  readonly holder: Holder
  readonly ids: Ids
  readonly submission: Submission
  readonly answer: Accepted
  /** By which entry, for those that are suppressed. */
  readonly blocked: ReadonlyMap<ForwardPath, Blocking>
}

export function acceptance({
  message,
  content,
  deliveries,
  holder,
  ids,
  submission,
  answer,
  blocked,
}: Promised): Acceptance {
  const { idempotency } = submission.options
  return {
    message,
    content,
    deliveries,
    holder,
    events: deliveries.map((delivery) => {
      const head = {
        id: ids.event(),
        accountId: message.accountId,
        messageId: message.id,
        deliveryId: delivery.id,
        recipient: delivery.recipient,
        at: message.createdAt,
      }
      const entry = blocked.get(delivery.recipient)
      return entry
        ? { ...head, type: 'email.suppressed' as const, ...suppressedBy(entry) }
        : { ...head, type: 'email.queued' as const }
    }),
    idempotency: idempotency
      ? {
          accountId: message.accountId,
          key: idempotency.key,
          bodyHash: idempotency.bodyHash,
          answer: writeAnswer(answer),
          createdAt: message.createdAt,
        }
      : null,
  }
}

/** What the store would give back for the leased ones, made from what was just committed. */
export const claimedFrom = (message: Message, deliveries: readonly NewDelivery[]): ClaimedDelivery[] =>
  deliveries
    .filter((delivery) => delivery.leased)
    .map((delivery) => ({
      id: delivery.id,
      messageId: message.id,
      accountId: message.accountId,
      contentId: message.contentId,
      recipient: delivery.recipient,
      destination: delivery.destination,
      reversePath: message.reversePath,
      signingDomain: message.signingDomain,
      mode: message.mode,
      stream: message.stream,
      tags: message.tags,
      custom: message.custom,
      attempts: 0,
      lastSource: null,
      createdAt: message.createdAt,
      expiresAt: message.expiresAt,
      size: message.size,
      campaign: message.campaign,
      pool: message.pool,
      wishes: message.wishes,
      dsn: delivery.dsn,
      ...(message.fill === undefined ? null : { fill: message.fill }),
      ...(message.scheduledAt === undefined ? null : { scheduledAt: message.scheduledAt }),
    }))
