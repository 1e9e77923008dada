//
// Owns: the secret of a route to a webhook, and signatures made with it, as Standard Webhooks describes them.
// Never: stores a secret: it follows from the master secret and the route's id.

import { createHmac } from 'node:crypto'
import type { InboundRouteId } from '../../store/inbound-store.ts'

const PREFIX = 'whsec_'

/** 32 octets; told once, when the route is made. */
export const routeSecret = (key: Uint8Array, route: InboundRouteId): string =>
  PREFIX + secretOctets(key, route).toString('base64')

/** One signature per key, newest first: receivers take any that fits, so a master secret can be replaced. */
export function signatureHeaders(
  keys: readonly Uint8Array[],
  route: InboundRouteId,
  what: { readonly id: string; readonly seconds: number; readonly body: string },
): Readonly<Record<string, string>> {
  const signed = `${what.id}.${what.seconds}.${what.body}`
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', secretOctets(key, route)).update(signed).digest('base64')}`,
  )
  return {
    'webhook-id': what.id,
    'webhook-timestamp': String(what.seconds),
    'webhook-signature': signatures.join(' '),
  }
}

const secretOctets = (key: Uint8Array, route: InboundRouteId): Buffer =>
  createHmac('sha256', key).update(`inbound route ${route}`).digest()
