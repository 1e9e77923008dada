//
// Owns: sending domains: adding one with its keys, what to publish, looking whether it is published, changing keys, and
// giving one up.
// Never: decides who may send; it gives the facts to submission. What a look means is verification.ts, whose turn a key
// is rotation.ts.

import type { DkimAlgorithm, Plan, SendingDomain, StoredDkimKey } from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'
import type { AccountEvent } from '../../core/event.ts'
import type { AccountId, Ids } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { HOUR, type Milliseconds } from '../../core/time.ts'
import type { GeneratedKey } from '../../mail/dkim/key.ts'
import type { SigningKeyMaterial } from '../../net/delivery/order.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import type { DomainStore, DomainSwitches } from '../../store/domain-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { DomainRoom } from './domain-room.ts'
import { type BroughtKey, type ImportRefusal, KeyImports } from './key-import.ts'
import { KeyRing } from './key-ring.ts'
import type { DomainWithRecords } from './known-domain.ts'
import { Looking } from './looking.ts'
import {
  dayAfter,
  dkimTarget,
  dkimValue,
  isPublicSuffix,
  NOTHING_SEEN,
  type OwnNames,
  recordsFor,
  stringsOf,
} from './records.ts'
import type { Secrets } from './secret.ts'

export interface DomainParts {
  readonly directory: DomainStore
  /** Best one that remembers nothing: who has just published a record does not want to hear that it is missing. */
  readonly resolver: Resolver
  readonly secrets: Secrets
  readonly clock: Clock
  readonly ids: Pick<Ids, 'event'>
  readonly own: OwnNames
  /** generateKey unless said: primes are chance, and cost a second. */
  readonly newKey?: (algorithm: DkimAlgorithm) => Promise<GeneratedKey>
  readonly options?: DomainOptions
  /** Absent: an account may add any number. */
  readonly planOf?: (account: AccountId) => Promise<Plan>
  /** Tells the caches of this node that something about a domain has changed. */
  readonly onChanged: (domain: Domain) => void
}

export interface DomainOptions {
  /** How often records are looked at that are right. */
  readonly checkEvery: Milliseconds
  /** How long a key signs; null: until somebody asks for another. */
  readonly rotateEvery: Milliseconds | null
}

const USUAL: DomainOptions = { checkEvery: 4 * HOUR, rotateEvery: null }

export type AddFault =
  | StoreFault
  /** This account has it already. */
  | 'exists'
  /** Another account has it. */
  | 'taken'
  /** `co.uk` and `github.io` belong to everybody. */
  | 'public-suffix'
  /** The account has as many as its plan allows. */
  | 'too-many'

export interface RemovedDomain {
  readonly domain: SendingDomain
  /** The day until which its DKIM records should stay. */
  readonly publishUntil: string
}

export interface ZoneRecord {
  readonly name: string
  readonly value: string
  readonly strings: readonly string[]
}

export type DomainChange = { readonly [K in keyof DomainSwitches]?: DomainSwitches[K] | undefined }

export class Domains {
  readonly #parts: DomainParts
  readonly #ring: KeyRing
  readonly #room: DomainRoom
  readonly #looking: Looking
  readonly #imports: KeyImports
  #told: (events: readonly AccountEvent[]) => Promise<void> = async () => undefined

  constructor(parts: DomainParts) {
    this.#parts = parts
    this.#ring = new KeyRing(parts)
    this.#room = new DomainRoom(parts)
    this.#looking = new Looking({ ...parts, ...(parts.options ?? USUAL), ring: this.#ring })
    this.#imports = new KeyImports({ ...parts, ring: this.#ring })
  }

  /** One listener: hears what stands in the log already. */
  onTold(told: (events: readonly AccountEvent[]) => Promise<void>): void {
    this.#told = told
  }

  list(account: AccountId | null): Promise<readonly SendingDomain[]> {
    return this.#parts.directory.domains(account)
  }

  async add(
    accountId: AccountId,
    name: Domain,
    brought: readonly StoredDkimKey[] = [],
  ): Promise<Result<DomainWithRecords, AddFault>> {
    return this.#room.within(accountId, () => this.#add(accountId, name, brought))
  }

  async #add(
    accountId: AccountId,
    name: Domain,
    brought: readonly StoredDkimKey[] = [],
  ): Promise<Result<DomainWithRecords, Exclude<AddFault, 'too-many'>>> {
    const { clock, directory, own, onChanged } = this.#parts
    if (isPublicSuffix(name)) return fault('public-suffix')
    const before = await directory.domain(name)
    if (before) return fault(before.accountId === accountId ? 'exists' : 'taken')
    const domain: SendingDomain = {
      name,
      accountId,
      createdAt: clock.now(),
      verifiedAt: null,
      checkedAt: null,
      checks: NOTHING_SEEN,
      tracking: { opens: true, clicks: true },
      trackingHost: null,
      dkimRotation: true,
      rotationWanted: false,
    }
    const keys = await this.#ring.makeAll(name, brought)
    const added = await directory.addDomain(domain, keys)
    if (!added.ok) return added
    onChanged(name)
    return ok({ domain, keys, records: recordsFor(domain, keys, own, null), care: null })
  }

  /** For what the configuration names: what is there stays as it is. */
  async ensure(
    accountId: AccountId,
    name: Domain,
  ): Promise<Result<SendingDomain, Exclude<AddFault, 'exists' | 'too-many'>>> {
    const { directory } = this.#parts
    // Nearly always it is there: no key is made only to be thrown away.
    const known = await directory.domain(name)
    if (known?.accountId === accountId) return ok(known)
    const added = await this.#add(accountId, name)
    if (added.ok) return ok(added.value.domain)
    if (added.error !== 'exists') return fault(added.error)
    const there = await directory.domain(name)
    if (!there) return fault('unavailable')
    // Another node may have been quicker, for whichever account.
    return there.accountId === accountId ? ok(there) : fault('taken')
  }

  /** The account is part of the question (invariant I12); null is the operator's own view. */
  async find(name: Domain, account: AccountId | null): Promise<DomainWithRecords | null> {
    const { directory, own } = this.#parts
    const domain = await directory.domain(name)
    if (!domain || (account !== null && domain.accountId !== account)) return null
    const [keys, care] = await Promise.all([directory.dkimKeys(name), directory.care(name)])
    const seen = domain.checkedAt === null ? null : domain.checks
    return { domain, keys, records: recordsFor(domain, keys, own, seen), care }
  }

  /**
   * Looks at the DNS and keeps what it saw. A domain is verified from the first look that saw every required record; it
   * ends when they were seen wrong for a day (verification.ts).
   */
  async verify(
    name: Domain,
    account: AccountId | null,
  ): Promise<Result<DomainWithRecords, StoreFault | 'not-found'>> {
    const found = await this.find(name, account)
    if (!found) return fault('not-found')
    const looked = await this.#looking.look(found)
    if (!looked.ok) return looked
    if (looked.value.length > 0) await this.#told(looked.value)
    const after = await this.find(name, account)
    return after ? ok(after) : fault('not-found')
  }

  /** Other keys as soon as their records were seen: at once where they were, else when a later look has seen them. */
  async rotate(
    name: Domain,
    account: AccountId | null,
  ): Promise<Result<DomainWithRecords, StoreFault | 'not-found'>> {
    const found = await this.find(name, account)
    if (!found) return fault('not-found')
    const wanted = await this.change(name, { rotationWanted: true })
    return wanted.ok ? this.verify(name, account) : wanted
  }

  /** What is left out stays as it is; what nothing changes is not written. */
  async change(name: Domain, wanted: DomainChange): Promise<Result<SendingDomain, StoreFault | 'not-found'>> {
    const { directory, onChanged } = this.#parts
    const domain = await directory.domain(name)
    if (!domain) return fault('not-found')
    const switches: DomainSwitches = {
      tracking: wanted.tracking ?? domain.tracking,
      trackingHost: wanted.trackingHost === undefined ? domain.trackingHost : wanted.trackingHost,
      dkimRotation: wanted.dkimRotation ?? domain.dkimRotation,
      rotationWanted: wanted.rotationWanted ?? domain.rotationWanted,
    }
    const next = { ...domain, ...switches }
    if (JSON.stringify(next) === JSON.stringify(domain)) return ok(domain)
    const switched = await directory.switchDomain(name, switches)
    if (!switched.ok) return switched
    onChanged(name)
    return ok(next)
  }

  async switchTracking(
    name: Domain,
    wanted: { readonly opens?: boolean | undefined; readonly clicks?: boolean | undefined },
  ): Promise<Result<SendingDomain, StoreFault | 'not-found'>> {
    const domain = await this.#parts.directory.domain(name)
    if (!domain) return fault('not-found')
    const { clicks = domain.tracking.clicks, opens = domain.tracking.opens } = wanted
    return this.change(name, { tracking: { opens, clicks } })
  }

  /** Nobody may send as it from now on; what was accepted before is signed and delivered as it was promised. */
  async remove(
    name: Domain,
    account: AccountId | null,
  ): Promise<Result<RemovedDomain, StoreFault | 'not-found'>> {
    const { clock, directory, onChanged } = this.#parts
    const domain = await directory.domain(name)
    if (!domain || (account !== null && domain.accountId !== account)) return fault('not-found')
    const now = clock.now()
    const removed = await directory.removeDomain(name, now)
    if (!removed.ok) return removed
    onChanged(name)
    return removed.value ? ok({ domain, publishUntil: dayAfter(now) }) : fault('not-found')
  }

  /** Proves the key against what is published, if anything is; the domain need not have been added yet. */
  bring(
    name: Domain,
    brought: readonly BroughtKey[],
  ): Promise<Result<readonly StoredDkimKey[], ImportRefusal>> {
    return this.#imports.prove(name, brought)
  }

  /** Into a domain that is there. */
  async importKey(
    name: Domain,
    account: AccountId | null,
    key: BroughtKey,
  ): Promise<Result<DomainWithRecords, ImportRefusal | StoreFault | 'not-found'>> {
    const found = await this.find(name, account)
    if (!found) return fault('not-found')
    const done = await this.#imports.into(found, key)
    if (!done.ok) return done
    this.#parts.onChanged(name)
    return this.verify(name, account)
  }

  /** What stands in the zone to which CNAME records of keys lead; empty where none is served from here. */
  async zone(): Promise<readonly ZoneRecord[]> {
    const { directory, own } = this.#parts
    const { dkimZone = '' } = own
    if (dkimZone === '') return []
    const records: ZoneRecord[] = []
    for (const { name } of await directory.domains(null)) {
      for (const key of await directory.dkimKeys(name)) {
        const value = dkimValue(key)
        records.push({ name: dkimTarget(key, dkimZone), value, strings: stringsOf(value) })
      }
    }
    return records
  }

  /** Private keys in clear, for the delivery workers alone; none for a domain that nobody added. */
  async signingKeys(name: Domain): Promise<readonly SigningKeyMaterial[]> {
    const keys = await this.#parts.directory.dkimKeys(name)
    return keys.filter(({ state }) => state === 'active').map((key) => this.#ring.open(key))
  }
}
