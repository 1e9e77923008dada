//
// Owns: what waits for a commit, its bound in bytes, and which of it may share the next one.
// Never: writes.

import type { DeliveryId } from '../../core/ids.ts'
import type { ClaimedRow } from '../rows.ts'
import type { AcceptConflict, Holder, SettleCount, Settlement, Together } from '../store.ts'
import type { StoreFault } from '../store-fault.ts'
import type { ClaimOrder } from './claim.ts'

/** How a member learns its end. `refused` is the server's no to its values: a bug, which its caller gets as it is. */
interface Ends<T> {
  readonly done: (value: T) => void
  readonly failed: (why: StoreFault | 'refused', error: unknown) => void
}

export type Member =
  | ({ readonly kind: 'accept'; readonly together: Together } & Ends<AcceptConflict | null>)
  | ({
      readonly kind: 'settle'
      readonly settlements: readonly Settlement[]
      readonly holder: Holder
    } & Ends<SettleCount>)
  | ({ readonly kind: 'claim'; readonly order: ClaimOrder; readonly holder: Holder } & Ends<
      readonly ClaimedRow[]
    >)

/** Beyond these a group gains nothing and keeps everybody behind it waiting. */
const MOST_MEMBERS = 256
const MOST_BYTES = 4 * 1024 * 1024
/** What a row costs us beside its bytes. */
const ROW_BYTES = 400

export class Inbox {
  readonly #limit: number
  #members: Member[] = []
  #first = 0
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get bytes(): number {
    return this.#bytes
  }

  get empty(): boolean {
    return this.#first === this.#members.length
  }

  /** False when there is no room. One that is larger than the whole inbox may enter an empty one. */
  put(member: Member): boolean {
    const bytes = sizeOf(member)
    if (this.#bytes > 0 && this.#bytes + bytes > this.#limit) return false
    this.#bytes += bytes
    this.#members.push(member)
    return true
  }

  /** The next members that may share a commit, in the order of their coming. At least one, unless empty. */
  take(): readonly Member[] {
    const group = new Sharing()
    let bytes = 0
    const start = this.#first
    while (this.#first < this.#members.length) {
      const member = this.#members[this.#first]
      if (!member || this.#first - start >= MOST_MEMBERS || !group.admits(member)) break
      const size = sizeOf(member)
      if (bytes > 0 && bytes + size > MOST_BYTES) break
      bytes += size
      this.#first += 1
    }
    const taken = this.#members.slice(start, this.#first)
    this.#bytes -= bytes
    if (this.empty) {
      this.#members = []
      this.#first = 0
    }
    return taken
  }
}

/**
 * One statement serves all members of a kind, so two of them must not speak of the same thing: the second settlement
 * of a delivery has to find it settled, the second use of a key has to find it taken.
 */
class Sharing {
  #holder: Holder | null = null
  readonly #keys = new Set<string>()
  readonly #settled = new Set<DeliveryId>()

  admits(member: Member): boolean {
    switch (member.kind) {
      case 'accept':
        return this.#sameHolder(member.together.holder) && this.#newKey(member.together)
      case 'settle':
        return this.#sameHolder(member.holder) && this.#newDeliveries(member.settlements)
      case 'claim':
        return this.#sameHolder(member.holder)
      default:
        return member satisfies never
    }
  }

  #sameHolder(holder: Holder): boolean {
    this.#holder ??= holder
    return this.#holder.node === holder.node && this.#holder.boot === holder.boot
  }

  #newKey({ idempotency }: Together): boolean {
    if (!idempotency) return true
    const key = `${idempotency.accountId} ${idempotency.key}`
    if (this.#keys.has(key)) return false
    this.#keys.add(key)
    return true
  }

  #newDeliveries(settlements: readonly Settlement[]): boolean {
    if (settlements.some(({ deliveryId }) => this.#settled.has(deliveryId))) return false
    for (const { deliveryId } of settlements) this.#settled.add(deliveryId)
    return true
  }
}

function sizeOf(member: Member): number {
  switch (member.kind) {
    case 'accept': {
      let bytes = 0
      for (const { content, deliveries, events, message } of member.together.acceptances) {
        bytes += (content?.bytes.byteLength ?? 0) + (message.fill?.length ?? 0)
        bytes += ROW_BYTES * (1 + deliveries.length + events.length)
      }
      return bytes
    }
    case 'settle':
      return ROW_BYTES * 2 * member.settlements.length
    default:
      return ROW_BYTES
  }
}
