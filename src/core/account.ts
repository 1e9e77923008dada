import type { Domain } from './address.ts'
import type { AccountId, KeyId } from './ids.ts'
import type { Milliseconds } from './time.ts'

/** Named limits; null is without limit. An email is one recipient. */
export interface Plan {
  readonly name: string
  readonly apiPerSecond: number | null
  readonly mailPerSecond: number | null
}

export interface Account {
  readonly id: AccountId
  readonly name: string
  readonly plan: string
  readonly createdAt: Milliseconds
}

/** Whose our own notices are. It has no row, no key and no plan: nobody can write or read as it. */
export const SYSTEM_ACCOUNT = 'acc_system' as AccountId

/** `live` keys deliver; `test` keys accept everything and deliver nothing. */
export type KeyMode = 'live' | 'test'

export interface ApiKey {
  readonly id: KeyId
  readonly accountId: AccountId
  readonly name: string
  readonly mode: KeyMode
  /** The first characters, to tell keys apart in lists. */
  readonly prefix: string
  readonly createdAt: Milliseconds
  readonly lastUsedAt: Milliseconds | null
  readonly revokedAt: Milliseconds | null
}

/** Which DNS records were seen at the last look. */
export interface DomainChecks {
  readonly dkimRsa: boolean
  readonly dkimEd25519: boolean
  readonly returnPathMx: boolean
  readonly returnPathSpf: boolean
  readonly dmarc: boolean
  readonly tracking: boolean
}

/** What of its mail a domain lets be counted. */
export interface TrackingSwitches {
  readonly opens: boolean
  readonly clicks: boolean
}

export interface SenderTracking extends TrackingSwitches {
  /** The CNAME of the domain's own tracking host was seen. */
  readonly hostSeen: boolean
}

/** A domain an account may send as. Verified once both DKIM keys and the return path are published. */
export interface SendingDomain {
  readonly name: Domain
  readonly accountId: AccountId
  readonly createdAt: Milliseconds
  readonly verifiedAt: Milliseconds | null
  readonly checkedAt: Milliseconds | null
  readonly checks: DomainChecks
  readonly tracking: TrackingSwitches
}

export type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256'

/** A signing key as the store keeps it: the private half is encrypted with the master secret. */
export interface StoredDkimKey {
  readonly domain: Domain
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  /** What p= publishes: base64 of SubjectPublicKeyInfo (RSA) or of the raw 32 octets (Ed25519, RFC 8463). */
  readonly publicKey: string
  readonly sealedPrivateKey: Uint8Array
  readonly createdAt: Milliseconds
}
