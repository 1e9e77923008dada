//
// Owns: the columns of what is kept for certificates; tables.ts names the tables.

import type { Int } from './columns.ts'

export interface CertificateTable {
  host: string
  /** Of the authority that it is ordered from. */
  directory: string
  /** PEM, the leaf first; empty: none came yet. */
  chain: string
  sealed_key: Uint8Array | null
  /** JSON of the course: when it is renewed, what went wrong. */
  course: string
  /** When somebody asked for a new one; 0: nobody. */
  wanted_at: Int
  /** Empty: no order is under way. */
  order_url: string
  sealed_order_key: Uint8Array | null
  lease_by: string
  lease_until: Int
}

export interface AcmeAccountTable {
  directory: string
  sealed_key: Uint8Array
  /** Empty: the authority does not know it yet. */
  url: string
}

export interface AcmeChallengeTable {
  token: string
  answer: string
  expires_at: Int
}
