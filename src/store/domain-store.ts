//
// Owns: sending domains, their signing keys and what was seen of their records, as services see them in the store.
// Never: private keys in the clear, or what follows from what was seen.

import type {
  DkimAlgorithm,
  DomainChecks,
  SendingDomain,
  StoredDkimKey,
  TrackingSwitches,
} from '../core/account.ts'
import type { Domain } from '../core/address.ts'
import type { AccountEvent } from '../core/event.ts'
import type { Finding } from '../core/finding.ts'
import type { AccountId } from '../core/ids.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

/** A domain that was removed is found by none of these but `dkimKeys` and `awaitsReturns`: mail that was accepted before is signed to its end. */
export interface DomainStore {
  domains(account: AccountId | null): Promise<readonly SendingDomain[]>
  domain(name: Domain): Promise<SendingDomain | null>
  /** Bounces of its mail may still come back: it is there, or was removed lately. */
  awaitsReturns(name: Domain): Promise<boolean>
  /** The domain and its signing keys in one commit; one that was removed under this name is forgotten with its keys. */
  addDomain(
    domain: SendingDomain,
    keys: readonly StoredDkimKey[],
  ): Promise<Result<void, StoreFault | 'exists'>>
  /** Only those that have one of their own. */
  trackingHosts(): Promise<ReadonlyMap<Domain, string>>
  switchDomain(name: Domain, switches: DomainSwitches): Promise<Result<void, StoreFault>>
  /** False: it was not there. */
  removeDomain(name: Domain, at: Milliseconds): Promise<Result<boolean, StoreFault>>
  /** What was removed before, with its keys. */
  forgetDomains(before: Milliseconds): Promise<Result<void, StoreFault>>

  dkimKeys(name: Domain): Promise<readonly StoredDkimKey[]>
  /** All in one commit; `exists`: one that is added is there already, and nothing was changed. */
  changeKeys(change: KeyChange): Promise<Result<void, StoreFault | 'exists'>>

  /** Null: nobody has looked yet. */
  care(name: Domain): Promise<DomainCare | null>
  /** Whose turn it is to be looked at, the longest due first. */
  dueLooks(now: Milliseconds, limit: number): Promise<readonly DueLook[]>
  /** Moves its turn on: of several nodes one gets true. */
  takeLook(look: DueLook, until: Milliseconds): Promise<Result<boolean, StoreFault>>
  /** What a look saw and what follows from it, in one commit. */
  recordLook(look: RecordedLook): Promise<Result<void, StoreFault>>
}

export interface DomainSwitches {
  readonly rotationWanted: boolean
  readonly tracking: TrackingSwitches
  readonly trackingHost: Domain | null
  readonly dkimRotation: boolean
}

export interface DomainCare {
  readonly lookAt: Milliseconds
  /** Since when and in how many looks in a row something required was wrong although the domain is verified. */
  readonly wrongSince: Milliseconds | null
  readonly wrongLooks: number
  /** What the account was asked to do; the same is not asked twice. */
  readonly told: string
  readonly findings: readonly Finding[]
}

export interface DueLook {
  readonly name: Domain
  readonly lookAt: Milliseconds
}

export interface KeySight {
  readonly selector: string
  readonly seenSince: Milliseconds | null
  readonly seenAt: Milliseconds | null
  readonly seenLooks: number
}

export interface RecordedLook {
  readonly name: Domain
  readonly checks: DomainChecks
  readonly at: Milliseconds
  readonly verifiedAt: Milliseconds | null
  readonly care: DomainCare
  readonly sights: readonly KeySight[]
  readonly events: readonly AccountEvent[]
}

export interface KeyChange {
  readonly domain: Domain
  readonly at: Milliseconds
  /** The key under this selector signs from now on, the one of its algorithm that has signed is retired. */
  readonly activate: readonly { readonly selector: string; readonly algorithm: DkimAlgorithm }[]
  readonly add: readonly StoredDkimKey[]
  /** Added before the others take their turns: one of these may be activated at once. */
  readonly bring?: readonly StoredDkimKey[]
  readonly remove: readonly string[]
  /** What was wanted by hand is done with it. */
  readonly grants?: boolean
  readonly events: readonly AccountEvent[]
}
