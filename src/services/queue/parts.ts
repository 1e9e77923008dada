//
// Owns: what the queue needs of its neighbours, handed in by the root.

import type { Domain } from '../../core/address.ts'
import type { DeliveryId, Ids } from '../../core/ids.ts'
import type { ClaimedDelivery } from '../../core/message.ts'
import type { AttemptEvidence } from '../../core/outcome.ts'
import type { Clock, Dice, Log, Meter } from '../../core/ports.ts'
import type { Route } from '../../core/route.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { DeliveryPool, DeliveryPoolOptions, SigningKeyMaterial } from '../../net/delivery/order.ts'
import type { LaneStateStore } from '../../store/lane-store.ts'
import type { Holder, MessageStore, QueueStore } from '../../store/store.ts'
import type { Blocking } from '../../store/suppression-store.ts'
import type { ProviderBook } from '../routing/provider-book.ts'
import type { Encore } from '../sandbox/roles.ts'
import type { Departures } from './departures.ts'
import type { UnderWay } from './doubt.ts'

export interface QueueParts {
  readonly store: QueueStore
  readonly contents: Pick<MessageStore, 'contents' | 'delivery'>
  readonly underWay: UnderWay
  readonly laneStates: LaneStateStore
  readonly router: Routes
  readonly departures: Departures
  readonly identities: Identities
  readonly suppressed: (deliveries: readonly ClaimedDelivery[]) => Promise<ReadonlyMap<DeliveryId, Blocking>>
  /** Whether its sender may not send at the moment: it waits. */
  readonly isPaused: (delivery: Pick<ClaimedDelivery, 'accountId' | 'signingDomain' | 'stream'>) => boolean
  readonly openPool: (hooks: Pick<DeliveryPoolOptions, 'onReports' | 'onWorkerLost'>) => DeliveryPool
  /** Where TLS sessions are counted; absent: nowhere. */
  readonly tlsSessions?: (delivery: ClaimedDelivery, evidence: AttemptEvidence) => void
  /** A recipient of the sandbox was played, and does something more; absent: nobody plays that. */
  readonly onPlayed?: (delivery: ClaimedDelivery, encore: Encore) => void
  readonly holder: Holder
  readonly clock: Clock
  readonly dice: Dice
  readonly ids: Ids
  readonly log: Log
  /** Where a line for each attempt goes; absent: nowhere. */
  readonly attemptLog?: Log
  readonly meter: Meter
  readonly options: QueueOptions
}

export interface QueueOptions {
  readonly transport:
    | { readonly kind: 'mx'; readonly hello: string; readonly messagesPerConnection: number }
    | { readonly kind: 'capture'; readonly folder: string }
  /** Octets of mail held in memory; the rest waits in the store. */
  readonly memory: number
  /** What is known of single providers. */
  readonly book: ProviderBook
  /** Connections at once per source to a provider that is in no book, at most. */
  readonly laneConnections: number
  /** Connections at work at once, over all lanes. */
  readonly maxConnections: number
  /** Deliveries of one lane held in memory. */
  readonly laneWaiting: number
  /** How long transactions under way may go on once a stop was asked for. */
  readonly stopPatience: Milliseconds
  /** False for nodes without the delivery role. */
  readonly deliver: boolean
}

export interface Routes {
  /** What is known and still valid, at once. `unbound`: for mail that no receiver's policy binds (RFC 8689 §5). */
  peek(domain: Domain, unbound?: boolean): Route | null
  find(domain: Domain, unbound?: boolean): Promise<Route>
}

/** As whom a domain's mail leaves: its keys, and where its bounces come back to. */
export interface Identity {
  readonly keys: readonly SigningKeyMaterial[]
  readonly returnPath: ReturnPathMaker
}
export type ReturnPathMaker = (delivery: ClaimedDelivery) => DeliveryReversePath
type DeliveryReversePath = ClaimedDelivery['reversePath']

export interface Identities {
  /** The same object as long as nothing changed. */
  peek(domain: Domain): Identity | null
  load(domain: Domain): Promise<Identity>
}
