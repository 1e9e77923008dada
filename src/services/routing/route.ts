//
// Owns: the way of each domain's mail, remembered while it is valid; one look-up per domain at a time.
// Never: judges answers; mx.ts does.

import type { Clock, Dice } from '../../core/ports.ts'
import type { ReportedPolicy, Route } from '../../core/route.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Family, MxRecord, Resolver } from '../../net/dns/resolver.ts'
import { canonical, reachOf } from '../../net/http/reach.ts'
import { type DaneFinding, daneOf, NO_DANE, type TlsaBases, tlsaBases, tlsaName } from './dane.ts'
import { type Found, type HostPlan, MAX_MX_HOSTS, planFrom, type RoutingRules, routeFrom } from './mx.ts'
import { type PolicyFault, policyFaults } from './policy-faults.ts'
import type { ProviderBook } from './provider-book.ts'
import { NOTHING_KNOWN, type StsKnown, type StsPolicies } from './sts.ts'
import {
  type ReachableRoute,
  type TlsFacts,
  type TlsOverride,
  withoutTlsPolicy,
  withTlsPolicy,
} from './tls-policy.ts'

export interface RouterOptions {
  readonly resolver: Resolver
  readonly clock: Clock
  readonly dice: Dice
  /** The address families of this node, in the order in which they are to be tried. */
  readonly families: readonly Family[]
  readonly allowPrivateDestinations: boolean
  /** Where this node's inbound MX listens. Inside addresses are ignored: T10 decides about those. */
  readonly ownAddresses: readonly string[]
  /** 25, but for tests and labs. */
  readonly port: number
  /** Most domains remembered. */
  readonly entries?: number
  /** Providers that are known by name; without: none is. */
  readonly book?: ProviderBook
  /** Without: encryption where it is offered. */
  readonly tls?: TlsRules
}

/** Whose word about encryption counts. */
export interface TlsRules {
  readonly dane: boolean
  /** Null: MTA-STS is not asked about. */
  readonly sts: Pick<StsPolicies, 'policyFor'> | null
  /** The operator's word for single domains; nobody else is asked about those then, but for `dane`. */
  readonly overrides: ReadonlyMap<string, TlsOverride>
  /** Once per look-up and host. */
  readonly onFault?: (domain: string, fault: PolicyFault) => void
}

/** About one kilobyte each. */
const ENTRIES = 20_000
/** A way that has just become old still serves while it is looked up anew: mail does not wait for the DNS. */
const GRACE: Milliseconds = 30 * SECOND
/** Hosts whose addresses are asked for at most: those of a second choice only if the first five have none. */
const MAX_EXCHANGES_ASKED = 2 * MAX_MX_HOSTS

/** As the policies have it, and for mail that no policy binds (RFC 8689 §5); one object unless they differ. */
interface WayTo {
  readonly route: Route
  readonly free: Route
}

interface Entry extends WayTo {
  /** Monotonic: a clock that is set keeps no way alive (F6). */
  readonly until: Milliseconds
}

/** What was asked about the domain itself. */
interface Known {
  readonly mx: Found<MxRecord>
  readonly sts: Promise<StsKnown>
}

export class Router {
  readonly #resolver: Resolver
  readonly #clock: Clock
  readonly #dice: Dice
  readonly #rules: RoutingRules
  readonly #limit: number
  readonly #tls: TlsRules | null
  readonly #book: ProviderBook | null
  readonly #entries = new Map<string, Entry>()
  readonly #flights = new Map<string, Promise<WayTo>>()

  constructor(options: RouterOptions) {
    this.#resolver = options.resolver
    this.#clock = options.clock
    this.#dice = options.dice
    this.#limit = options.entries ?? ENTRIES
    this.#tls = options.tls ?? null
    this.#book = options.book ?? null
    this.#rules = {
      families: options.families,
      allowPrivateDestinations: options.allowPrivateDestinations,
      ownAddresses: new Set(
        options.ownAddresses.filter((address) => reachOf(address) === 'public').map(canonical),
      ),
      port: options.port,
    }
  }

  get size(): number {
    return this.#entries.size
  }

  /** What is known and still valid, at once; the same object as long as it is. `unbound`: by policies, RFC 8689 §5. */
  peek(domain: string, unbound = false): Route | null {
    const entry = this.#entries.get(domain)
    if (entry === undefined) return null
    const route = unbound ? entry.free : entry.route
    const age = this.#clock.monotonic() - entry.until
    if (age < 0) return route
    if (age >= GRACE || !('hosts' in route)) return null
    // A look-up that throws is a bug; it shows in find() as soon as the grace is over.
    this.#lookUp(domain).catch(() => {})
    return route
  }

  /** Never rejects for what the DNS does: that is an `unresolved` route. */
  async find(domain: string, unbound = false): Promise<Route> {
    const known = this.peek(domain, unbound)
    if (known !== null) return known
    const { route, free } = await this.#lookUp(domain)
    return unbound ? free : route
  }

  /** What sessions to a domain were last measured by, however old that is. */
  reportedOf(domain: string): ReportedPolicy | undefined {
    const route = this.#entries.get(domain)?.route
    return route && 'hosts' in route ? route.reported : undefined
  }

  /** For the operator who mended something: the next message asks anew. */
  forget(domain: string): void {
    this.#entries.delete(domain)
  }

  #lookUp(domain: string): Promise<WayTo> {
    const underWay = this.#flights.get(domain)
    if (underWay !== undefined) return underWay
    const flight = this.#fly(domain).finally(() => this.#flights.delete(domain))
    this.#flights.set(domain, flight)
    return flight
  }

  async #fly(domain: string): Promise<WayTo> {
    // Asked for at once, waited for when there are hosts that it could be about.
    const sts = this.#stsOf(domain)
    const mx = await this.#resolver.mx(domain)
    const plan = planFrom(domain, mx, this.#chance(), this.#book)
    const way = 'exchanges' in plan ? await this.#settle(plan, { mx, sts }) : onlyWay(plan)
    this.#keep(domain, way)
    return way
  }

  async #settle(plan: HostPlan, known: Known): Promise<WayTo> {
    const found = new Map<string, Found<string>>()
    for (let from = 0; ; from += MAX_MX_HOSTS) {
      await this.#ask(plan.exchanges.slice(from, from + MAX_MX_HOSTS), found)
      const route = routeFrom(plan, found, this.#rules, this.#chance())
      if ('hosts' in route) {
        const secured = await this.#secure(route, found, known)
        return { route: secured, free: withoutTlsPolicy(route, secured) }
      }
      const asked = from + MAX_MX_HOSTS
      if (asked >= plan.exchanges.length || asked >= MAX_EXCHANGES_ASKED) return onlyWay(route)
    }
  }

  async #ask(exchanges: HostPlan['exchanges'], found: Map<string, Found<string>>): Promise<void> {
    const ask = async (exchange: string): Promise<void> => {
      found.set(exchange, await this.#resolver.addresses(exchange, this.#rules.families))
    }
    await Promise.all(exchanges.map(({ exchange }) => ask(exchange)))
  }

  #stsOf(domain: string): Promise<StsKnown> {
    const sts = this.#tls?.overrides.has(domain) ? null : this.#tls?.sts
    const asked = sts?.policyFor(domain) ?? Promise.resolve(NOTHING_KNOWN)
    // It may be waited for later or never; whoever waits hears the fault.
    asked.catch(() => {})
    return asked
  }

  async #secure(
    route: ReachableRoute,
    found: ReadonlyMap<string, Found<string>>,
    { mx, sts }: Known,
  ): Promise<Route> {
    if (this.#tls === null) return route
    const override = this.#tls.overrides.get(route.domain) ?? null
    const [dane, known] = await Promise.all([this.#dane(route, found, { mx, override }), sts])
    const secured = withTlsPolicy(route, { override, dane, sts: known }, this.#clock.now())
    if (!isNoMatch(secured) || known.renewing === null || this.#tls.sts === null) {
      return this.#told(route, { dane, sts: known }, secured)
    }
    // The hosts may have moved together with the policy: before mail waits, the newer one is looked for (RFC 8461 §5.1).
    await known.renewing
    const renewed = await this.#tls.sts.policyFor(route.domain)
    const again = withTlsPolicy(route, { override, dane, sts: renewed }, this.#clock.now())
    return this.#told(route, { dane, sts: renewed }, again)
  }

  #told({ domain, hosts }: ReachableRoute, { dane, sts }: Pick<TlsFacts, 'dane' | 'sts'>, end: Route): Route {
    for (const one of policyFaults(hosts, dane, sts.policy)) this.#tls?.onFault?.(domain, one)
    return end
  }

  async #dane(
    { hosts, port }: ReachableRoute,
    found: ReadonlyMap<string, Found<string>>,
    { mx, override }: Pick<Known, 'mx'> & { readonly override: TlsOverride | null },
  ): Promise<ReadonlyMap<string, DaneFinding>> {
    const findings = new Map<string, DaneFinding>()
    const wanted = override === 'dane' || (override === null && this.#tls?.dane === true)
    const ask = async (exchange: string): Promise<void> => {
      const bases = await this.#basesOf(exchange, tlsaBases(mx, exchange, found.get(exchange)))
      if (bases.length > 0) findings.set(exchange, await this.#firstOf(bases, port))
    }
    if (wanted) await Promise.all(hosts.map(({ exchange }) => ask(exchange)))
    return findings
  }

  async #basesOf(exchange: string, bases: TlsaBases): Promise<readonly string[]> {
    if (bases !== 'if-alias-is-signed') return bases
    const alias = await this.#resolver.cname(exchange)
    return alias.ok && alias.value.authentic ? [exchange] : []
  }

  /** Whatever is not a signed "nothing here" ends the search: the second name must not make up for it. */
  async #firstOf(bases: readonly string[], port: number): Promise<DaneFinding> {
    for (const base of bases) {
      const finding = daneOf(base, await this.#resolver.tlsa(tlsaName(base, port)))
      if (finding.kind !== 'none') return finding
    }
    return NO_DANE
  }

  #chance(): { readonly now: Milliseconds; readonly dice: Dice } {
    return { now: this.#clock.now(), dice: this.#dice }
  }

  #keep(domain: string, way: WayTo): void {
    this.#entries.delete(domain)
    if (this.#entries.size >= this.#limit) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    const left = way.route.validUntil - this.#clock.now()
    this.#entries.set(domain, { ...way, until: this.#clock.monotonic() + left })
  }
}

const onlyWay = (route: Route): WayTo => ({ route, free: route })

const isNoMatch = (route: Route): boolean => route.kind === 'unresolved' && route.answer === 'sts-no-match'
