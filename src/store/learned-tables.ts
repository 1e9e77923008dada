//
// Owns: the columns of what is learned about receivers and of what comes back; tables.ts names the tables.

import type { Int, IntOrNull } from './columns.ts'

/** Bounces that count only together: a mailbox that is switched off twice is gone. */
export interface StrikeTable {
  account_id: string
  recipient: string
  count: Int
  last_at: Int
}

/** What was learned about a provider from one of our addresses; JSON of the shaping state. */
export interface LaneStateTable {
  provider: string
  /** Empty: the system's choice. */
  source: string
  state: string
  updated_at: Int
}

/** The warm-up ledger: one row per source and provider; `day` counts days since the epoch, UTC. */
export interface WarmupTable {
  source: string
  provider: string
  day: Int
  /** Marketing mails allowed on `day`. */
  budget: Int
  sent: Int
  deferred: Int
  hard_bounced: Int
  complained: Int
  blocked: Int
  warm_at: IntOrNull
}

/** MTA-STS policies as fetched (RFC 8461). */
export interface StsPolicyTable {
  domain: string
  policy_id: string
  mode: string
  /** The policy file, as fetched. */
  body: string
  fetched_at: Int
  expires_at: Int
}

/** TLS of the sessions that we opened, by day and policy domain: what our TLS-RPT reports are made of (RFC 8460). */
export interface TlsTallyTable {
  day: Int
  domain: string
  /** JSON of ReportedPolicy. */
  policy: string
  /** Empty for sessions that went well. */
  result_type: string
  mx: string
  address: string
  source: string
  detail: string
  count: Int
}

/** DMARC aggregate and TLS-RPT reports that others sent us, as read; `body` is JSON. */
export interface ReportTable {
  id: string
  kind: string
  domain: string
  organization: string
  report_id: string
  begin_at: Int
  end_at: Int
  received_at: Int
  body: string
}

/** Where mail for an address of ours goes. */
export interface InboundRouteTable {
  id: string
  account_id: string
  /** `local@domain` or `*@domain`. */
  pattern: string
  /** `forward` or `webhook`. */
  action: string
  target: string
  created_at: Int
}

/** Mail taken in for a webhook, until it has it. */
export interface InboundPostTable {
  id: string
  route_id: string
  account_id: string
  body: string
  attempts: Int
  due_at: IntOrNull
  created_at: Int
  last_error: string
}
