//
// Owns: who must not be written to, as the door and the queue ask it.
// Never: how an entry comes about. Entries made by bounces, complaints and unsubscribing are not in this version.

import type { ForwardPath } from '../../core/address.ts'
import type { AccountId, DeliveryId } from '../../core/ids.ts'
import type { ClaimedDelivery, Stream } from '../../core/message.ts'
import type { Clock } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { DirectoryStore } from '../../store/store.ts'

export interface SuppressionParts {
  readonly store: Pick<DirectoryStore, 'suppressed' | 'hasSuppressions'>
  readonly clock: Clock
}

const NOBODY: ReadonlySet<ForwardPath> = new Set()

type Asked = Pick<ClaimedDelivery, 'id' | 'accountId' | 'recipient' | 'stream'>

/**
 * The form in which recipients are kept and compared. Local parts are case-sensitive on paper (RFC 5321 §2.4) and
 * nowhere else: who asked not to be written to must not be reached by another spelling.
 */
export const suppressionKey = (recipient: ForwardPath): string => recipient.toLowerCase()

/** How long "this account has no entry" is believed: a look-up per message costs more than all else the door reads. */
const NONE_BELIEVED: Milliseconds = SECOND / 2
/** Accounts of which it is believed; beyond it all are asked anew. */
const MAX_BELIEVED = 10_000

export class Suppression {
  readonly #parts: SuppressionParts
  readonly #noneUntil = new Map<AccountId, Milliseconds>()

  constructor(parts: SuppressionParts) {
    this.#parts = parts
  }

  /** Those of `recipients` that are suppressed, in the spelling in which they came. An entry counts for every stream. */
  async check(
    account: AccountId,
    recipients: readonly ForwardPath[],
    _stream: Stream,
  ): Promise<ReadonlySet<ForwardPath>> {
    if (recipients.length === 0 || (await this.#hasNone(account))) return NOBODY
    const { store, clock } = this.#parts
    const keys = recipients.map(suppressionKey)
    const blocked = await store.suppressed(account, keys, clock.now())
    return new Set(recipients.filter((_recipient, at) => blocked.has(keys[at] ?? '')))
  }

  async #hasNone(account: AccountId): Promise<boolean> {
    const { clock, store } = this.#parts
    const now = clock.monotonic()
    if (now < (this.#noneUntil.get(account) ?? 0)) return true
    this.#noneUntil.delete(account)
    if (await store.hasSuppressions(account)) return false
    if (this.#noneUntil.size >= MAX_BELIEVED) this.#noneUntil.clear()
    this.#noneUntil.set(account, now + NONE_BELIEVED)
    return true
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
