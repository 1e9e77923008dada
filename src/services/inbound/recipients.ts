//
// Owns: whom mail from outside may be for. All is decided at RCPT: what nobody here wants is refused in session, so that
// nobody is ever sent a bounce for it (T18).
// Never: tells by its time what exists: every question makes the same look-ups.

import { type Domain, domainOf, type ForwardPath, localPartOf, parseDomain } from '../../core/address.ts'
import type { DeliveryId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { readVerp } from '../../mail/tracking/verp.ts'
import { readWayOutAddress } from '../../mail/tracking/way-out.ts'
import type { InboundRoute, InboundStore } from '../../store/inbound-store.ts'
import type { DirectoryStore } from '../../store/store.ts'

export type Destination =
  /** A delivery's own return path, with our proof in it (VERP). */
  | { readonly kind: 'return-path'; readonly delivery: DeliveryId }
  /** The mailto: form of a way out, with our proof in it: whoever writes to it leaves. */
  | { readonly kind: 'way-out'; readonly delivery: DeliveryId }
  /** The address that providers send complaints to. */
  | { readonly kind: 'feedback' }
  /** DMARC aggregate and TLS reports. */
  | { readonly kind: 'reports' }
  /** RFC 5321 §4.5.1, RFC 2142: a person has to see it. */
  | { readonly kind: 'operator' }
  | { readonly kind: 'route'; readonly route: InboundRoute }

export type RecipientFault =
  /** The domain is ours, the mailbox is not there. */
  | 'unknown'
  /** The domain is not ours. */
  | 'not-ours'
  /** The webhook of its route said that it is gone. */
  | 'closed'

export interface RecipientParts {
  readonly directory: Pick<DirectoryStore, 'domain' | 'awaitsReturns'>
  readonly store: Pick<InboundStore, 'routesFor'>
  /** server.hostname. */
  readonly hostname: string
  /** Newest first; mail of years ago may still bounce. */
  readonly verpKeys: readonly Uint8Array[]
  /** Newest first. */
  readonly wayOutKeys: readonly Uint8Array[]
  /** False: nobody was named, and mail for a person in charge would be lost. */
  readonly hasOperator: boolean
}

const RETURN_PATH_PREFIX = 'bounce.'
const WAY_OUT = 'unsub+'
/** RFC 2142 §4, §5: whoever has trouble with mail, abuse, names or break-ins from here. */
const ROLES: ReadonlySet<string> = new Set(['postmaster', 'abuse', 'hostmaster', 'security'])
const REPORTS: ReadonlySet<string> = new Set(['dmarc', 'tlsrpt'])
const FEEDBACK = 'fbl'

export class Recipients {
  readonly #parts: RecipientParts

  constructor(parts: RecipientParts) {
    this.#parts = parts
  }

  async judge(path: ForwardPath): Promise<Result<Destination, RecipientFault>> {
    const { store } = this.#parts
    const host = domainOf(path)
    const local = localPartOf(path).toLowerCase()
    const exact = `${local}@${host}`
    const every = `*@${host}`
    const [place, routes] = await Promise.all([this.#placeOf(host), store.routesFor([exact, every])])
    const delivery = readVerp(local, this.#parts.verpKeys)
    if (place.takesReturns && delivery !== null) return ok({ kind: 'return-path', delivery })
    const leaver = this.#leaver(local)
    if (place.takesReturns && leaver !== null) return ok({ kind: 'way-out', delivery: leaver })
    const chosen = routes.find((route) => route.pattern === exact)
    if (chosen) return routedTo(chosen)
    const standing = place.isOurs ? this.#standing(local) : null
    if (standing) return ok(standing)
    const rest = routes.find((route) => route.pattern === every)
    if (rest) return routedTo(rest)
    return fault(place.isOurs ? 'unknown' : 'not-ours')
  }

  #leaver(local: string): DeliveryId | null {
    if (!local.startsWith(WAY_OUT)) return null
    return readWayOutAddress(local.slice(WAY_OUT.length), this.#parts.wayOutKeys)
  }

  /** Addresses that are there without anybody's doing. */
  #standing(local: string): Destination | null {
    if (local === FEEDBACK) return { kind: 'feedback' }
    if (REPORTS.has(local)) return { kind: 'reports' }
    return ROLES.has(local) && this.#parts.hasOperator ? { kind: 'operator' } : null
  }

  /** Our host, an added domain, or the return path host of one. */
  async #placeOf(host: Domain): Promise<{ readonly isOurs: boolean; readonly takesReturns: boolean }> {
    const { directory, hostname } = this.#parts
    const above = host.startsWith(RETURN_PATH_PREFIX)
      ? parseDomain(host.slice(RETURN_PATH_PREFIX.length))
      : null
    const [itself, awaits] = await Promise.all([
      directory.domain(host),
      directory.awaitsReturns(above?.ok ? above.value : host),
    ])
    const takesReturns = host === hostname || (above?.ok === true && awaits)
    return { isOurs: takesReturns || itself !== null, takesReturns }
  }
}

const routedTo = (route: InboundRoute): Result<Destination, RecipientFault> =>
  route.closed ? fault('closed') : ok({ kind: 'route', route })
