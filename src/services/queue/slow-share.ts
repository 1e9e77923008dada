//
// Owns: how much of the memory mail may hold that will not leave soon: what waits for, or is on its way to, providers that
// are slow, limited or have not delivered anything yet, and what waits for the DNS. An eighth for each stream, so that it
// never fills what quick providers need; within that no account more than what it leaves free to others.
//
// Beside it two smaller parts, so that a thousand that hang do not keep us from a stranger who is well: one for the only
// letter to its domain in memory, one for what is with hosts that are known to hang. All of them together stay below the
// half of the memory above which the store is not asked for more (room.ts).

import type { Domain } from '../../core/address.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Stream } from '../../core/message.ts'

const SHARE = 1 / 8
const FIRSTS = 1 / 16
const HUNG = 1 / 8
/** An account or a domain that has nothing here may bring one of these: a code goes out, whoever holds the share. */
const SMALL_OCTETS = 128 * 1024

interface Held {
  octets: number
  readonly perAccount: Map<AccountId, number>
}

export interface Belonging {
  readonly accountId: AccountId
  readonly stream: Stream
}

export interface Addressed extends Belonging {
  readonly destination: Domain
}

/** What one delivery holds, and which part it is counted in. */
export interface Place {
  readonly of: Addressed
  readonly octets: number
  part: 'share' | 'first' | 'hung'
}

export class SlowShare {
  readonly #memory: number
  readonly #held: Readonly<Record<Stream, Held>> = {
    transactional: { octets: 0, perAccount: new Map() },
    marketing: { octets: 0, perAccount: new Map() },
  }
  readonly #firsts = new Set<Domain>()
  #firstOctets = 0
  #hungOctets = 0

  constructor(memory: number) {
    this.#memory = memory
  }

  /** `octets` is 0 where it is not known yet. */
  isOpenTo({ accountId, stream }: Belonging, octets: number): boolean {
    const held = this.#held[stream]
    const own = held.perAccount.get(accountId) ?? 0
    if (own === 0 && octets <= SMALL_OCTETS) return true
    return own < SHARE * this.#memory - held.octets
  }

  /** The only letter to its domain. */
  takesFirst(destination: Domain, octets: number): boolean {
    if (octets > SMALL_OCTETS || this.#firsts.has(destination)) return false
    return this.#firstOctets + octets <= FIRSTS * this.#memory
  }

  /** In the share, or as the only letter to its domain. */
  takes(of: Addressed, octets: number): boolean {
    return this.isOpenTo(of, octets) || this.takesFirst(of.destination, octets)
  }

  enter(of: Addressed, octets: number): Place {
    const isFirst = !this.isOpenTo(of, octets) && this.takesFirst(of.destination, octets)
    const place: Place = { of, octets, part: isFirst ? 'first' : 'share' }
    this.#count(place, 1)
    return place
  }

  leave(place: Place): void {
    this.#count(place, -1)
  }

  /** It is with a host that does not answer, and will be for minutes. */
  hangs(place: Place): void {
    if (place.part === 'hung' || this.#hungOctets + place.octets > HUNG * this.#memory) return
    this.#count(place, -1)
    place.part = 'hung'
    this.#count(place, 1)
  }

  #count({ of, octets, part }: Place, sign: 1 | -1): void {
    switch (part) {
      case 'hung':
        this.#hungOctets += sign * octets
        return
      case 'first':
        this.#firstOctets += sign * octets
        if (sign === 1) this.#firsts.add(of.destination)
        else this.#firsts.delete(of.destination)
        return
      case 'share': {
        const held = this.#held[of.stream]
        held.octets += sign * octets
        const left = (held.perAccount.get(of.accountId) ?? 0) + sign * octets
        if (left > 0) held.perAccount.set(of.accountId, left)
        else held.perAccount.delete(of.accountId)
        return
      }
      default:
        part satisfies never
    }
  }
}
