//
// Owns: how much of the memory mail may hold that will not leave soon: what waits for, or is on its way to, providers that
// are slow, limited or have not delivered anything yet, and what waits for the DNS. An eighth for each stream, so that it
// never fills what quick providers need; within that no account more than what it leaves free to others.

import type { AccountId } from '../../core/ids.ts'
import type { Stream } from '../../core/message.ts'

const SHARE = 1 / 8
/** An account that has nothing here may always bring one of these: a code goes out, whoever holds the share. */
const SMALL_OCTETS = 128 * 1024

interface Held {
  octets: number
  readonly perAccount: Map<AccountId, number>
}

export interface Belonging {
  readonly accountId: AccountId
  readonly stream: Stream
}

export class SlowShare {
  readonly #limit: number
  readonly #held: Readonly<Record<Stream, Held>> = {
    transactional: { octets: 0, perAccount: new Map() },
    marketing: { octets: 0, perAccount: new Map() },
  }

  constructor(memory: number) {
    this.#limit = memory * SHARE
  }

  /** `octets` is 0 where it is not known yet. */
  isOpenTo({ accountId, stream }: Belonging, octets: number): boolean {
    const held = this.#held[stream]
    const own = held.perAccount.get(accountId) ?? 0
    if (own === 0 && octets <= SMALL_OCTETS) return true
    return own < this.#limit - held.octets
  }

  enter({ accountId, stream }: Belonging, octets: number): void {
    const held = this.#held[stream]
    held.octets += octets
    held.perAccount.set(accountId, (held.perAccount.get(accountId) ?? 0) + octets)
  }

  leave({ accountId, stream }: Belonging, octets: number): void {
    const held = this.#held[stream]
    held.octets -= octets
    const left = (held.perAccount.get(accountId) ?? 0) - octets
    if (left > 0) held.perAccount.set(accountId, left)
    else held.perAccount.delete(accountId)
  }
}
