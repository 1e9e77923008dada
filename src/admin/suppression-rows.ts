//
// Owns: what the operator asks about the suppression list, and what he is answered. Keys as in the REST API.

export interface SuppressionDraft {
  readonly address: string
  /** `all` (the default), `marketing` or `list:<id>`. */
  readonly scope: string | null
  readonly reason: string | null
  readonly note: string | null
  readonly expires_at: string | null
}

export interface SuppressionPutAsk {
  readonly account: string
  readonly entries: readonly SuppressionDraft[]
  readonly dry_run: boolean
}

export interface SuppressionPutReport {
  readonly added: number
  readonly faults: readonly { readonly index: number; readonly field: string; readonly message: string }[]
}

export interface SuppressionPageAsk {
  readonly account: string
  readonly limit: number
  /** `next` of the page before. */
  readonly after: string | null
  readonly reason: string | null
  readonly scope: string | null
  readonly domain: string | null
  readonly include_expired: boolean
}

export interface SuppressionPage {
  readonly entries: readonly SuppressionRow[]
  readonly next: string | null
}

export interface SuppressionRow {
  readonly address: string
  readonly scope: string
  readonly reason: string
  readonly note: string
  /** What caused it; null for entries made by hand. */
  readonly event_id: string | null
  readonly created_at: string
  readonly expires_at: string | null
}
