import type { KeyAccess } from './access.ts'
import type { Domain } from './address.ts'
import type { AccountId, KeyId } from './ids.ts'
import type { Milliseconds } from './time.ts'

/** Named limits; null is without limit. An email is one recipient. */
export interface Plan {
  readonly name: string
  readonly apiPerSecond: number | null
  readonly mailPerSecond: number | null
  /** By UTC day and calendar month; test keys count nothing. */
  readonly mailPerDay?: number | null
  readonly mailPerMonth?: number | null
  /** Sending domains; those of the configuration come in beyond it. */
  readonly maxDomains?: number | null
}

export interface Account {
  readonly id: AccountId
  readonly name: string
  readonly plan: string
  readonly createdAt: Milliseconds
  readonly state: AccountState
  /** Why it is suspended, for people; empty else. */
  readonly reason: string
  /** Since when it is in this state. */
  readonly since: Milliseconds
  readonly settings: AccountSettings
}

export type NewAccount = Pick<Account, 'id' | 'name' | 'plan' | 'createdAt'>

/** Active and without settings. */
export const newAccount = (of: NewAccount): Account => ({
  ...of,
  state: 'active',
  reason: '',
  since: of.createdAt,
  settings: {},
})

/** `suspended` accepts and sends nothing; `deleting` is on its way out and does not come back. */
export type AccountState = 'active' | 'suspended' | 'deleting'

/** What an account says of itself; what is absent is as for a new one. */
export interface AccountSettings {
  /** IANA name, for what is shown to people. */
  readonly timeZone?: string
  /** Who hears of the account's quota, beside the operator. */
  readonly contact?: string
}

/** Whose our own notices are. It has no row, no key and no plan: nobody can write or read as it. */
export const SYSTEM_ACCOUNT = 'acc_system' as AccountId

/** `live` keys deliver; `test` keys accept everything and deliver nothing. */
export type KeyMode = 'live' | 'test'

export interface ApiKey extends KeyAccess {
  readonly id: KeyId
  readonly accountId: AccountId
  readonly name: string
  readonly mode: KeyMode
  /** The first characters, to tell keys apart in lists. */
  readonly prefix: string
  readonly createdAt: Milliseconds
  readonly lastUsedAt: Milliseconds | null
  /** The address that used it last. */
  readonly lastUsedFrom: string | null
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
  /** The host of links in its mail; null: track.<domain>. */
  readonly trackingHost: Domain | null
  /** Keys are changed by the clock, once the next one is published. */
  readonly dkimRotation: boolean
  /** Somebody asked for other keys: as soon as the next ones are seen. */
  readonly rotationWanted: boolean
}

export type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256'

/** `next` signs nothing and waits for its record; `retired` signs nothing any more, its record still proves what is on the way. */
export type DkimKeyState = 'active' | 'next' | 'retired'

/** A signing key as the store keeps it: the private half is encrypted with the master secret. */
export interface StoredDkimKey {
  readonly domain: Domain
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  /** What p= publishes: base64 of SubjectPublicKeyInfo (RSA) or of the raw 32 octets (Ed25519, RFC 8463). */
  readonly publicKey: string
  readonly sealedPrivateKey: Uint8Array
  readonly createdAt: Milliseconds
  readonly state: DkimKeyState
  /** Made here, or brought along from another mail server. */
  readonly origin: 'made' | 'imported'
  readonly activatedAt: Milliseconds | null
  readonly retiredAt: Milliseconds | null
  /** Looks in a row that saw its record right: the first of them, the last, and how many. */
  readonly seenSince: Milliseconds | null
  readonly seenAt: Milliseconds | null
  readonly seenLooks: number
}
