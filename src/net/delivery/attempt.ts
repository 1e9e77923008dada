//
// Owns: one attempt on a given route: hosts and addresses in order, until one takes the message or the attempt is over.
// Never: DNS, the store, or what an end means for the queue.

import type { Cause, TlsSession } from '../../core/outcome.ts'
import type { Result } from '../../core/result.ts'
import type { MxHost } from '../../core/route.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { Connection } from '../smtp/connection.ts'
import type { ConnectionFacts, Ground, Hail, Peer, Unopened } from '../smtp/peer.ts'
import type { Outgoing } from '../smtp/pending.ts'
import type { TransactionEnd } from '../smtp/transaction.ts'
import { demandFor, type Errand, nameMissing } from './demand.ts'
import type { Lately } from './lately.ts'
import type { MxTransport } from './order.ts'
import { remedyFor } from './transact.ts'

/** RFC 5321 §5.1 asks for at least two; past five we only spend time, and invite abuse of our hosts. */
export const MAX_MX_HOSTS_PER_ATTEMPT = 5
/** Each may cost a connect time-out. */
export const MAX_ADDRESSES_PER_ATTEMPT = 20
/**
 * For a greeting, while another host could be asked. The five minutes of RFC 5321 §4.5.3.2.1 are for the last one, and
 * then for those that were passed over: a host in need of them gets the mail where nobody else takes it.
 */
export const HASTE: Milliseconds = 30 * SECOND
/** Of that, one part of so many: who is lost after it was silent. */
const SILENT = 3

export interface Way extends Ground {
  readonly clearOnly: Lately
  /** They kept somebody waiting for nothing, and are asked last. */
  readonly silent: Lately
  readonly haste: Milliseconds
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
  for (const stop of walk.stops(placesOf(errand.transport))) {
    if (way.stop.aborted) break
    if (stop.place.peer.address === tried) continue
    const connection = await walk.open(stop, errand)
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

interface Stop {
  readonly place: Place
  /** Another one is worth asking, should this one not greet. */
  readonly hurried: boolean
}

const NO_SESSIONS: readonly TlsSession[] = []

/** What an attempt has met so far. */
class Walk {
  readonly #outgoing: Outgoing
  readonly #way: Way
  #worst: { readonly cause: Cause; readonly facts: ConnectionFacts } | null = null
  #refusals = 0
  #sessions: TlsSession[] | null = null
  readonly #passedOver: Place[] = []
  untouched = false

  constructor(outgoing: Outgoing, way: Way) {
    this.#outgoing = outgoing
    this.#way = way
  }

  /** Those that were silent lately come last; those that were passed over, once more when nobody has said anything. */
  *stops(places: readonly Place[]): Generator<Stop> {
    const { silent } = this.#way
    const well = places.filter(({ peer }) => !silent.has(peer.address))
    const others = well.length === places.length ? [] : places.filter((place) => !well.includes(place))
    for (const place of well) yield { place, hurried: place !== well.at(-1) }
    for (const place of others) yield { place, hurried: this.#heard }
    for (const place of this.#passedOver) if (!this.#heard) yield { place, hurried: false }
  }

  /** Null when another host is to be asked. */
  async transact(connection: Connection, kept: boolean): Promise<Attempted | null> {
    const from = this.#way.clock.monotonic()
    const end = await connection.transact(this.#outgoing)
    if (end.kind === 'accepted') return this.#over(end, connection)
    if (kept && end.untouched) {
      this.untouched = true
      connection.destroy()
      return null
    }
    this.#noteSilence(end.cause, connection.facts.address, from)
    const remedy = remedyFor(end.cause)
    if (remedy === 'another-host-once') this.#refusals += 1
    if (remedy === 'none' || this.#refusals > 1) return this.#over(end, connection)
    this.#failed(end.cause, connection.facts)
    connection.quit()
    return null
  }

  async open({ place, hurried }: Stop, errand: Errand): Promise<Connection | null> {
    const { host, peer } = place
    const { hello, auth, implicitTls } = errand.transport
    const missing = nameMissing(errand, host)
    if (missing !== null) {
      this.#failed(missing, nobodyAt(peer))
      return null
    }
    const demand = demandFor(errand, host, peer.address)
    const inClear = !implicitTls && demand.wish === 'if-offered' && this.#way.clearOnly.has(peer.address)
    const hail: Hail = { hello, auth, implicitTls, ...demand, ...(inClear ? { wish: 'never' } : {}) }
    const opened = await this.#tried(peer, hail, hurried)
    if (opened.ok) return opened.value
    const { cause, facts } = opened.error
    if (hurried && this.#way.silent.has(peer.address)) this.#passedOver.push(place)
    if (hail.wish !== 'if-offered' || implicitTls || !isTlsFault(cause) || this.#way.stop.aborted) {
      this.#failed(cause, facts)
      return null
    }
    // RFC 7435 §3: no encryption is what we would have had without the offer. A failed handshake leaves the connection
    // in no state to go on (RFC 3207 §4.1), so a new one.
    this.#way.clearOnly.remember(peer.address)
    const again = await this.#tried(peer, { ...hail, wish: 'never' }, hurried)
    if (again.ok) return again.value
    this.#failed(again.error.cause, again.error.facts)
    return null
  }

  async #tried(peer: Peer, hail: Hail, hurried: boolean): Promise<Result<Connection, Unopened>> {
    const { clock, silent } = this.#way
    const from = clock.monotonic()
    const ground = hurried ? hastened(this.#way) : this.#way
    const opened = await Connection.open(peer, hail, ground, this.#outgoing.transcript)
    if (opened.ok) silent.forget(peer.address)
    else this.#noteSilence(opened.error.cause, peer.address, from)
    const { session } = opened.ok ? opened.value : opened.error
    if (session !== null) {
      this.#sessions ??= []
      this.#sessions.push(session)
    }
    return opened
  }

  #noteSilence(cause: Cause, address: string, from: Milliseconds): void {
    if (cause.kind !== 'network') return
    const { clock, silent, haste } = this.#way
    if (clock.monotonic() - from >= haste / SILENT) silent.remember(address)
  }

  get #heard(): boolean {
    return this.#worst?.cause.kind === 'reply'
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

const hastened = (way: Way): Way => ({
  ...way,
  patience: { ...way.patience, greeting: Math.min(way.patience.greeting, way.haste) },
})

const nobodyAt = ({ exchange, address }: Peer): ConnectionFacts => ({
  exchange,
  address,
  source: null,
  tls: null,
  peerSoftware: null,
})

const isTlsFault = (cause: Cause): boolean => cause.kind === 'network' && cause.at === 'tls'
