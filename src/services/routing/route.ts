//
// Owns: the way of each domain's mail, remembered while it is valid; one look-up per domain at a time.
// Never: judges answers; mx.ts does.

import type { Clock, Dice } from '../../core/ports.ts'
import type { Route } from '../../core/route.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Family, Resolver } from '../../net/dns/resolver.ts'
import { canonical, reachOf } from '../../net/http/reach.ts'
import { type Found, type HostPlan, MAX_MX_HOSTS, planFrom, type RoutingRules, routeFrom } from './mx.ts'

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
}

/** About one kilobyte each. */
const ENTRIES = 20_000
/** A way that has just become old still serves while it is looked up anew: mail does not wait for the DNS. */
const GRACE: Milliseconds = 30 * SECOND
/** Hosts whose addresses are asked for at most: those of a second choice only if the first five have none. */
const MAX_EXCHANGES_ASKED = 2 * MAX_MX_HOSTS

interface Entry {
  readonly route: Route
  /** Monotonic: a clock that is set keeps no way alive (F6). */
  readonly until: Milliseconds
}

export class Router {
  readonly #resolver: Resolver
  readonly #clock: Clock
  readonly #dice: Dice
  readonly #rules: RoutingRules
  readonly #limit: number
  readonly #entries = new Map<string, Entry>()
  readonly #flights = new Map<string, Promise<Route>>()

  constructor(options: RouterOptions) {
    this.#resolver = options.resolver
    this.#clock = options.clock
    this.#dice = options.dice
    this.#limit = options.entries ?? ENTRIES
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

  /** What is known and still valid, at once; the same object as long as it is. */
  peek(domain: string): Route | null {
    const entry = this.#entries.get(domain)
    if (entry === undefined) return null
    const age = this.#clock.monotonic() - entry.until
    if (age < 0) return entry.route
    if (age >= GRACE || !('hosts' in entry.route)) return null
    // A look-up that throws is a bug; it shows in find() as soon as the grace is over.
    this.#lookUp(domain).catch(() => {})
    return entry.route
  }

  /** Never rejects for what the DNS does: that is an `unresolved` route. */
  find(domain: string): Promise<Route> {
    const known = this.peek(domain)
    return known ? Promise.resolve(known) : this.#lookUp(domain)
  }

  /** For the operator who mended something: the next message asks anew. */
  forget(domain: string): void {
    this.#entries.delete(domain)
  }

  #lookUp(domain: string): Promise<Route> {
    const underWay = this.#flights.get(domain)
    if (underWay !== undefined) return underWay
    const flight = this.#fly(domain).finally(() => this.#flights.delete(domain))
    this.#flights.set(domain, flight)
    return flight
  }

  async #fly(domain: string): Promise<Route> {
    const plan = planFrom(domain, await this.#resolver.mx(domain), this.#chance())
    const route = 'exchanges' in plan ? await this.#settle(plan) : plan
    this.#keep(domain, route)
    return route
  }

  async #settle(plan: HostPlan): Promise<Route> {
    const found = new Map<string, Found<string>>()
    for (let from = 0; ; from += MAX_MX_HOSTS) {
      await this.#ask(plan.exchanges.slice(from, from + MAX_MX_HOSTS), found)
      const route = routeFrom(plan, found, this.#rules, this.#chance())
      const asked = from + MAX_MX_HOSTS
      if ('hosts' in route || asked >= plan.exchanges.length || asked >= MAX_EXCHANGES_ASKED) return route
    }
  }

  async #ask(exchanges: HostPlan['exchanges'], found: Map<string, Found<string>>): Promise<void> {
    const ask = async (exchange: string): Promise<void> => {
      found.set(exchange, await this.#resolver.addresses(exchange, this.#rules.families))
    }
    await Promise.all(exchanges.map(({ exchange }) => ask(exchange)))
  }

  #chance(): { readonly now: Milliseconds; readonly dice: Dice } {
    return { now: this.#clock.now(), dice: this.#dice }
  }

  #keep(domain: string, route: Route): void {
    this.#entries.delete(domain)
    if (this.#entries.size >= this.#limit) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    const left = route.validUntil - this.#clock.now()
    this.#entries.set(domain, { route, until: this.#clock.monotonic() + left })
  }
}
