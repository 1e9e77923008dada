//
// Owns: what an operator can ask about sending domains, and how the answers look.

import type { Result } from '../core/result.ts'

type AdminAnswer<T> = Promise<Result<T, { readonly code: string; readonly message: string }>>

export interface DomainAdminActions {
  domainAdd(ask: { readonly name: string; readonly account: string }): AdminAnswer<readonly DnsRow[]>
  domainList(ask: { readonly account: string | null }): AdminAnswer<readonly DomainRow[]>
  domainDns(ask: { readonly name: string }): AdminAnswer<readonly DnsRow[]>
  domainVerify(ask: { readonly name: string }): AdminAnswer<Verification>
  /** Null: stays as it is. */
  domainTrack(ask: {
    readonly name: string
    readonly opens: boolean | null
    readonly clicks: boolean | null
  }): AdminAnswer<DomainTracking>
  /** Other keys as soon as their records were seen. */
  domainRotate(ask: { readonly name: string }): AdminAnswer<RotationRow>
  domainKeyList(ask: { readonly name: string }): AdminAnswer<readonly DkimKeyRow[]>
  domainImportKey(ask: {
    readonly name: string
    readonly selector: string
    /** PEM or base64. */
    readonly privateKey: string
  }): AdminAnswer<DkimKeyRow>
  /** Nobody may send as it any more; what was accepted before goes on. */
  domainRemove(ask: {
    readonly name: string
  }): AdminAnswer<{ readonly name: string; readonly publish_until: string }>
  /** What stands in the zone that is served from here (domains.dkim_zone). */
  domainZoneShow(ask: Readonly<Record<string, never>>): AdminAnswer<readonly ZoneRow[]>
}

/** The compiler holds the list complete. */
export const DOMAIN_ACTIONS = {
  domainAdd: 0,
  domainList: 0,
  domainDns: 0,
  domainVerify: 0,
  domainTrack: 0,
  domainRotate: 0,
  domainKeyList: 0,
  domainImportKey: 0,
  domainRemove: 0,
  domainZoneShow: 0,
} satisfies Record<keyof DomainAdminActions, 0>

export interface DnsRow {
  readonly type: string
  /** In full. */
  readonly name: string
  /** As zone editors want it: relative to the registrable domain. */
  readonly relative_name: string
  readonly value: string
  readonly purpose: string
  /** Without the required ones the domain is not verified. */
  readonly required: boolean
  /** The value of a TXT record in pieces of at most 255 octets (RFC 1035 §3.3). */
  readonly strings: readonly string[]
  /** ok, missing, wrong, warning, unknown; unchecked: nobody has looked. */
  readonly state: string
  /** What is so, and what to do, in a sentence each. */
  readonly message: string
  readonly fix: string
}

export interface DomainRow {
  readonly name: string
  readonly account: string
  readonly verified: boolean
  readonly created_at: string
  readonly checked_at: string | null
  /** Required records that were not seen at the last look, as `TYPE name`. */
  readonly missing: readonly string[]
  readonly track_opens: boolean
  readonly track_clicks: boolean
  /** pending, verified; failing: verified still, and no longer if it stays so for a day. */
  readonly status: string
}

export interface DomainTracking {
  readonly name: string
  readonly opens: boolean
  readonly clicks: boolean
  /** Where links of its mail lead at the moment; null: nowhere, they stay untracked. */
  readonly base: string | null
  /** Why they lead nowhere. */
  readonly why: string | null
}

export interface Verification {
  readonly name: string
  readonly verified: boolean
  readonly records: readonly (DnsRow & { readonly seen: boolean })[]
  /** All that was looked up, also what is not required. */
  readonly checks: readonly FindingRow[]
}

export interface FindingRow {
  readonly check: string
  readonly state: string
  readonly required: boolean
  readonly type: string
  readonly name: string
  readonly found: readonly string[]
  readonly message: string
  readonly fix: string
}

export interface DkimKeyRow {
  readonly selector: string
  readonly algorithm: string
  readonly state: string
  readonly origin: string
  readonly seen: boolean
  readonly name: string
  readonly value: string
  readonly created_at: string
  readonly activated_at: string | null
  readonly retired_at: string | null
  readonly publish_until: string | null
}

export interface RotationRow {
  readonly name: string
  readonly rotated: boolean
  /** Names of records that have to be seen before. */
  readonly waits_for: readonly string[]
  readonly keys: readonly DkimKeyRow[]
}

export interface ZoneRow {
  readonly name: string
  readonly value: string
  readonly strings: readonly string[]
}
