//
// Owns: the ways through the operator's smarthosts: which one serves a recipient's domain, where it is, and which of
// them cannot be reached now. Private addresses are fine: the operator named the host.
// Never: whether mail goes by relay at all (services/queue/placement.ts).

import type { Domain } from '../../core/address.ts'
import type { Clock } from '../../core/ports.ts'
import type { Route, TlsPolicy } from '../../core/route.ts'
import { HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { Credentials, ReachableRoute } from '../../net/delivery/order.ts'
import type { Family, Resolver } from '../../net/dns/resolver.ts'
import { reachOf } from '../../net/http/reach.ts'

export interface Smarthost {
  /** A name or a literal address. */
  readonly host: string
  readonly port: number
  /** Empty: no AUTH. */
  readonly username: string
  readonly password: string
  readonly tls: 'starttls' | 'tls' | 'none'
  /** False: whatever certificate it shows. */
  readonly verify: boolean
  /** Recipient domains that it is for, as `matches` reads them; empty: all. */
  readonly domains: readonly string[]
}

export interface RelaysParts {
  readonly relays: readonly Smarthost[]
  /** Recipient domains whose mail goes by relay, whatever else is open. */
  readonly domains: readonly string[]
  readonly families: readonly Family[]
  readonly resolver: Pick<Resolver, 'addresses'>
  readonly clock: Clock
}

/** One smarthost and the way to it. */
export interface RelayWay {
  /** `relay:<host>`: its lane, and what evidence calls it. */
  readonly name: string
  readonly route: ReachableRoute
  readonly auth: Credentials | null
  readonly implicitTls: boolean
}

/** One that could not be reached is left alone for so long, if there is another. */
const DOWN: Milliseconds = MINUTE
const SHORTEST_VALID: Milliseconds = 5 * SECOND
const LONGEST_VALID: Milliseconds = HOUR
/** The name server is asked again after it said nothing of use. */
const FAULT_VALID: Milliseconds = 15 * SECOND

interface Relay {
  readonly name: string
  readonly smarthost: Smarthost
  way: RelayWay | null
  /** Monotonic. */
  validUntil: Milliseconds
  downUntil: Milliseconds
  flight: Promise<void> | null
}

export class Relays {
  readonly #parts: RelaysParts
  readonly #relays: readonly Relay[]
  readonly #byRoute = new WeakMap<Route, RelayWay>()
  #holdsBack: (name: string) => boolean = () => false

  constructor(parts: RelaysParts) {
    this.#parts = parts
    const hosts = parts.relays.map(({ host }) => host)
    this.#relays = parts.relays.map((smarthost) => ({
      name: nameOf(smarthost, hosts),
      smarthost,
      way: null,
      validUntil: Number.NEGATIVE_INFINITY,
      downUntil: Number.NEGATIVE_INFINITY,
      flight: null,
    }))
  }

  /** Who sends through them knows which one holds its mail back now. */
  heed(holdsBack: (name: string) => boolean): void {
    this.#holdsBack = holdsBack
  }

  get names(): readonly string[] {
    return this.#relays.map(({ name }) => name)
  }

  /** Asks for every address once, so that the first message need not wait. */
  async start(): Promise<void> {
    await Promise.all(this.#relays.map((relay) => this.#lookUp(relay)))
  }

  /** The operator wants this domain's mail to go by relay. */
  isNamed(destination: string): boolean {
    const { domains, relays } = this.#parts
    return matches(destination, domains) || relays.some((relay) => matches(destination, relay.domains))
  }

  /** The first that is up and whose address is known, at once; a stale address serves while it is looked up anew. */
  peek(destination: string): RelayWay | null {
    const now = this.#parts.clock.monotonic()
    let down: RelayWay | null = null
    for (const relay of this.#relays) {
      if (!serves(relay.smarthost, destination)) continue
      if (now >= relay.validUntil) void this.#lookUp(relay)
      if (relay.way === null) continue
      if (now >= relay.downUntil && !this.#holdsBack(relay.name)) return relay.way
      down ??= relay.way
    }
    return down
  }

  async find(destination: string): Promise<RelayWay | null> {
    const known = this.peek(destination)
    if (known !== null) return known
    await Promise.all(
      this.#relays
        .filter((relay) => serves(relay.smarthost, destination))
        .map((relay) => this.#lookUp(relay)),
    )
    return this.peek(destination)
  }

  wayOf(route: Route): RelayWay | null {
    return this.#byRoute.get(route) ?? null
  }

  /** Nobody answers at `name`, or it lets us not in. True: another one may serve this destination now. */
  failed(name: string, destination: string): boolean {
    const now = this.#parts.clock.monotonic()
    for (const relay of this.#relays) if (relay.name === name) relay.downUntil = now + DOWN
    return this.#relays.some(
      (relay) => relay.way !== null && now >= relay.downUntil && serves(relay.smarthost, destination),
    )
  }

  #lookUp(relay: Relay): Promise<void> {
    relay.flight ??= this.#resolve(relay).finally(() => {
      relay.flight = null
    })
    return relay.flight
  }

  async #resolve(relay: Relay): Promise<void> {
    const { clock, families, resolver } = this.#parts
    const { host } = relay.smarthost
    const literal = isLiteral(host)
    const found = literal ? null : await resolver.addresses(host, families)
    const now = clock.monotonic()
    const addresses = literal
      ? [host]
      : found?.ok
        ? found.value.records.filter((address) => reachOf(address) !== 'never')
        : []
    if (addresses.length === 0) {
      relay.validUntil = now + FAULT_VALID
      return
    }
    const ttl = found?.ok ? found.value.ttl * SECOND : LONGEST_VALID
    relay.validUntil = now + Math.min(Math.max(ttl, SHORTEST_VALID), LONGEST_VALID)
    if (relay.way && sameAddresses(relay.way, addresses)) return
    relay.way = wayTo(relay, addresses)
    this.#byRoute.set(relay.way.route, relay.way)
  }
}

export interface RelayRoutesParts {
  readonly relays: Relays
  readonly clock: Pick<Clock, 'now'>
  /** Where mail goes whose domain is not named for a relay; null: everything goes by relay. */
  readonly direct: DirectRoutes | null
}
interface DirectRoutes {
  peek(domain: Domain, unbound?: boolean): Route | null
  find(domain: Domain, unbound?: boolean): Promise<Route>
}

/** For the queue, which asks for routes by recipient domain. */
export class RelayRoutes {
  readonly #parts: RelayRoutesParts

  constructor(parts: RelayRoutesParts) {
    this.#parts = parts
  }

  peek(domain: Domain, unbound = false): Route | null {
    const { relays, direct } = this.#parts
    if (direct !== null && !relays.isNamed(domain)) return direct.peek(domain, unbound)
    return relays.peek(domain)?.route ?? null
  }

  async find(domain: Domain, unbound = false): Promise<Route> {
    const { relays, direct, clock } = this.#parts
    if (direct !== null && !relays.isNamed(domain)) return direct.find(domain, unbound)
    const way = await relays.find(domain)
    // Not the recipient's domain is at fault: whatever the DNS says of our relay, mail waits (invariant I13).
    return way?.route ?? { kind: 'unresolved', domain, answer: 'servfail', validUntil: clock.now() }
  }
}

function wayTo({ name, smarthost }: Relay, addresses: readonly string[]): RelayWay {
  const { host, port, username, password, tls } = smarthost
  return {
    name,
    route: {
      kind: 'mx',
      domain: host,
      provider: name,
      hosts: [{ exchange: host, preference: 0, addresses }],
      port,
      tls: policyOf(smarthost),
      validUntil: Number.POSITIVE_INFINITY,
    },
    auth: username === '' ? null : { username, password },
    implicitTls: tls === 'tls',
  }
}

function policyOf({ host, tls, verify }: Smarthost): TlsPolicy {
  if (tls === 'none') return { kind: 'none', why: `[[relay]] ${host}: tls is "none"` }
  return { kind: verify ? 'verified' : 'required', why: `[[relay]] ${host}` }
}

const serves = ({ domains }: Smarthost, destination: string): boolean =>
  domains.length === 0 || matches(destination, domains)

/** `example.net` itself, or with `.example.org` everything below it. */
export const matches = (domain: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => (pattern.startsWith('.') ? domain.endsWith(pattern) : domain === pattern))

const nameOf = ({ host, port }: Smarthost, hosts: readonly string[]): string =>
  hosts.filter((other) => other === host).length > 1 ? `relay:${host}:${port}` : `relay:${host}`

const isLiteral = (host: string): boolean => host.includes(':') || /^[0-9.]+$/.test(host)

const sameAddresses = ({ route }: RelayWay, addresses: readonly string[]): boolean =>
  [...(route.hosts[0]?.addresses ?? [])].sort().join() === [...addresses].sort().join()
