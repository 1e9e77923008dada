//
// Owns: from whom a request really comes: the peer, or whom a trusted proxy names (X-Forwarded-For).
// Never: believes a header that a stranger wrote.

import { inNetworks } from '../../config/networks.ts'
import type { Network } from '../../config/units.ts'

export type ClientAddress = (request: Request, peer: string) => string

/** The rightmost address that is no trusted proxy: what stands left of it could have been made up by the client. */
export function clientAddress(trusted: readonly Network[]): ClientAddress {
  const isTrusted = inNetworks(trusted)
  return (request, peer) => {
    if (!isTrusted(peer)) return peer
    const named = (request.headers.get('x-forwarded-for') ?? '').split(',').map((each) => each.trim())
    for (const address of named.toReversed()) if (address !== '' && !isTrusted(address)) return address
    return peer
  }
}
