//
// Owns: what the dispatcher asks of a delivery worker and what comes back. Plain data: it crosses threads.

import type { Domain, ForwardPath, ReversePath } from '../../core/address.ts'
import type { StoredContent } from '../../core/content.ts'
import type { DeliveryId } from '../../core/ids.ts'
import type { AttemptEvidence, AttemptOutcome } from '../../core/outcome.ts'
import type { Route } from '../../core/route.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Patience } from '../smtp/peer.ts'

/** A connection's place in a lane; it lives in one worker. */
export type SlotId = number

/** A route on which something can be tried. */
export type ReachableRoute = Extract<Route, { kind: 'mx' | 'implicit-mx' }>

export interface DeliveryOrder {
  readonly slot: SlotId
  readonly deliveryId: DeliveryId
  readonly recipient: ForwardPath
  /** What MAIL FROM says: VERP of the delivery, or null for `<>`. */
  readonly reversePath: ReversePath
  readonly signingDomain: Domain
  readonly content: Pick<StoredContent, 'id' | 'kind' | 'bytes'>
  /** Other deliveries of this content are on their way too: what is made of it is worth keeping. */
  readonly shared: boolean
  /** Wall time of the attempt's start as the dispatcher sees it: for DKIM t= and x=. */
  readonly at: Milliseconds
  readonly transport: MxTransport | { readonly kind: 'capture'; readonly folder: string }
}

export interface MxTransport {
  readonly kind: 'mx'
  readonly route: ReachableRoute
  /** Our address to connect from, which also picks the family; null leaves it to the system. A slot keeps its source. */
  readonly source: string | null
}

export interface DeliveryReport {
  readonly slot: SlotId
  readonly deliveryId: DeliveryId
  readonly outcome: AttemptOutcome
  readonly evidence: AttemptEvidence
}

/** A private key as the worker gets it, once per worker and version. */
export interface SigningKeyMaterial {
  readonly domain: Domain
  readonly selector: string
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256'
  /** PKCS#8 PEM. */
  readonly privateKey: string
}

/** The delivery side as the dispatcher uses it; worker threads stand behind it. */
export interface DeliveryPool {
  readonly workers: number
  /** Hands orders to the worker that owns each slot (slot % workers), in batches. */
  send(orders: readonly DeliveryOrder[]): void
  /** Makes a domain's keys known to every worker before the first order that needs them. */
  setKeys(domain: Domain, keys: readonly SigningKeyMaterial[]): void
  /** Closes a slot's connection when it falls idle; its number is not used again. */
  retire(slot: SlotId): void
  /** Lets transactions under way finish within `patience`, then closes every connection. */
  stop(patience: Milliseconds): Promise<void>
}

export interface DeliveryPoolOptions {
  readonly workers: number
  /** EHLO name (RFC 5321 §4.1.1.1). */
  readonly hostname: string
  readonly timeouts: Patience
  /** Then a fresh connection is made. */
  readonly messagesPerConnection: number
  /** Reports of many slots at once; called on the thread that made the pool. */
  readonly onReports: (reports: readonly DeliveryReport[]) => void
  /** A worker that died: its slots' orders were lost and must go back untried. */
  readonly onWorkerLost: (worker: number, detail: string) => void
}
