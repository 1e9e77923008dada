//
// Owns: how safe a connection must be for one message to one host, and whether a connection is. Pure.
// Never: the policies themselves (services/routing), or the handshake (net/smtp/security.ts).

import type { Cause } from '../../core/outcome.ts'
import type { MxHost, TlsPolicy } from '../../core/route.ts'
import { type ConnectionFacts, type Hail, isLoopback } from '../smtp/peer.ts'
import type { TlsDemand, TlsWish } from '../smtp/security.ts'
import type { DeliveryOrder, MxTransport } from './order.ts'

/** An order for the net. */
export type Errand = Pick<DeliveryOrder, 'requireTls' | 'tlsOptional'> & { readonly transport: MxTransport }

export function demandFor(errand: Errand, host: MxHost, address: string): TlsDemand {
  const { auth, route } = errand.transport
  const demand = mailDemand(errand, route, host)
  const exposed = auth !== null && !isLoopback(address)
  // RFC 4954 §4: no clear password where somebody could listen.
  if (exposed && (demand.wish === 'never' || demand.wish === 'if-offered')) return ENCRYPTED
  return route.reported?.type === 'sts' ? { ...demand, isTested: true } : demand
}

/** RFC 8689 §4.2.1: a certificate proves a host, not that the domain's mail is for that host; null where nothing is missing. */
export function nameMissing({ requireTls, transport }: Errand, host: MxHost): Cause | null {
  if (!requireTls || host.nameProven || transport.via.startsWith('relay:')) return null
  // The domain is its own host.
  if (transport.route.kind === 'implicit-mx') return null
  const detail = `neither DNSSEC nor MTA-STS proves that ${host.exchange} is a host of ${transport.route.domain}`
  return { kind: 'policy', rule: 'tls-required', detail }
}

type Way = Pick<MxTransport['route'], 'tls' | 'domain'>

const IN_CLEAR: TlsDemand = { wish: 'never', tlsa: null }
const IF_OFFERED: TlsDemand = { wish: 'if-offered', tlsa: null }
const ENCRYPTED: TlsDemand = { wish: 'required', tlsa: null }
const VERIFIED: TlsDemand = { wish: 'verified', tlsa: null }

function mailDemand(errand: Errand, { tls: policy, domain }: Way, { tlsa, tlsaBase }: MxHost): TlsDemand {
  // RFC 8689 §4.2.1: where both are asked for, REQUIRETLS counts.
  if (errand.requireTls)
    return tlsa !== undefined && tlsa.length > 0 ? { wish: 'dane', tlsa, tlsaBase, domain } : VERIFIED
  if (policy.kind === 'none') return IN_CLEAR
  // RFC 8689 §5: neither DANE nor MTA-STS of a receiver may stop it. Whom a smarthost is taken for is not the sender's word.
  if (errand.tlsOptional && !errand.transport.via.startsWith('relay:')) return IF_OFFERED
  if (tlsa === undefined) return WISH_OF_POLICY[policy.kind]
  // RFC 8461 §2: MTA-STS must not make up for DANE that fails; it may add to DANE that proves nothing.
  if (tlsa.length > 0) return { wish: 'dane', tlsa, tlsaBase, domain }
  return policy.kind === 'verified' ? VERIFIED : ENCRYPTED
}

const WISH_OF_POLICY: Readonly<Record<Exclude<TlsPolicy['kind'], 'none'>, TlsDemand>> = {
  opportunistic: IF_OFFERED,
  required: ENCRYPTED,
  verified: VERIFIED,
}

/** May an open connection take this message? */
export function suits(
  open: { readonly facts: ConnectionFacts; readonly hail: Hail },
  errand: Errand,
): boolean {
  const { facts, hail } = open
  const { transport } = errand
  if (hail.hello !== transport.hello || hail.implicitTls !== transport.implicitTls) return false
  if (hail.auth?.username !== transport.auth?.username) return false
  const host = transport.route.hosts.find(({ exchange }) => exchange === facts.exchange)
  if (host === undefined || !host.addresses.includes(facts.address)) return false
  if (nameMissing(errand, host) !== null) return false
  return isSafe(facts.tls, demandFor(errand, host, facts.address).wish)
}

function isSafe(tls: ConnectionFacts['tls'], wish: TlsWish): boolean {
  switch (wish) {
    case 'never':
    case 'if-offered':
      return true
    case 'required':
      return tls !== null
    case 'verified':
      return tls?.pkix === true
    case 'dane':
      return tls?.dane === true
    default:
      return wish satisfies never
  }
}
