//
// Owns: what the dispatcher asks of a delivery worker and what comes back. Plain data: it crosses threads.

import type { Domain, ForwardPath, ReversePath } from '../../core/address.ts'
import type { StoredContent } from '../../core/content.ts'
import type { DeliveryId } from '../../core/ids.ts'
import type { DsnWish, MessageWishes, Tracking } from '../../core/message.ts'
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
  /** What the submitter wants to be told (RFC 3461); passed on to a peer that offers DSN. */
  readonly dsn: DsnAsk | null
  /** RFC 8689: only over verified TLS, to a peer that promises the same. */
  readonly requireTls: boolean
  /** RFC 8689 §5, `TLS-Required: No`: whatever the policies of the receiver say, TLS is only an offer. */
  readonly tlsOptional: boolean
  /** What is each recipient's own in its copy; absent: nothing is, which is the cheapest. */
  readonly personal?: PersonalWish
  /** JSON of the message's Fill (core/content.ts), where the content is merged. */
  readonly fill?: string
}

/** Frozen at the door with the message. */
export interface PersonalWish {
  /** Links and a pixel in its html. */
  readonly tracking?: Extract<Tracking, { base: string }>
  /** Ways out stand marked in its header and text parts (mail/tracking/way-out.ts). */
  readonly unsubscribe?: true
}

/** Of the message (ENVID, RET) and of this recipient (NOTIFY, ORCPT). */
export type DsnAsk = DsnWish & Pick<MessageWishes, 'envid' | 'ret'>

export interface MxTransport {
  readonly kind: 'mx'
  readonly route: ReachableRoute
  /** Our address to connect from, which also picks the family; null leaves it to the system. A slot keeps its source. */
  readonly source: string | null
  /** What EHLO says: the name of that source (RFC 5321 §4.1.1.1). */
  readonly hello: string
  /** For evidence: `direct`, or `relay:<host>`. */
  readonly via: string
  /** As whom we speak to a relay (RFC 4954). It crosses to the worker and is written nowhere. */
  readonly auth: Credentials | null
  /** TLS from the first octet (RFC 8314 §3.3), as relays have it on port 465. */
  readonly implicitTls: boolean
  /** Then a fresh connection is made. */
  readonly messagesPerConnection: number
}

export interface Credentials {
  readonly username: string
  readonly password: string
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
  readonly timeouts: Patience
  /** Authorities (PEM) to trust instead of the system's when a certificate is verified; null: the system's. */
  readonly trust: { readonly ca: string } | null
  /** Proves the tokens of opens, clicks and ways out. */
  readonly trackingKey: Uint8Array
  /** Reports of many slots at once; called on the thread that made the pool. */
  readonly onReports: (reports: readonly DeliveryReport[]) => void
  /** A worker that died: its slots' orders were lost and must go back untried. */
  readonly onWorkerLost: (worker: number, detail: string) => void
}
