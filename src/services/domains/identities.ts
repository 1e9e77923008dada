//
// Owns: as whom a domain's mail leaves: its unsealed keys and the host of its return path, kept while mail flows.
// What an identity is made into is the caller's word (the queue adds the return-path maker).

import { hash } from 'node:crypto'
import type { Domain } from '../../core/address.ts'
import type { Clock } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { SigningKeyMaterial } from '../../net/delivery/order.ts'
import type { DirectoryStore } from '../../store/store.ts'
import type { Domains } from './domains.ts'
import { type OwnNames, returnPathHost } from './records.ts'

/** How long another node may go on signing with keys that were replaced. */
const LIFE: Milliseconds = 30 * SECOND
/** About 5 KB each. */
const MAX_IDENTITIES = 10_000

export interface IdentityFacts {
  readonly domain: Domain
  readonly keys: readonly SigningKeyMaterial[]
  /** bounce.<domain> once its MX and SPF were seen; else our own host, which surely takes bounces. */
  readonly returnPathHost: string
}

export interface IdentityParts<T> {
  readonly directory: Pick<DirectoryStore, 'domain'>
  readonly domains: Pick<Domains, 'signingKeys'>
  readonly clock: Clock
  readonly own: OwnNames
  make(facts: IdentityFacts): T
}

interface Known<T> {
  readonly identity: T
  /** SHA-256 of what it was made of: an unchanged domain keeps the same object. */
  readonly facts: string
  readonly until: Milliseconds
}

export class Identities<T> {
  readonly #parts: IdentityParts<T>
  readonly #known = new Map<Domain, Known<T>>()
  readonly #loading = new Map<Domain, Promise<T>>()

  constructor(parts: IdentityParts<T>) {
    this.#parts = parts
  }

  /** What is known and still valid, at once. */
  peek(domain: Domain): T | null {
    const known = this.#known.get(domain)
    return known && this.#parts.clock.monotonic() < known.until ? known.identity : null
  }

  /** The same object as long as nothing changed. Rejects when a key cannot be opened: mail waits for the right secret. */
  load(domain: Domain): Promise<T> {
    const underWay = this.#loading.get(domain)
    if (underWay !== undefined) return underWay
    const loading: Promise<T> = this.#read(domain).then((read) => {
      const isCurrent = this.#loading.get(domain) === loading
      return this.#identityOf(read, isCurrent)
    })
    this.#loading.set(domain, loading)
    const done = () => this.#loading.get(domain) === loading && this.#loading.delete(domain)
    loading.then(done, done)
    return loading
  }

  /** A domain was looked at or got other keys: the next peek finds nothing, the next load looks again. */
  forget(domain: Domain): void {
    // Who is loading now may have read what was before: its answer serves it alone.
    this.#loading.delete(domain)
    const known = this.#known.get(domain)
    if (known) this.#known.set(domain, { ...known, until: Number.NEGATIVE_INFINITY })
  }

  async #read(domain: Domain): Promise<IdentityFacts & { readonly until: Milliseconds }> {
    const { clock, directory, domains, own } = this.#parts
    const until = clock.monotonic() + LIFE
    const [stored, keys] = await Promise.all([directory.domain(domain), domains.signingKeys(domain)])
    const isPublished = stored?.checks.returnPathMx === true && stored.checks.returnPathSpf
    return { domain, keys, returnPathHost: isPublished ? returnPathHost(domain) : own.hostname, until }
  }

  #identityOf(read: IdentityFacts & { readonly until: Milliseconds }, isCurrent: boolean): T {
    const { until, ...made } = read
    const facts = hash('sha256', JSON.stringify(made), 'base64')
    const before = this.#known.get(read.domain)
    const identity = before?.facts === facts ? before.identity : this.#parts.make(made)
    if (isCurrent) this.#remember(read.domain, { identity, facts, until })
    return identity
  }

  #remember(domain: Domain, known: Known<T>): void {
    this.#known.delete(domain)
    this.#known.set(domain, known)
    if (this.#known.size <= MAX_IDENTITIES) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }
}
