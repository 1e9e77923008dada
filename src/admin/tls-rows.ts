//
// Owns: what an operator is told of the encryption towards one recipient domain. Keys as in admin.ts.

export interface TlsView {
  readonly domain: string
  /** `waits`: what is demanded cannot be met now, and mail is not sent without it. `bounces`: there is nobody to send to. */
  readonly demand: 'none' | 'opportunistic' | 'required' | 'verified' | 'dane' | 'waits' | 'bounces'
  /** Who demands it, or why mail waits. */
  readonly why: string
  /** `[[tls_policy]]`; null: there is none. */
  readonly override: string | null
  /** In the order in which they are tried. */
  readonly hosts: readonly TlsHostRow[]
  readonly mta_sts: StsRow | null
  /** Where it wants TLS reports. */
  readonly reports_to: readonly string[]
}

export interface TlsHostRow {
  readonly mx: string
  readonly preference: number
  readonly demand: TlsView['demand']
  /** As a zone file writes them, those that can be used. */
  readonly tlsa: readonly string[]
}

export interface StsRow {
  readonly mode: string
  readonly id: string
  readonly mx: readonly string[]
  readonly fetched_at: string
  readonly expires_at: string
}
