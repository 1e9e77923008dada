//
// Owns: sending domains: adding one with its keys, what to publish, and looking whether it is published.
// Never: decides who may send; it gives the facts to submission.

import type {
  DkimAlgorithm,
  DomainChecks,
  SendingDomain,
  StoredDkimKey,
  TrackingSwitches,
} from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type GeneratedKey, generateKey } from '../../mail/dkim/key.ts'
import type { SigningKeyMaterial } from '../../net/delivery/order.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import type { DirectoryStore } from '../../store/store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { look, type Sights } from './look.ts'
import {
  type DnsRecord,
  dkimName,
  isComplete,
  isPublicSuffix,
  NOTHING_SEEN,
  type OwnNames,
  recordsFor,
  SELECTORS,
} from './records.ts'
import type { Secrets } from './secret.ts'

export interface DomainParts {
  readonly directory: Pick<
    DirectoryStore,
    'domains' | 'domain' | 'addDomain' | 'recordChecks' | 'switchTracking' | 'dkimKeys'
  >
  /** Best one that remembers nothing: who has just published a record does not want to hear that it is missing. */
  readonly resolver: Resolver
  readonly secrets: Secrets
  readonly clock: Clock
  readonly own: OwnNames
  /** generateKey unless said: primes are chance, and cost a second. */
  readonly newKey?: (algorithm: DkimAlgorithm) => Promise<GeneratedKey>
  /** Tells the caches of this node that something about a domain has changed. */
  readonly onChanged: (domain: Domain) => void
}

export interface DomainWithRecords {
  readonly domain: SendingDomain
  readonly records: readonly DnsRecord[]
}

export type AddFault =
  | StoreFault
  /** This account has it already. */
  | 'exists'
  /** Another account has it. */
  | 'taken'
  /** `co.uk` and `github.io` belong to everybody. */
  | 'public-suffix'

export class Domains {
  readonly #parts: DomainParts

  constructor(parts: DomainParts) {
    this.#parts = parts
  }

  list(account: AccountId | null): Promise<readonly SendingDomain[]> {
    return this.#parts.directory.domains(account)
  }

  async add(accountId: AccountId, name: Domain): Promise<Result<DomainWithRecords, AddFault>> {
    const { clock, directory, own, onChanged } = this.#parts
    if (isPublicSuffix(name)) return fault('public-suffix')
    const before = await directory.domain(name)
    if (before) return fault(before.accountId === accountId ? 'exists' : 'taken')
    const createdAt = clock.now()
    const domain: SendingDomain = {
      name,
      accountId,
      createdAt,
      verifiedAt: null,
      checkedAt: null,
      checks: NOTHING_SEEN,
      tracking: { opens: true, clicks: true },
    }
    const keys = await Promise.all([this.#makeKey(name, 'rsa-sha256'), this.#makeKey(name, 'ed25519-sha256')])
    const added = await directory.addDomain(domain, keys)
    if (!added.ok) return added
    onChanged(name)
    return ok({ domain, records: recordsFor(name, keys, own, null) })
  }

  /** For what the configuration names: what is there stays as it is. */
  async ensure(
    accountId: AccountId,
    name: Domain,
  ): Promise<Result<SendingDomain, Exclude<AddFault, 'exists'>>> {
    const added = await this.add(accountId, name)
    if (added.ok) return ok(added.value.domain)
    if (added.error !== 'exists') return fault(added.error)
    const there = await this.#parts.directory.domain(name)
    if (!there) return fault('unavailable')
    // Another node may have been quicker, for whichever account.
    return there.accountId === accountId ? ok(there) : fault('taken')
  }

  /** The account is part of the question (invariant I12); null is the operator's own view. */
  async find(name: Domain, account: AccountId | null): Promise<DomainWithRecords | null> {
    const { directory, own } = this.#parts
    const domain = await directory.domain(name)
    if (!domain || (account !== null && domain.accountId !== account)) return null
    const keys = await directory.dkimKeys(name)
    const seen = domain.checkedAt === null ? null : domain.checks
    return { domain, records: recordsFor(name, keys, own, seen) }
  }

  /**
   * Looks at the DNS and keeps what it saw. A domain is verified as long as the last look that got answers saw
   * every required record: keys that were taken away, or a name that changed hands, end it.
   */
  async verify(
    name: Domain,
    account: AccountId | null,
  ): Promise<Result<DomainWithRecords, StoreFault | 'not-found'>> {
    const { clock, directory, onChanged, own, resolver } = this.#parts
    const found = await this.find(name, account)
    if (!found) return fault('not-found')
    const keys = await directory.dkimKeys(name)
    const checks = merged(found.domain.checks, await look(resolver, name, keys, own))
    const checkedAt = clock.now()
    const verifiedAt = isComplete(checks) ? (found.domain.verifiedAt ?? checkedAt) : null
    const recorded = await directory.recordChecks(name, checks, checkedAt, verifiedAt)
    if (!recorded.ok) return recorded
    onChanged(name)
    const domain = { ...found.domain, checks, checkedAt, verifiedAt }
    return ok({ domain, records: recordsFor(name, keys, own, checks) })
  }

  /** What is left out stays as it is; what nothing changes is not written. */
  async switchTracking(
    name: Domain,
    wanted: { readonly opens?: boolean | undefined; readonly clicks?: boolean | undefined },
  ): Promise<Result<SendingDomain, StoreFault | 'not-found'>> {
    const { directory, onChanged } = this.#parts
    const domain = await directory.domain(name)
    if (!domain) return fault('not-found')
    const before = domain.tracking
    const tracking: TrackingSwitches = {
      opens: wanted.opens ?? before.opens,
      clicks: wanted.clicks ?? before.clicks,
    }
    if (tracking.opens === before.opens && tracking.clicks === before.clicks) return ok(domain)
    const switched = await directory.switchTracking(name, tracking)
    if (!switched.ok) return switched
    onChanged(name)
    return ok({ ...domain, tracking })
  }

  /** Private keys in clear, for the delivery workers alone; none for a domain that nobody added. */
  async signingKeys(name: Domain): Promise<readonly SigningKeyMaterial[]> {
    const keys = await this.#parts.directory.dkimKeys(name)
    return keys.map((key) => {
      const opened = this.#parts.secrets.open(purposeOf(key), key.sealedPrivateKey)
      // Signing with nothing would be worse than waiting: the operator has to bring the right secret back.
      if (!opened.ok) throw new Error(`the private key of ${dkimName(key)} cannot be opened: ${opened.error}`)
      const { domain, selector, algorithm } = key
      return { domain, selector, algorithm, privateKey: Buffer.from(opened.value).toString('latin1') }
    })
  }

  async #makeKey(domain: Domain, algorithm: DkimAlgorithm): Promise<StoredDkimKey> {
    const { newKey = generateKey } = this.#parts
    const { privateKey, publicKey } = await newKey(algorithm)
    const named = { domain, selector: SELECTORS[algorithm], algorithm, publicKey }
    const sealedPrivateKey = this.#parts.secrets.seal(purposeOf(named), Buffer.from(privateKey, 'latin1'))
    return { ...named, sealedPrivateKey, createdAt: this.#parts.clock.now() }
  }
}

/** Bound to its name: a sealed key cannot be put in the place of another. */
const purposeOf = (key: Pick<StoredDkimKey, 'domain' | 'selector'>): string => `dkim ${dkimName(key)}`

const merged = (before: DomainChecks, seen: Sights): DomainChecks => ({
  dkimRsa: seen.dkimRsa ?? before.dkimRsa,
  dkimEd25519: seen.dkimEd25519 ?? before.dkimEd25519,
  returnPathMx: seen.returnPathMx ?? before.returnPathMx,
  returnPathSpf: seen.returnPathSpf ?? before.returnPathSpf,
  dmarc: seen.dmarc ?? before.dmarc,
  tracking: seen.tracking ?? before.tracking,
})
