//
// Owns: where mail for addresses of added domains goes: making such routes and taking them away.

import { type Domain, domainOf, localPartOf, parseDomain, parseMailbox } from '../../core/address.ts'
import type { AccountId, Ids } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { AllowedPlace } from '../../net/http/aim.ts'
import type { InboundRoute, InboundRouteId, InboundStore } from '../../store/inbound-store.ts'
import type { DirectoryStore } from '../../store/store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { targetFault } from '../posting/destination.ts'
import { routeSecret } from './route-secret.ts'

export interface RouteParts {
  readonly directory: Pick<DirectoryStore, 'domain' | 'domains'>
  readonly store: Pick<
    InboundStore,
    'addRoute' | 'routes' | 'routesFor' | 'removeRoute' | 'aimRoute' | 'closeRoute' | 'openRoute'
  >
  /** server.hostname: no address at it is a mailbox. */
  readonly hostname: string
  /** Inside places that webhooks may reach. */
  readonly allow: readonly AllowedPlace[]
  readonly clock: Clock
  readonly ids: Ids
  /** Of the current master secret. */
  readonly secretKey: Uint8Array
}

export interface RouteDraft {
  readonly accountId: AccountId
  readonly pattern: string
  readonly action: InboundRoute['action']
  readonly target: string
}

export interface MadeRoute {
  readonly route: InboundRoute
  /** Null for forwarding; a webhook's is told this once. */
  readonly secret: string | null
}

export type RouteFault =
  | StoreFault
  | 'exists'
  | 'too-many'
  | 'bad-pattern'
  /** The account has not added the domain or one above it. */
  | 'not-your-domain'
  /** `bounce.<domain>` is for return paths. */
  | 'return-path'
  | 'bad-address'
  | 'bad-url'
  /** Loopback or a private address; names are judged when they are asked. */
  | 'inside-url'
  /** Mail for the target would come here, where what was forwarded once goes no further. */
  | 'forward-to-route'

/** Of one account: each recipient of each letter is looked up among them. */
export const MAX_ROUTES = 1000

const RETURN_PATHS = 'bounce.'

export class InboundRoutes {
  readonly #parts: RouteParts

  constructor(parts: RouteParts) {
    this.#parts = parts
  }

  list(account: AccountId | null): Promise<readonly InboundRoute[]> {
    return this.#parts.store.routes(account)
  }

  async add({ accountId, pattern, action, target }: RouteDraft): Promise<Result<MadeRoute, RouteFault>> {
    const { clock, directory, ids, secretKey, store } = this.#parts
    const read = readPattern(pattern)
    if (read === null) return fault('bad-pattern')
    const added = await directory.domains(accountId)
    if (!added.some(({ name }) => read.host === name || read.host.endsWith(`.${name}`))) {
      return fault('not-your-domain')
    }
    if (added.some(({ name }) => read.host === `${RETURN_PATHS}${name}`)) return fault('return-path')
    const wrong = await this.#wrongTarget({ action, pattern: read.pattern, target })
    if (wrong !== null) return fault(wrong)
    if ((await store.routes(accountId)).length >= MAX_ROUTES) return fault('too-many')
    const id = ids.inboundRoute() as InboundRouteId
    const route = {
      id,
      accountId,
      pattern: read.pattern,
      action,
      target,
      closed: false,
      createdAt: clock.now(),
    }
    const stored = await store.addRoute(route)
    if (!stored.ok) return stored
    return ok({ route, secret: action === 'webhook' ? routeSecret(secretKey, id) : null })
  }

  /** By its id. */
  async get(id: string, account: AccountId): Promise<InboundRoute | null> {
    return (await this.list(account)).find((route) => route.id === id) ?? null
  }

  /** What is null stays as it is. Only webhooks are ever closed. */
  async change(
    route: InboundRoute,
    { closed, target }: { readonly closed: boolean | null; readonly target: string | null },
  ): Promise<Result<InboundRoute, RouteFault | 'not-a-webhook' | 'unknown'>> {
    const { clock, store } = this.#parts
    if (closed === true && route.action !== 'webhook') return fault('not-a-webhook')
    const wrong = target === null ? null : await this.#wrongTarget({ ...route, target })
    if (wrong !== null) return fault(wrong)
    const aimed = target === null ? ok(true) : await store.aimRoute(route.id, target)
    if (!aimed.ok) return aimed
    if (!aimed.value) return fault('unknown')
    // Closed or open already: that is what was wanted.
    const isAsWished = closed === null || closed === route.closed
    const switched = isAsWished
      ? ok(true)
      : closed
        ? await store.closeRoute(route.id)
        : await store.openRoute(route.pattern, clock.now())
    if (!switched.ok) return switched
    return ok({ ...route, target: target ?? route.target, closed: closed ?? route.closed })
  }

  async #wrongTarget({
    action,
    pattern,
    target,
  }: Pick<InboundRoute, 'action' | 'pattern' | 'target'>): Promise<RouteFault | null> {
    return action === 'forward' ? this.#wrongAddress(target, pattern) : targetFault(target, this.#parts.allow)
  }

  async #wrongAddress(target: string, pattern: string): Promise<RouteFault | null> {
    const mailbox = parseMailbox(target)
    if (!mailbox.ok) return 'bad-address'
    const host = domainOf(mailbox.value)
    if (host === this.#parts.hostname.toLowerCase() || (await this.#isReturnPathHost(host)))
      return 'forward-to-route'
    const patterns = [`${localPartOf(mailbox.value).toLowerCase()}@${host}`, `*@${host}`]
    const routes = await this.#parts.store.routesFor(patterns)
    return routes.length > 0 || patterns.includes(pattern) ? 'forward-to-route' : null
  }

  async #isReturnPathHost(host: Domain): Promise<boolean> {
    const above = host.startsWith(RETURN_PATHS) ? parseDomain(host.slice(RETURN_PATHS.length)) : null
    return above?.ok === true && (await this.#parts.directory.domain(above.value)) !== null
  }

  /** A webhook that said it is gone is back. */
  open(pattern: string): Promise<Result<boolean, StoreFault>> {
    const { clock, store } = this.#parts
    return store.openRoute(readPattern(pattern)?.pattern ?? pattern, clock.now())
  }

  remove(pattern: string): Promise<Result<boolean, StoreFault>> {
    return this.#parts.store.removeRoute(readPattern(pattern)?.pattern ?? pattern)
  }
}

/** As compared at RCPT: lower case, A-labels. */
function readPattern(text: string): { readonly pattern: string; readonly host: Domain } | null {
  if (text.startsWith('*@')) {
    const host = parseDomain(text.slice(2))
    return host.ok ? { pattern: `*@${host.value}`, host: host.value } : null
  }
  const mailbox = parseMailbox(text)
  if (!mailbox.ok) return null
  const host = domainOf(mailbox.value)
  return { pattern: `${localPartOf(mailbox.value).toLowerCase()}@${host}`, host }
}
