//
// Owns: one attempt on a given route: hosts and addresses in order, until one takes the message or the attempt is over.
// Never: DNS, the store, or what an end means for the queue.

import type { Cause } from '../../core/outcome.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, type Result } from '../../core/result.ts'
import type { TlsPolicy } from '../../core/route.ts'
import { Connection } from '../smtp/connection.ts'
import type { TlsWish } from '../smtp/opening.ts'
import type { ConnectionFacts, Patience, Peer } from '../smtp/peer.ts'
import type { Outgoing } from '../smtp/pending.ts'
import type { TransactionEnd } from '../smtp/transaction.ts'
import type { ClearOnly } from './clear-only.ts'
import type { MxTransport, ReachableRoute } from './order.ts'
import { remedyFor } from './transact.ts'

/** RFC 5321 §5.1 asks for at least two; past five we only spend time, and invite abuse of our hosts. */
export const MAX_MX_HOSTS_PER_ATTEMPT = 5
/** Each may cost a connect time-out. */
export const MAX_ADDRESSES_PER_ATTEMPT = 20

export interface Way {
  readonly patience: Patience
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  readonly clearOnly: ClearOnly
  /** The worker's last word: what is under way ends, nothing new begins. */
  readonly stop: AbortSignal
}

export interface Attempted {
  readonly end: TransactionEnd
  /** The connection, or the place, at which it ended. */
  readonly facts: ConnectionFacts | null
  /** Open for the next message of the same route. */
  readonly connection: Connection | null
}

/** `kept` is the connection of an earlier message, tried first. */
export async function attempt(
  outgoing: Outgoing,
  { route, source, hello }: MxTransport,
  kept: Connection | null,
  way: Way,
): Promise<Attempted> {
  const walk = new Walk(outgoing)
  let tried: string | null = null
  if (kept !== null) {
    const over = await walk.transact(kept, true)
    if (over !== null) return over
    // A kept connection may have gone stale while it was idle: nothing was tried yet, its address least of all.
    tried = walk.untouched ? null : kept.facts.address
  }
  for (const peer of placesOf(route, source)) {
    if (way.stop.aborted) break
    if (peer.address === tried) continue
    const opened = await open(peer, { policy: route.tls, hello }, way)
    if (!opened.ok) {
      walk.failed(opened.error, placeOf(peer))
      continue
    }
    const over = await walk.transact(opened.value, false)
    if (over !== null) return over
  }
  return walk.end()
}

/** What an attempt has met so far. */
class Walk {
  readonly #outgoing: Outgoing
  #worst: { readonly cause: Cause; readonly facts: ConnectionFacts } | null = null
  #refusals = 0
  untouched = false

  constructor(outgoing: Outgoing) {
    this.#outgoing = outgoing
  }

  /** Null when another host is to be asked. */
  async transact(connection: Connection, kept: boolean): Promise<Attempted | null> {
    const end = await connection.transact(this.#outgoing)
    const { facts } = connection
    if (end.kind === 'accepted') return { end, facts, connection: reusable(connection) }
    if (kept && end.untouched) {
      this.untouched = true
      connection.destroy()
      return null
    }
    const remedy = remedyFor(end.cause)
    if (remedy === 'another-host-once') this.#refusals += 1
    if (remedy === 'none' || this.#refusals > 1) return { end, facts, connection: reusable(connection) }
    this.failed(end.cause, facts)
    connection.quit()
    return null
  }

  /** A peer's words tell more than a network's silence, whichever came last. */
  failed(cause: Cause, facts: ConnectionFacts): void {
    if (cause.kind === 'network' && this.#worst !== null && this.#worst.cause.kind !== 'network') return
    this.#worst = { cause, facts }
  }

  end(): Attempted {
    const cause: Cause = this.#worst?.cause ?? { kind: 'network', at: 'connect', detail: 'no address to try' }
    return {
      end: { kind: 'failed', cause, untouched: true },
      facts: this.#worst?.facts ?? null,
      connection: null,
    }
  }
}

const reusable = (connection: Connection): Connection | null => (connection.usable ? connection : null)

function placesOf(route: ReachableRoute, source: string | null): readonly Peer[] {
  const places: Peer[] = []
  for (const host of route.hosts.slice(0, MAX_MX_HOSTS_PER_ATTEMPT)) {
    for (const address of host.addresses) {
      if (source !== null && source.includes(':') !== address.includes(':')) continue
      places.push({ exchange: host.exchange, address, port: route.port, source })
    }
  }
  return places.slice(0, MAX_ADDRESSES_PER_ATTEMPT)
}

async function open(
  peer: Peer,
  { policy, hello }: { readonly policy: TlsPolicy; readonly hello: string },
  way: Way,
): Promise<Result<Connection, Cause>> {
  const wish = wishOf(policy, way.clearOnly.has(peer.address))
  const opened = await Connection.open(peer, optionsOf(way, hello, wish))
  if (opened.ok || wish !== 'if-offered' || !isTlsFault(opened.error) || way.stop.aborted) return opened
  // RFC 7435 §3: no encryption is what we would have had without the offer. A failed handshake leaves the connection
  // in no state to go on (RFC 3207 §4.1), so a new one.
  way.clearOnly.remember(peer.address)
  const inClear = await Connection.open(peer, optionsOf(way, hello, 'never'))
  return inClear.ok ? inClear : fault(inClear.error)
}

function wishOf(policy: TlsPolicy, clearOnly: boolean): TlsWish {
  if (policy.kind === 'none') return 'never'
  if (policy.kind === 'opportunistic') return clearOnly ? 'never' : 'if-offered'
  return policy.kind
}

const isTlsFault = (cause: Cause): boolean => cause.kind === 'network' && cause.at === 'tls'

const optionsOf = ({ patience, clock, stop }: Way, hostname: string, tls: TlsWish) => ({
  hostname,
  patience,
  clock,
  stop,
  tls,
})

const placeOf = (peer: Peer): ConnectionFacts => ({
  exchange: peer.exchange,
  address: peer.address,
  source: peer.source,
  tls: null,
  peerSoftware: null,
})
