//
// Owns: API keys from making to revoking, and who stands behind one (Authenticator).
// A revoked key is refused at once on this node and within KEY_LIFE on others; the secret is shown once.

import { FULL_ACCESS, type KeyAccess } from '../../core/access.ts'
import type { ApiKey, KeyMode } from '../../core/account.ts'
import type { AccountId, Ids, KeyId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { KeyChange, KeyStore, KeyUse } from '../../store/account-store.ts'
import type { QueueStore } from '../../store/store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { Authenticator } from './authenticate.ts'
import { Cache } from './cache.ts'
import { hashOf, modeOf, newKeySecret, prefixOf } from './key-secret.ts'
import { isFrom } from './networks.ts'

/** How long another node may go on accepting a key that was revoked here. */
const KEY_LIFE: Milliseconds = 5 * SECOND
/** Keys in use at once; a miss costs one read of the store. */
const MAX_KEYS = 10_000
/** `last used` is a hint for people: one write for all keys in so long. */
const TOUCH_EVERY: Milliseconds = 30 * SECOND

export interface KeyParts {
  readonly directory: Omit<KeyStore, 'revokeKeysOf'>
  readonly queue: Pick<QueueStore, 'command' | 'drop'>
  readonly clock: Clock
  readonly ids: Pick<Ids, 'key' | 'event'>
}

export interface NewKey {
  readonly accountId: AccountId
  readonly name: string
  readonly mode: KeyMode
  /** Absent: everything of its account. */
  readonly access?: KeyAccess
}

/** Of an account, those that open something: whoever makes more has lost sight of them. */
export const MAX_KEYS_OF_ACCOUNT = 500

export interface MadeKey {
  readonly key: ApiKey
  /** Shown to the person who asked, and never again. */
  readonly secret: string
}

/** What becomes of mail that a revoked key has queued. */
export type QueuedMail = 'leave' | 'hold' | 'drop'

export class Keys implements Authenticator {
  readonly #parts: KeyParts
  readonly #known: Cache<ApiKey | null>
  readonly #uses = new Map<KeyId, KeyUse>()
  #cancelTouch: (() => void) | null = null

  constructor(parts: KeyParts) {
    this.#parts = parts
    this.#known = new Cache(parts.clock, { life: KEY_LIFE, most: MAX_KEYS })
  }

  async authenticate(secret: string, from?: string): Promise<ApiKey | null> {
    if (modeOf(secret) === null) return null
    const hash = hashOf(secret)
    const name = Buffer.from(hash).toString('base64')
    const key = await this.#known.get(name, () => this.#parts.directory.keyByHash(hash))
    // What is unknown is not remembered: strangers' guesses must not push out keys in use.
    if (key === null) this.#known.forget(name)
    if (key === null || !this.opens(key) || !isFrom(key.networks, from ?? '')) return null
    this.#touch(key.id, from ?? null)
    return key
  }

  /** Neither revoked nor expired. */
  opens({ expiresAt, revokedAt }: Pick<ApiKey, 'expiresAt' | 'revokedAt'>): boolean {
    return revokedAt === null && (expiresAt === null || this.#parts.clock.now() < expiresAt)
  }

  async create(wanted: NewKey): Promise<Result<MadeKey, StoreFault>> {
    const secret = newKeySecret(wanted.mode)
    const made = await this.#add(wanted, secret)
    if (made.ok) return ok({ key: made.value, secret })
    if (made.error === 'exists') throw new Error('two keys came out alike: the random generator is broken')
    return fault(made.error)
  }

  /** A key whose secret the configuration names; one that was revoked stays revoked. */
  async ensure(
    wanted: Omit<NewKey, 'mode'>,
    secret: string,
  ): Promise<Result<ApiKey, StoreFault | 'malformed'>> {
    const mode = modeOf(secret)
    if (mode === null) return fault('malformed')
    const hash = hashOf(secret)
    const before = await this.#parts.directory.keyByHash(hash)
    if (before) return ok(before)
    const made = await this.#add({ ...wanted, mode }, secret)
    if (made.ok) return made
    if (made.error !== 'exists') return fault(made.error)
    // Another node was quicker.
    const theirs = await this.#parts.directory.keyByHash(hash)
    return theirs ? ok(theirs) : fault('unavailable')
  }

  list(account: AccountId | null): Promise<readonly ApiKey[]> {
    return this.#parts.directory.keys(account)
  }

  /** Null: it is not the asker's. */
  async get(id: string, owner: AccountId | null): Promise<ApiKey | null> {
    return (await this.list(owner)).find((key) => key.id === id) ?? null
  }

  /** False: it is revoked. */
  async change(key: ApiKey, change: KeyChange): Promise<Result<boolean, StoreFault>> {
    const changed = await this.#parts.directory.changeKey(key.id, change)
    this.#known.clear()
    return changed
  }

  /** Another secret for the same; the one before opens for `overlap` more, which no expiry is put off by. */
  async rotate(key: ApiKey, overlap: Milliseconds): Promise<Result<MadeKey, StoreFault>> {
    const { accountId, name, mode, ...access } = key
    const made = await this.create({ accountId, name, mode, access })
    if (!made.ok) return made
    const end = this.#parts.clock.now() + overlap
    const expiresAt = key.expiresAt === null ? end : Math.min(key.expiresAt, end)
    const ended =
      overlap > 0 ? await this.change(key, { ...key, expiresAt }) : await this.revoke(key.id, accountId)
    return ended.ok ? made : ended
  }

  /** What another key of this node's memory may still open, after many were revoked at once. */
  forget(): void {
    this.#known.clear()
  }

  /**
   * False when there is no such key, or it was revoked before. `owner` is the account that asks, null the
   * operator: what is not the asker's is not there (invariant I12).
   */
  async revoke(
    id: KeyId,
    owner: AccountId | null,
    queued: QueuedMail = 'leave',
  ): Promise<Result<boolean, StoreFault>> {
    const { clock, directory, ids, queue } = this.#parts
    if (owner !== null && !(await this.list(owner)).some((key) => key.id === id)) return ok(false)
    const revoked = await directory.revokeKey(id, clock.now())
    this.#known.clear()
    if (revoked.ok && queued === 'hold') await queue.command('hold', { keyId: id }, clock.now())
    if (revoked.ok && queued === 'drop') await queue.drop({ keyId: id }, clock.now(), () => ids.event())
    return revoked
  }

  /** Writes down when keys were last used; also to be called before the store closes. */
  async flush(): Promise<void> {
    this.#cancelTouch?.()
    this.#cancelTouch = null
    const uses = [...this.#uses.values()]
    this.#uses.clear()
    if (uses.length > 0) await this.#parts.directory.touchKeys(uses)
  }

  #touch(id: KeyId, from: string | null): void {
    const { clock } = this.#parts
    this.#uses.set(id, { id, at: clock.now(), from })
    this.#cancelTouch ??= clock.after(TOUCH_EVERY, () => void this.flush())
  }

  async #add(wanted: NewKey, secret: string): Promise<Result<ApiKey, StoreFault | 'exists'>> {
    const { clock, directory, ids } = this.#parts
    const { access = FULL_ACCESS, accountId, mode, name } = wanted
    const { scopes, domains, addresses, networks, expiresAt } = access
    const key: ApiKey = {
      ...{ accountId, mode, name, scopes, domains, addresses, networks, expiresAt },
      id: ids.key(),
      prefix: prefixOf(secret),
      createdAt: clock.now(),
      lastUsedAt: null,
      lastUsedFrom: null,
      revokedAt: null,
    }
    const added = await directory.addKey(key, hashOf(secret))
    return added.ok ? ok(key) : added
  }
}
