//
// Owns: what an operator is told of outgoing addresses. Keys as in admin.ts.

export interface SourceRow {
  /** Empty: the choice is the system's. */
  readonly address: string
  readonly family: 'ipv4' | 'ipv6' | null
  /** What EHLO says. */
  readonly hostname: string
  readonly ptr: 'ok' | 'missing' | 'mismatch' | 'unchecked' | 'private' | null
  /** What the PTR record says. */
  readonly ptr_name: string | null
  /** False: mail does not leave from it, for its PTR is not right. */
  readonly used: boolean
  readonly pool: string
  /** Providers at which it is known, and at which it still has a budget. */
  readonly warm: number
  readonly cold: number
  /** Those with the most mail today first. */
  readonly warmups: readonly WarmupRow[]
}

export interface WarmupRow {
  readonly provider: string
  readonly state: 'cold' | 'warm'
  /** Marketing mails today; null: as many as come. */
  readonly day_budget: number | null
  /** Mails of every stream. */
  readonly used_today: number
  readonly deferred_today: number
  readonly hard_bounced_today: number
  readonly complained_today: number
  readonly blocked_today: number
}
