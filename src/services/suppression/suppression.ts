//
// Owns: who must not be written to, as the door and the queue ask it.
// Never: how an entry comes about. Entries made by bounces, complaints and unsubscribing are not in this version.

import type { ForwardPath } from '../../core/address.ts'
import type { AccountId, DeliveryId } from '../../core/ids.ts'
import type { ClaimedDelivery, Stream } from '../../core/message.ts'
import type { Clock } from '../../core/ports.ts'
import type { DirectoryStore } from '../../store/store.ts'

export interface SuppressionParts {
  readonly store: Pick<DirectoryStore, 'suppressed'>
  readonly clock: Clock
}

type Asked = Pick<ClaimedDelivery, 'id' | 'accountId' | 'recipient' | 'stream'>

/**
 * The form in which recipients are kept and compared. Local parts are case-sensitive on paper (RFC 5321 §2.4) and
 * nowhere else: who asked not to be written to must not be reached by another spelling.
 */
export const suppressionKey = (recipient: ForwardPath): string => recipient.toLowerCase()

export class Suppression {
  readonly #parts: SuppressionParts

  constructor(parts: SuppressionParts) {
    this.#parts = parts
  }

  /** Those of `recipients` that are suppressed, in the spelling in which they came. An entry counts for every stream. */
  async check(
    account: AccountId,
    recipients: readonly ForwardPath[],
    _stream: Stream,
  ): Promise<ReadonlySet<ForwardPath>> {
    if (recipients.length === 0) return new Set()
    const { store, clock } = this.#parts
    const keys = recipients.map(suppressionKey)
    const blocked = await store.suppressed(account, keys, clock.now())
    return new Set(recipients.filter((_recipient, at) => blocked.has(keys[at] ?? '')))
  }

  /** For claimed deliveries: a wait of days is long enough to be suppressed in. */
  async checkDeliveries(deliveries: readonly Asked[]): Promise<ReadonlySet<DeliveryId>> {
    const found = new Set<DeliveryId>()
    for (const [account, asked] of Map.groupBy(deliveries, (delivery) => delivery.accountId)) {
      const keys = asked.map((delivery) => suppressionKey(delivery.recipient))
      const blocked = await this.#parts.store.suppressed(account, keys, this.#parts.clock.now())
      for (const [at, delivery] of asked.entries()) if (blocked.has(keys[at] ?? '')) found.add(delivery.id)
    }
    return found
  }
}
