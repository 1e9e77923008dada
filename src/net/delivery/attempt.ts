//
// Owns: one attempt on a given route: hosts and addresses in order, until one takes the message or the attempt is over.
// Never: DNS, the store, or what an end means for the queue.

import type { Cause, TlsSession } from '../../core/outcome.ts'
import type { Result } from '../../core/result.ts'
import type { MxHost } from '../../core/route.ts'
import { Connection } from '../smtp/connection.ts'
import type { ConnectionFacts, Ground, Hail, Peer, Unopened } from '../smtp/peer.ts'
import type { Outgoing } from '../smtp/pending.ts'
import type { TransactionEnd } from '../smtp/transaction.ts'
import type { ClearOnly } from './clear-only.ts'
import { demandFor, type Errand, nameMissing } from './demand.ts'
import type { MxTransport } from './order.ts'
import { remedyFor } from './transact.ts'

/** RFC 5321 §5.1 asks for at least two; past five we only spend time, and invite abuse of our hosts. */
export const MAX_MX_HOSTS_PER_ATTEMPT = 5
/** Each may cost a connect time-out. */
export const MAX_ADDRESSES_PER_ATTEMPT = 20

export interface Way extends Ground {
  readonly clearOnly: ClearOnly
}

export interface Attempted {
  readonly end: TransactionEnd
  /** The connection, or the place, at which it ended. */
  readonly facts: ConnectionFacts | null
  /** Of the connections that this attempt opened or tried to. */
  readonly sessions: readonly TlsSession[]
  /** Open for the next message of the same route. */
  readonly connection: Connection | null
}

/** `kept` is the connection of an earlier message, tried first. */
export async function attempt(
  outgoing: Outgoing,
  errand: Errand,
  kept: Connection | null,
  way: Way,
): Promise<Attempted> {
  const walk = new Walk(outgoing, way)
  let tried: string | null = null
  if (kept !== null) {
    const over = await walk.transact(kept, true)
    if (over !== null) return over
    // A kept connection may have gone stale while it was idle: nothing was tried yet, its address least of all.
    tried = walk.untouched ? null : kept.facts.address
  }
  for (const place of placesOf(errand.transport)) {
    if (way.stop.aborted) break
    if (place.peer.address === tried) continue
    const connection = await walk.open(place, errand)
    if (connection === null) continue
    const over = await walk.transact(connection, false)
    if (over !== null) return over
  }
  return walk.end()
}

interface Place {
  readonly host: MxHost
  readonly peer: Peer
}

const NO_SESSIONS: readonly TlsSession[] = []

/** What an attempt has met so far. */
class Walk {
  readonly #outgoing: Outgoing
  readonly #way: Way
  #worst: { readonly cause: Cause; readonly facts: ConnectionFacts } | null = null
  #refusals = 0
  #sessions: TlsSession[] | null = null
  untouched = false

  constructor(outgoing: Outgoing, way: Way) {
    this.#outgoing = outgoing
    this.#way = way
  }

  /** Null when another host is to be asked. */
  async transact(connection: Connection, kept: boolean): Promise<Attempted | null> {
    const end = await connection.transact(this.#outgoing)
    if (end.kind === 'accepted') return this.#over(end, connection)
    if (kept && end.untouched) {
      this.untouched = true
      connection.destroy()
      return null
    }
    const remedy = remedyFor(end.cause)
    if (remedy === 'another-host-once') this.#refusals += 1
    if (remedy === 'none' || this.#refusals > 1) return this.#over(end, connection)
    this.#failed(end.cause, connection.facts)
    connection.quit()
    return null
  }

  async open({ host, peer }: Place, errand: Errand): Promise<Connection | null> {
    const { hello, auth, implicitTls } = errand.transport
    const missing = nameMissing(errand, host)
    if (missing !== null) {
      this.#failed(missing, nobodyAt(peer))
      return null
    }
    const demand = demandFor(errand, host, peer.address)
    const inClear = !implicitTls && demand.wish === 'if-offered' && this.#way.clearOnly.has(peer.address)
    const hail: Hail = { hello, auth, implicitTls, ...demand, ...(inClear ? { wish: 'never' } : {}) }
    const opened = await this.#tried(peer, hail)
    if (opened.ok) return opened.value
    const { cause, facts } = opened.error
    if (hail.wish !== 'if-offered' || implicitTls || !isTlsFault(cause) || this.#way.stop.aborted) {
      this.#failed(cause, facts)
      return null
    }
    // RFC 7435 §3: no encryption is what we would have had without the offer. A failed handshake leaves the connection
    // in no state to go on (RFC 3207 §4.1), so a new one.
    this.#way.clearOnly.remember(peer.address)
    const again = await this.#tried(peer, { ...hail, wish: 'never' })
    if (again.ok) return again.value
    this.#failed(again.error.cause, again.error.facts)
    return null
  }

  async #tried(peer: Peer, hail: Hail): Promise<Result<Connection, Unopened>> {
    const opened = await Connection.open(peer, hail, this.#way, this.#outgoing.transcript)
    const { session } = opened.ok ? opened.value : opened.error
    if (session !== null) {
      this.#sessions ??= []
      this.#sessions.push(session)
    }
    return opened
  }

  /** A peer's words tell more than a network's silence, whichever came last. */
  #failed(cause: Cause, facts: ConnectionFacts): void {
    if (cause.kind === 'network' && this.#worst !== null && this.#worst.cause.kind !== 'network') return
    this.#worst = { cause, facts }
  }

  #over(end: TransactionEnd, connection: Connection): Attempted {
    const { facts, usable } = connection
    return { end, facts, sessions: this.#sessions ?? NO_SESSIONS, connection: usable ? connection : null }
  }

  end(): Attempted {
    const cause: Cause = this.#worst?.cause ?? { kind: 'network', at: 'connect', detail: 'no address to try' }
    return {
      end: { kind: 'failed', cause, untouched: true },
      facts: this.#worst?.facts ?? null,
      sessions: this.#sessions ?? NO_SESSIONS,
      connection: null,
    }
  }
}

function placesOf({ route, source }: MxTransport): readonly Place[] {
  const places: Place[] = []
  for (const host of route.hosts.slice(0, MAX_MX_HOSTS_PER_ATTEMPT)) {
    for (const address of host.addresses) {
      if (source !== null && source.includes(':') !== address.includes(':')) continue
      places.push({ host, peer: { exchange: host.exchange, address, port: route.port, source } })
    }
  }
  return places.slice(0, MAX_ADDRESSES_PER_ATTEMPT)
}

const nobodyAt = ({ exchange, address }: Peer): ConnectionFacts => ({
  exchange,
  address,
  source: null,
  tls: null,
  peerSoftware: null,
})

const isTlsFault = (cause: Cause): boolean => cause.kind === 'network' && cause.at === 'tls'
