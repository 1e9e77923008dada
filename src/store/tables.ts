//
// Owns: the columns of every table, as Kysely sees them. Both engines have the same tables and the same columns.
// Never: statements, or values of core/; those meet in rows.ts.
//
// Every column holds text, a whole number, a real number or bytes, in both engines: booleans are 0 and 1 and JSON is
// text, so that one mapping serves both.

import type { ColumnType } from 'kysely'
import type { AccountTable, ApiKeyTable, BucketTable, QuotaTable } from './account-tables.ts'
import type { AcmeAccountTable, AcmeChallengeTable, CertificateTable } from './certificate-tables.ts'
import type { Int, IntOrNull, Whole } from './columns.ts'
import type { DkimKeyTable, DomainCareTable, DomainTable } from './domain-tables.ts'
import type {
  InboundPostTable,
  InboundRouteTable,
  LaneStateTable,
  ReportTable,
  StrikeTable,
  StsPolicyTable,
  TlsTallyTable,
  WarmupTable,
} from './learned-tables.ts'
import type {
  AuditTable,
  InvitationTable,
  MembershipTable,
  PasswordResetTable,
  SessionTable,
  UserTable,
} from './people-tables.ts'
import type {
  TemplateBuildTable,
  TemplateChangeTable,
  TemplateTable,
  TemplateVersionTable,
} from './template-tables.ts'
import type {
  AlertTable,
  SendingStateTable,
  StatTable,
  WebhookAttemptTable,
  WebhookPostTable,
  WebhookTable,
} from './told-tables.ts'

export interface Tables {
  contents: ContentTable
  messages: MessageTable
  deliveries: DeliveryTable
  waiting: WaitingTable
  leased: LeasedTable
  boots: BootTable
  destinations: DestinationTable
  lines: LineTable
  attempts: AttemptTable
  events: EventTable
  idempotency: IdempotencyTable
  accounts: AccountTable
  api_keys: ApiKeyTable
  domains: DomainTable
  dkim_keys: DkimKeyTable
  domain_care: DomainCareTable
  buckets: BucketTable
  quotas: QuotaTable
  suppressions: SuppressionTable
  reached: ReachedTable
  strikes: StrikeTable
  lane_states: LaneStateTable
  warmups: WarmupTable
  sts_policies: StsPolicyTable
  tls_tallies: TlsTallyTable
  certificates: CertificateTable
  acme_accounts: AcmeAccountTable
  acme_challenges: AcmeChallengeTable
  reports: ReportTable
  inbound_routes: InboundRouteTable
  inbound_posts: InboundPostTable
  webhooks: WebhookTable
  webhook_posts: WebhookPostTable
  webhook_attempts: WebhookAttemptTable
  stats: StatTable
  sending_states: SendingStateTable
  alerts: AlertTable
  audit: AuditTable
  users: UserTable
  memberships: MembershipTable
  invitations: InvitationTable
  sessions: SessionTable
  templates: TemplateTable
  template_versions: TemplateVersionTable
  template_builds: TemplateBuildTable
  template_changes: TemplateChangeTable
  password_resets: PasswordResetTable
  search_blocks: SearchBlockTable
  cursors: CursorTable
  meta: MetaTable
}

/** Some thousand messages in the order of acceptance: store/search/block.ts. */
export interface SearchBlockTable {
  first_id: string
  last_id: string
  messages: Int
  /** A bit for each state that a recipient is in. */
  states: Int
  /** 1: something may still become of some of it. */
  open: Int
  /** How often it was looked at again. */
  looks: Int
  next_look: IntOrNull
  /** The terms that it is found by: store/search/filter.ts. */
  filter: Uint8Array
}

export interface ContentTable {
  id: string
  kind: string
  sha256: Uint8Array
  size: Int
  created_at: Int
  bytes: Uint8Array
}

export interface MessageTable {
  id: string
  account_id: string
  key_id: string | null
  content_id: string
  source: string
  mode: string
  created_at: Int
  reverse_path: string | null
  from_mailbox: string
  signing_domain: string
  subject: string
  stream: string
  /** JSON array of strings. */
  tags: string
  /** JSON object or null. */
  custom: string | null
  track_opens: Int
  track_clicks: Int
  expires_at: Int
  size: Int
  campaign: string | null
  pool: string | null
  /** JSON of MessageWishes; null when there are none. */
  wishes: string | null
  /** JSON of Fill; null unless its content is merged. */
  fill: string | null
  /** When it is to leave; null: as soon as it can. */
  scheduled_at: IntOrNull
}

/** The id is `<message id>.<ordinal>`: the deliveries of a message are a range of the primary key. */
export interface DeliveryTable {
  id: string
  message_id: string
  account_id: string
  recipient: string
  destination: string
  state: string
  attempts: Int
  /** Null unless queued. */
  due_at: IntOrNull
  /** Not null exactly when the state is final. */
  finished_at: IntOrNull
  /** JSON of DsnWish or null. */
  dsn: string | null
  /** Where it waits whenever it waits (line.ts). */
  line: Int
}

/** A queued delivery stands in exactly one of `waiting` and `leased`; every other one in neither. */
export interface WaitingTable {
  line: Int
  due_at: Int
  delivery_id: string
}

export interface LeasedTable {
  delivery_id: string
  node: string
  boot: string
}

/** One heartbeat moves `alive_until` and by it every lease of that boot. */
export interface BootTable {
  node: string
  boot: string
  alive_until: Int
}

/** By which provider a destination was served when it was last routed. */
export interface DestinationTable {
  destination: string
  provider: string
}

/**
 * Who waits for the same: destination, rank, account and campaign. Kept counts: its `waiting` rows and the least due
 * time among them (null when none waits). `provider` is that of the destination, beside it for the sake of an index.
 */
export interface LineTable {
  id: Int
  destination: string
  /** 0 transactional, 1 marketing. */
  rank: Int
  account_id: string
  campaign: string
  provider: string
  next_due: IntOrNull
  waiting: Int
}

export interface AttemptTable {
  delivery_id: string
  number: Int
  outcome: string
  started_at: Int
  ended_at: Int
  mx: string | null
  address: string | null
  source: string | null
  /** JSON of version, cipher and verified, or null. */
  tls: string | null
  peer_software: string | null
  diagnostic: string
  code: IntOrNull
  enhanced_code: string | null
  /** `direct` or `relay:<host>`. */
  via: string
  transcript: string
}

export interface EventTable {
  /** Order of the log; the engine gives it. */
  seq: ColumnType<Whole, never, never>
  id: string
  account_id: string
  message_id: string
  delivery_id: string
  recipient: string
  type: string
  at: Int
  /** JSON of what this type says beyond the columns. */
  body: string
}

export interface IdempotencyTable {
  account_id: string
  key: string
  body_hash: string
  answer: string
  created_at: Int
}

export interface SuppressionTable {
  account_id: string
  recipient: string
  /** A stream, or empty for all of them. */
  stream: string
  reason: string
  created_at: Int
  expires_at: IntOrNull
  event_id: string | null
  note: string
  /** By whose word, for what a receiver said; empty otherwise. */
  provider: string
}

/** Addresses that took mail before, each as 53 bits of a hash of its lower-case form. */
export interface ReachedTable {
  hash: Int
}

/** How far each follower of the log has come. */
export interface CursorTable {
  follower: string
  position: string
}

export interface MetaTable {
  key: string
  value: string
}
