//
// Owns: the secret of a route to a webhook.
// Never: stores a secret: it follows from the master secret and the route's id.

import { createHmac } from 'node:crypto'
import type { InboundRouteId } from '../../store/inbound-store.ts'
import { secretText } from '../posting/signature.ts'

/** 32 octets; told once, when the route is made. */
export const routeSecret = (key: Uint8Array, route: InboundRouteId): string =>
  secretText(secretOctets(key, route))

export const secretOctets = (key: Uint8Array, route: InboundRouteId): Buffer =>
  createHmac('sha256', key).update(`inbound route ${route}`).digest()
