//
// Owns: what an operator is told of the certificates of this installation. Keys as in admin.ts.

import type { Result } from '../core/result.ts'

type AdminAnswer<T> = Promise<Result<T, { readonly code: string; readonly message: string }>>

export interface CertificateRow {
  readonly host: string
  /** `waits`: none came yet; `expires`: soon, and nothing renews it in time. */
  readonly state: 'valid' | 'waits' | 'expires' | 'expired'
  readonly source: 'acme' | 'files' | 'self-signed'
  /** Null: none yet. */
  readonly issuer: string | null
  readonly expires_at: string | null
  /** When the next order goes out; null: as soon as a node looks, or not by us. */
  readonly renews_at: string | null
  /** Null: the last order went well. */
  readonly error: string | null
  readonly error_at: string | null
  /** What to do about it. */
  readonly fix: string | null
}

export interface CertificateRenewal {
  /** Ordered at a node's next look. */
  readonly ordered: readonly string[]
}

export interface CertificateActions {
  tlsList(ask: Readonly<Record<string, never>>): AdminAnswer<readonly CertificateRow[]>
  /** Null: all of them. */
  tlsRenew(ask: { readonly name: string | null }): AdminAnswer<CertificateRenewal>
}

export const CERTIFICATE_ACTIONS = { tlsList: 0, tlsRenew: 0 } satisfies Record<keyof CertificateActions, 0>
