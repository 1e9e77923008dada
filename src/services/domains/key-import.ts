//
// Owns: taking over DKIM keys that signed a domain's mail elsewhere: a key whose record stands in the DNS goes on at once,
// one whose record nobody has seen waits for it, and one that does not fit its record is refused.
// Never: gives a private key out again.

import type { DkimAlgorithm, StoredDkimKey } from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type ImportedKey, type ImportFault, readPrivateKey } from '../../mail/dkim/import.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import type { DomainStore } from '../../store/domain-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { dkimFinding } from './check-dkim.ts'
import type { KeyRing } from './key-ring.ts'
import type { DomainWithRecords } from './known-domain.ts'
import { dkimName } from './records.ts'

export interface BroughtKey {
  readonly selector: string
  /** PEM or base64. */
  readonly privateKey: string
}

export type ImportRefusal = {
  /** Which of those that were brought. */
  readonly at: number
  readonly why: ImportFault | 'bad-selector' | 'selector-taken' | 'algorithm-twice' | 'mismatch'
  /** For people. */
  readonly detail: string
}

export interface ImportParts {
  readonly directory: DomainStore
  readonly resolver: Resolver
  readonly clock: Clock
  readonly ring: KeyRing
}

/** RFC 6376 §3.1: labels with dots between. */
const SELECTOR = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/
const LONGEST_SELECTOR = 120

const WORDS: Readonly<Record<ImportFault, string>> = {
  unreadable: 'is no private key; want PEM (PKCS#8 or PKCS#1) or the base64 seed of an Ed25519 key',
  encrypted: 'is locked with a passphrase; take that off before',
  public: 'is the public half; want the private key',
  'too-short': 'is an RSA key of less than 2048 bits: such signatures count little and can be forged',
  'too-long': 'is an RSA key of more than 4096 bits, which receivers need not take',
  'other-kind': 'is no key for DKIM; want RSA or Ed25519',
}

interface Read {
  readonly selector: string
  readonly key: ImportedKey
}

interface Proven extends Read {
  readonly published: boolean
}

export class KeyImports {
  readonly #parts: ImportParts

  constructor(parts: ImportParts) {
    this.#parts = parts
  }

  /** For a domain that is being added: it signs from the start, as it has signed elsewhere. */
  async prove(
    domain: Domain,
    brought: readonly BroughtKey[],
  ): Promise<Result<readonly StoredDkimKey[], ImportRefusal>> {
    const keys: StoredDkimKey[] = []
    for (const [at, one] of brought.entries()) {
      const proven = await this.#proven(domain, one, at)
      if (!proven.ok) return proven
      const { key, selector } = proven.value
      if (keys.some((other) => other.selector === selector))
        return refused(at, 'selector-taken', `selector ${selector} is given twice`)
      if (keys.some((other) => other.algorithm === key.algorithm)) {
        return refused(
          at,
          'algorithm-twice',
          `is a second key of ${key.algorithm}; one of each algorithm signs`,
        )
      }
      keys.push(this.#kept(domain, proven.value, 'active'))
    }
    return ok(keys)
  }

  /** One whose record was seen signs from now on; another one is the next, and waits. */
  async into(
    { domain, keys }: Pick<DomainWithRecords, 'domain' | 'keys'>,
    brought: BroughtKey,
  ): Promise<Result<void, ImportRefusal | StoreFault>> {
    const { clock, directory } = this.#parts
    const proven = await this.#proven(domain.name, brought, 0)
    if (!proven.ok) return proven
    const { key, published, selector } = proven.value
    if (keys.some((other) => other.selector === selector)) {
      return refused(0, 'selector-taken', `${domain.name} has a key under the selector ${selector} already`)
    }
    const replaced = keys.filter(({ algorithm, state }) => algorithm === key.algorithm && state === 'next')
    // A domain that nobody may send as yet loses nothing.
    const atOnce = published || domain.verifiedAt === null
    const unused = keys.filter(
      (other) =>
        other.algorithm === key.algorithm &&
        other.state === 'active' &&
        domain.verifiedAt === null &&
        other.seenLooks === 0,
    )
    const done = await directory.changeKeys({
      domain: domain.name,
      at: clock.now(),
      activate: atOnce ? [{ selector, algorithm: key.algorithm }] : [],
      add: [],
      remove: atOnce ? unused.map((other) => other.selector) : replaced.map((other) => other.selector),
      bring: [this.#kept(domain.name, proven.value, 'next')],
      events: [],
    })
    if (done.ok) return ok(undefined)
    return done.error === 'exists'
      ? refused(0, 'selector-taken', `${domain.name} has a key under the selector ${selector} already`)
      : fault(done.error)
  }

  #kept(domain: Domain, { key, selector }: Read, state: 'active' | 'next'): StoredDkimKey {
    const algorithm: DkimAlgorithm = key.algorithm
    return this.#parts.ring.keep({ domain, selector, algorithm, state, origin: 'imported' }, key)
  }

  async #proven(domain: Domain, brought: BroughtKey, at: number): Promise<Result<Proven, ImportRefusal>> {
    const selector = brought.selector.trim().toLowerCase()
    if (!SELECTOR.test(selector) || selector.length > LONGEST_SELECTOR) {
      return refused(at, 'bad-selector', 'is no selector; want letters, digits and hyphens such as "s1"')
    }
    const key = readPrivateKey(brought.privateKey)
    if (!key.ok) return refused(at, key.error, WORDS[key.error])
    const { algorithm, publicKey } = key.value
    const place = { domain, selector, algorithm, publicKey, state: 'active' } as const
    const { message, state } = dkimFinding(place, await this.#parts.resolver.txt(dkimName(place)))
    if (state === 'wrong') return refused(at, 'mismatch', `does not fit what is published: ${message}`)
    return ok({ selector, key: key.value, published: state === 'ok' || state === 'warning' })
  }
}

const refused = (at: number, why: ImportRefusal['why'], detail: string) => fault({ at, why, detail })
