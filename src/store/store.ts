//
// Owns: the one interface of the store, which two engines (sqlite/, postgres/) implement and one contract suite holds.
// Never: row shapes, SQL, or anything of an engine.
//
// Every promise of a write resolves after its fsync, never before (invariant I1). Writes that arrive while a commit
// runs share the next one; each keeps its own fate: one refusal refuses one member of the group.

import type { Domain } from '../core/address.ts'
import type { StoredContent } from '../core/content.ts'
import type { MailEvent } from '../core/event.ts'
import type { AccountId, ContentId, DeliveryId, EventId, KeyId, MessageId } from '../core/ids.ts'
import type { ClaimedDelivery, Delivery, DeliveryState, DsnWish, Message, Stream } from '../core/message.ts'
import type { AttemptEvidence } from '../core/outcome.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { AccountStore, KeyStore, PurgeStore, QuotaStore } from './account-store.ts'
import type { AlertStore } from './alert-store.ts'
import type { AuditStore } from './audit-store.ts'
import type { CertificateStore } from './certificate-store.ts'
import type { DomainStore } from './domain-store.ts'
import type { EngagementStore } from './engagement-store.ts'
import type { EventStore } from './event-store.ts'
import type { InboundStore } from './inbound-store.ts'
import type { LaneStateStore } from './lane-store.ts'
import type { LineId, LineKey } from './line.ts'
import type { LogStore } from './log-store.ts'
import type { PeopleStore } from './people-store.ts'
import type { ScheduleStore } from './schedule-store.ts'
import type { SearchStore } from './search-store.ts'
import type { SendingStore } from './sending-store.ts'
import type { StatsStore } from './stats-store.ts'
import type { StoreFault } from './store-fault.ts'
import type { SuppressionStore } from './suppression-store.ts'
import type { TemplateStore } from './template-store.ts'
import type { TlsStore } from './tls-store.ts'
import type { TokenAsk, TokenGrant } from './token-ask.ts'
import type { UpkeepStore } from './upkeep-store.ts'
import type { WarmupStore } from './warmup-store.ts'
import type { WebhookStore } from './webhook-store.ts'

export interface Store {
  readonly engine: 'sqlite' | 'postgres'
  readonly queue: QueueStore
  readonly messages: MessageStore
  readonly log: LogStore
  readonly tls: TlsStore
  readonly certificates: CertificateStore
  readonly directory: DirectoryStore
  readonly suppressions: SuppressionStore
  readonly warmups: WarmupStore
  readonly lanes: LaneStateStore
  readonly inbound: InboundStore
  readonly events: EventStore
  readonly engagement: EngagementStore
  readonly schedules: ScheduleStore
  readonly webhooks: WebhookStore
  readonly stats: StatsStore
  readonly sending: SendingStore
  readonly people: PeopleStore
  readonly templates: TemplateStore
  readonly audit: AuditStore
  readonly alerts: AlertStore
  readonly search: SearchStore
  readonly upkeep: UpkeepStore
  /** Waits for the commits under way, then closes every connection. */
  close(): Promise<void>
}

/** This process among all that share the store: a lease of an earlier boot is void. */
export interface Holder {
  readonly node: string
  readonly boot: string
}

// ── The queue: hot, plain SQL per engine ────────────────────────────────────────────────────────

export interface QueueStore {
  /** Content, message, deliveries and `queued` events in one commit. */
  accept(acceptance: Acceptance): Promise<Result<void, StoreFault | AcceptConflict>>
  /** All of them or none, whatever happens between: one member of one commit. */
  acceptAll(together: Together): Promise<Result<void, StoreFault | AcceptConflict>>
  /** Up to `limit` lines with something due, in the order of turns.ts: no tenant and no campaign stands before all others. */
  dueLines(ask: DueAsk): Promise<readonly DueLine[]>
  /** Takes due deliveries and leases them to `holder`, oldest due first within each line. */
  claim(asks: readonly ClaimAsk[], now: Milliseconds, holder: Holder): Promise<readonly ClaimedDelivery[]>
  /** What came of attempts. A settlement whose lease is no longer `holder`'s changes nothing and is counted as stale. */
  settle(settlements: readonly Settlement[], holder: Holder): Promise<Result<SettleCount, StoreFault>>
  /** Says that `holder` lives until `until`: extends all its leases at once. Boots of other nodes that are past theirs lose their leases; so do earlier boots of this node. Rejects when it could not be committed: the leases are then not extended. PostgreSQL goes by its own clock and takes of these times only how far they lie apart. */
  heartbeat(holder: Holder, now: Milliseconds, until: Milliseconds): Promise<Beat>
  /** Remembers by which provider a destination is served, so that `dueLines` can leave it out. */
  assignProviders(assignments: readonly { destination: Domain; provider: string }[]): Promise<void>
  /** Waiting deliveries by destination, most first, and how many are leased right now. */
  overview(limit: number): Promise<QueueOverview>
  /** Waiting deliveries that are due and whose message has expired, a page of those that wait at a time: their provider may be paused for days. */
  expired(ask: ExpiredAsk): Promise<ExpiredPage>
  /** The clock was set back by `back`: due times that lie ahead come as much nearer, but not before `now`, nor before what is scheduled. Returns how many. */
  bringForward(now: Milliseconds, back: Milliseconds): Promise<number>
  /** Moves queued deliveries (waiting, never leased ones) that match; returns how many. What is scheduled is due no earlier for it. Rejects when the store cannot be written to. */
  command(command: QueueCommand, filter: QueueFilter, now: Milliseconds): Promise<number>
  /** Ends what waits or is held and matches, each with its `cancelled` event; returns how many. Absent `reason`: the operator did. */
  drop(filter: QueueFilter, now: Milliseconds, eventId: () => EventId, reason?: string): Promise<number>
  /** When the earliest waiting delivery is due; null if none waits. */
  nextDueAt(): Promise<Milliseconds | null>
  /** What is heard of a delivery after its end: a DSN, a complaint. Telling the same twice adds nothing. */
  late(news: LateNews): Promise<Result<LateEnd, StoreFault>>
}

export interface Acceptance {
  readonly message: Message
  /** Null when the content is in the store already. */
  readonly content: StoredContent | null
  readonly deliveries: readonly NewDelivery[]
  readonly events: readonly MailEvent[]
  readonly idempotency: IdempotencyRecord | null
  /** Rows marked `leased` belong to this holder from the commit on. */
  readonly holder: Holder
}

/** What was asked for in one go. The first that shares a content brings it. */
export interface Together {
  readonly acceptances: readonly Omit<Acceptance, 'idempotency' | 'holder'>[]
  readonly idempotency: IdempotencyRecord | null
  readonly holder: Holder
}

export interface NewDelivery {
  readonly id: DeliveryId
  readonly recipient: Delivery['recipient']
  readonly destination: Domain
  readonly state: Extract<DeliveryState, 'queued' | 'suppressed' | 'held'>
  readonly dueAt: Milliseconds
  /** True when the dispatcher has granted room: it is handed over after the commit without being read back. */
  readonly leased: boolean
  /** RFC 3461. */
  readonly dsn: DsnWish | null
}

export interface IdempotencyRecord {
  readonly accountId: AccountId
  readonly key: string
  readonly bodyHash: string
  /** The answer to repeat, JSON. */
  readonly answer: string
  readonly createdAt: Milliseconds
}
/** The same (account, key) was accepted before: nothing of this acceptance was kept. */
export type AcceptConflict = 'idempotency-conflict'

export interface DueAsk {
  readonly now: Milliseconds
  readonly limit: number
  /** Providers that can take nothing now. */
  readonly busy: ReadonlySet<string>
  /** Providers that can take no marketing mail now (rank 1). */
  readonly busyMarketing: ReadonlySet<string>
}

export interface DueLine extends LineKey {
  readonly id: LineId
  /** Empty until the destination was routed once. */
  readonly provider: string
  readonly nextDueAt: Milliseconds
  /** Due or not. */
  readonly waiting: number
}

export type ClaimAsk =
  | { readonly line: LineId; readonly limit: number }
  /** This one, if it still stands there. */
  | Place

/** Where a delivery waits. */
export interface Place {
  readonly line: LineId
  readonly dueAt: Milliseconds
  readonly deliveryId: DeliveryId
}

export interface ExpiredAsk {
  readonly now: Milliseconds
  /** Where the last page ended; null at the start. */
  readonly after: Place | null
}
export interface ExpiredPage {
  readonly found: readonly Place[]
  /** Null: all that waits was looked at. */
  readonly next: Place | null
}
export interface Beat {
  /** Deliveries that came free. */
  readonly freed: number
  /** Another node had taken this boot for dead, and its leases: what is unsent must not be sent from here. */
  readonly buried: boolean
}

export interface Settlement {
  readonly deliveryId: DeliveryId
  /** Null when it goes back untried (shutdown, lane full). */
  readonly attempt: AttemptRecord | null
  readonly next:
    | { readonly state: Exclude<DeliveryState, 'queued' | 'held'>; readonly at: Milliseconds }
    | { readonly state: 'queued'; readonly dueAt: Milliseconds }
    | { readonly state: 'held' }
  readonly events: readonly MailEvent[]
}

/** One attempt as kept for evidence. */
export interface AttemptRecord extends AttemptEvidence {
  readonly number: number
  readonly outcome: 'delivered' | 'deferred' | 'bounced'
  /** The peer's words or the local cause. */
  readonly diagnostic: string
  readonly code: number | null
  readonly enhancedCode: string | null
}

export interface SettleCount {
  readonly settled: number
  readonly stale: number
}

/** Heard after the receiver took the message; the events and the move are one commit. */
export interface LateNews {
  readonly deliveryId: DeliveryId
  readonly events: readonly MailEvent[]
  /** `bounced`: a message said to be delivered came back; the only thing that changes a final state. */
  readonly becomes: 'bounced' | null
}
export type LateEnd =
  | 'added'
  /** It was told before, or the delivery has an end that this cannot change: nothing was written. */
  | 'known'
  /** Its attempt is not stored yet, or it still waits: nothing was written; worth asking the peer to come back (451). */
  | 'early'
  /** No such delivery, or retention has taken it. */
  | 'gone'

export interface QueueOverview {
  readonly destinations: readonly WaitingDestination[]
  readonly waiting: number
  readonly leased: number
  readonly held: number
  /** Where that is for, most first. */
  readonly heldFor: readonly { readonly destination: Domain; readonly held: number }[]
}

export interface WaitingDestination {
  readonly destination: Domain
  readonly provider: string
  readonly nextDueAt: Milliseconds
  readonly waiting: number
  /** What the receiver said the last time to the one that is due next; null if that was not tried yet. */
  readonly lastError: string | null
}
export type QueueCommand = 'retry' | 'hold' | 'release'
/** Empty filter: everything. */
export interface QueueFilter {
  readonly messageId?: MessageId
  readonly destination?: Domain
  readonly accountId?: AccountId
  readonly keyId?: KeyId
  readonly provider?: string
  readonly campaign?: string
  readonly stream?: Stream
}

// ── Messages and contents: what users look up ───────────────────────────────────────────────────

export interface MessageFate {
  /** In the order of the envelope. */
  readonly deliveries: readonly Delivery[]
  /** By delivery, then by number. */
  readonly attempts: readonly (AttemptRecord & { readonly deliveryId: DeliveryId })[]
  /** In the order of the log. */
  readonly events: readonly MailEvent[]
}

export interface MessageStore {
  /** The account is part of every look-up (invariant I12); null is the operator's own view (CLI). */
  get(id: MessageId, account: AccountId | null): Promise<Message | null>
  deliveries(id: MessageId): Promise<readonly Delivery[]>
  /** Of everybody's deliveries that were accepted last, those that are delivered; `among`: so many are looked at. */
  lastDelivered(among: number): Promise<readonly Delivery[]>
  /** One of them by its own name. */
  delivery(id: DeliveryId): Promise<Delivery | null>
  attempts(id: MessageId): Promise<MessageFate['attempts']>
  events(id: MessageId): Promise<readonly MailEvent[]>
  /** What became of it, all from one moment: nobody sees an attempt that delivered beside "queued". */
  fate(id: MessageId): Promise<MessageFate>
  /** Missing ids are simply absent. `damaged` when the bytes do not match their SHA-256. */
  contents(ids: readonly ContentId[]): Promise<ReadonlyMap<ContentId, StoredContent | 'damaged'>>
  idempotency(account: AccountId, key: string): Promise<IdempotencyRecord | null>
}

// ── Accounts, keys, domains: everyday statements, written once in Kysely ────────────────────────

export interface DirectoryStore extends AccountStore, KeyStore, QuotaStore, PurgeStore, DomainStore {
  /** Takes up to `want` tokens from an account's bucket and says how many it got and what is left (may be negative). */
  takeTokens(ask: TokenAsk): Promise<TokenGrant>
}
