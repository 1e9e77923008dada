//
// Owns: what the store keeps for certificates: chains and sealed keys by host, accounts at authorities, answers to their
// challenges. One store, many nodes: any of them answers, and one at a time orders.
// Never: opens a seal, or decides when something is due (services/certificates).

import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface CertificateStore {
  /** By host. */
  all(): Promise<readonly StoredCertificate[]>
  /** A row without a certificate where there is none. */
  expect(host: string): Promise<Result<void, StoreFault>>
  /** A new one is wanted now; false: there is no such row. */
  want(host: string, now: Milliseconds): Promise<Result<boolean, StoreFault>>
  /** False: another node has it. */
  lease(lease: CertificateLease): Promise<Result<boolean, StoreFault>>
  /** Only by who holds the lease; false: it was lost, and nothing was changed. */
  save(certificate: CertificateChange, by: string): Promise<Result<boolean, StoreFault>>
  drop(host: string): Promise<Result<void, StoreFault>>

  account(directory: string): Promise<StoredAcmeAccount | null>
  /** The first one stays: two nodes that begin at once end with the same. */
  addAccount(account: StoredAcmeAccount): Promise<Result<void, StoreFault>>
  nameAccount(directory: string, url: string): Promise<Result<void, StoreFault>>

  putChallenge(challenge: StoredChallenge): Promise<Result<void, StoreFault>>
  /** Null: it is not known, or has expired. */
  challenge(token: string, now: Milliseconds): Promise<string | null>
  forgetChallenges(before: Milliseconds): Promise<Result<void, StoreFault>>
}

export interface CertificateLease {
  readonly host: string
  readonly by: string
  readonly now: Milliseconds
  readonly until: Milliseconds
}

export interface StoredCertificate {
  readonly host: string
  readonly directory: string
  readonly chain: string
  readonly sealedKey: Uint8Array | null
  readonly course: string
  /** 0: nobody asked. */
  readonly wantedAt: Milliseconds
  readonly orderUrl: string
  readonly sealedOrderKey: Uint8Array | null
}

export interface CertificateChange extends StoredCertificate {
  readonly leaseUntil: Milliseconds
}

export interface StoredAcmeAccount {
  readonly directory: string
  readonly sealedKey: Uint8Array
  readonly url: string
}

export interface StoredChallenge {
  readonly token: string
  readonly answer: string
  readonly expiresAt: Milliseconds
}
