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
  readonly store: Pick<InboundStore, 'addRoute' | 'routes' | 'routesFor' | 'removeRoute' | 'openRoute'>
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
    const wrong =
      action === 'forward'
        ? await this.#wrongAddress(target, read.pattern)
        : targetFault(target, this.#parts.allow)
    if (wrong !== null) return fault(wrong)
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
