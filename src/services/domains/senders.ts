//
// Owns: as which domain a From address of an account may be signed: facts for submission's policy.
// Asked for each message: answers are kept for a moment, so that the hot path reads no store.

import type { SenderTracking, SendingDomain } from '../../core/account.ts'
import { type Domain, parseDomain } from '../../core/address.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { DirectoryStore } from '../../store/store.ts'
import { Cache } from '../accounts/cache.ts'
import { missingOf, type OwnNames, recordsFor, registrableDomain } from './records.ts'

/** How long another node may go by what was true before. */
const LIFE: Milliseconds = 5 * SECOND
const MAX_SENDERS = 10_000
/** Each name is a read of the store; nobody sends from deeper down, but somebody could ask. */
const MAX_NAMES = 10

export type SigningDomain =
  | { readonly kind: 'verified'; readonly signingDomain: Domain; readonly tracking: SenderTracking }
  | {
      readonly kind: 'unverified'
      readonly signingDomain: Domain
      readonly missing: readonly string[]
      readonly tracking: SenderTracking
    }
  | { readonly kind: 'unknown' }

export interface SenderParts {
  readonly directory: Pick<DirectoryStore, 'domain' | 'dkimKeys'>
  readonly clock: Clock
  readonly own: OwnNames
}

export class Senders {
  readonly #parts: SenderParts
  readonly #known: Cache<SigningDomain>

  constructor(parts: SenderParts) {
    this.#parts = parts
    this.#known = new Cache(parts.clock, { life: LIFE, most: MAX_SENDERS })
  }

  /** The domain itself or its nearest parent that this account added; a verified one wins over a nearer other. */
  factsFor(account: AccountId, domain: Domain): Promise<SigningDomain> {
    return this.#known.get(`${account} ${domain}`, () => this.#find(account, domain))
  }

  /** A domain was added or looked at: its subdomains are touched as well. */
  forget(): void {
    this.#known.clear()
  }

  async #find(account: AccountId, domain: Domain): Promise<SigningDomain> {
    let nearest: SendingDomain | null = null
    for (const name of selfAndParents(domain)) {
      const found = await this.#parts.directory.domain(name)
      if (found?.accountId !== account) continue
      if (found.verifiedAt !== null) {
        return { kind: 'verified', signingDomain: name, tracking: trackingOf(found) }
      }
      nearest ??= found
    }
    return nearest ? this.#unverified(nearest) : { kind: 'unknown' }
  }

  async #unverified(domain: SendingDomain): Promise<SigningDomain> {
    const { directory, own } = this.#parts
    const keys = await directory.dkimKeys(domain.name)
    const records = recordsFor(domain, keys, own, domain.checks)
    const missing = missingOf(records)
    return { kind: 'unverified', signingDomain: domain.name, missing, tracking: trackingOf(domain) }
  }
}

const trackingOf = ({ checks, tracking }: SendingDomain): SenderTracking => ({
  ...tracking,
  hostSeen: checks.tracking,
})

/** Up to what can be registered, never beyond: `co.uk` signs for nobody. The last ones of a very deep name. */
function selfAndParents(domain: Domain): readonly Domain[] {
  const top = registrableDomain(domain)
  if (top === null) return []
  const names = [domain]
  for (let name = parentOf(domain); name !== null && name.length >= top.length; name = parentOf(name)) {
    names.push(name)
  }
  return names.slice(-MAX_NAMES)
}

function parentOf(domain: Domain): Domain | null {
  const parsed = parseDomain(domain.slice(domain.indexOf('.') + 1))
  return parsed.ok ? parsed.value : null
}
