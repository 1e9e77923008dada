//
// Owns: what a user changes about himself: his password, and the second factor. Each wants the password once more.

import type { Ids, SessionId, UserId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { KnownUser, PeopleStore } from '../../store/people-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { codeUri, inBase32, newCodeSecret, newRecoveryCodes, recoveryHash, stepOf } from './codes.ts'
import { changedLetter, type Place, type Post } from './letters.ts'
import type { LoginFault, Prover } from './logins.ts'
import { type Passwords, passwordFault } from './passwords.ts'
import type { Sessions } from './sessions.ts'

export interface ProfileParts {
  readonly store: Pick<PeopleStore, 'user' | 'renameUser' | 'setPassword' | 'setCodes' | 'takeStep'>
  readonly prover: Pick<Prover, 'again'>
  readonly passwords: Passwords
  readonly sessions: Pick<Sessions, 'changed'>
  readonly post: Post
  readonly place: Place
  readonly clock: Clock
  readonly ids: Pick<Ids, 'request'>
  readonly seal: (user: UserId, secret: Uint8Array) => Uint8Array
  readonly open: (user: UserId, sealed: Uint8Array) => Uint8Array | null
}

export type ProfileFault =
  | LoginFault
  | { readonly kind: 'password'; readonly say: string }
  | { readonly kind: 'has-codes' }
  | { readonly kind: 'no-codes' }
  /** The code is not the one that the authenticator shows. */
  | { readonly kind: 'wrong-code' }

/** Who asks, and what he proves it with. */
export interface Proof {
  readonly user: UserId
  readonly session: SessionId
  readonly password: string
  readonly peer: string
}

export interface Enrolment {
  readonly secret: string
  readonly uri: string
}

type Done<T> = Promise<Result<T, ProfileFault>>

const store = (error: StoreFault) => fault({ kind: 'store', error } as const)

export class Profile {
  readonly #parts: ProfileParts

  constructor(parts: ProfileParts) {
    this.#parts = parts
  }

  async rename(user: UserId, name: string): Promise<Result<boolean, StoreFault>> {
    const done = await this.#parts.store.renameUser(user, name)
    this.#parts.sessions.changed()
    return done
  }

  /** All his other sessions end. */
  async changePassword(proof: Proof, next: string): Done<void> {
    const { passwords, prover, sessions } = this.#parts
    const known = await prover.again(proof.user, proof)
    if (!known.ok) return known
    const { user } = known.value
    const wrong = passwordFault(next, user.address)
    if (wrong !== null) return fault({ kind: 'password', say: wrong })
    const hashed = await passwords.hash(next)
    if (hashed === null) return fault({ kind: 'later', after: 1000 })
    const set = await this.#parts.store.setPassword(user.id, hashed, proof.session)
    sessions.changed()
    if (!set.ok) return store(set.error)
    this.#tell(known.value, 'Your password was changed')
    return ok(undefined)
  }

  /** Nothing is asked for at logins until the first code is confirmed. */
  async enrol(proof: Proof): Done<Enrolment> {
    const { place, prover, seal } = this.#parts
    const known = await prover.again(proof.user, proof)
    if (!known.ok) return known
    const { credentials, user } = known.value
    if (credentials.codes.sealed !== null) return fault({ kind: 'has-codes' })
    const secret = newCodeSecret()
    const pending = { ...credentials.codes, pending: seal(user.id, secret) }
    const kept = await this.#parts.store.setCodes(user.id, credentials.codes, pending)
    if (!kept.ok) return store(kept.error)
    const issuer = `MailWok ${new URL(place.publicUrl).host}`
    return ok({ secret: inBase32(secret), uri: codeUri(secret, { label: user.address, issuer }) })
  }

  /** From now on logins want a code. The codes that come back work once each, and are told this once. */
  async confirm(id: UserId, code: string): Done<readonly string[]> {
    const { clock, open } = this.#parts
    const known = await this.#parts.store.user(id)
    const codes = known?.credentials.codes
    if (!known || !codes || codes.pending === null) return fault({ kind: 'no-codes' })
    if (codes.sealed !== null) return fault({ kind: 'has-codes' })
    const secret = open(id, codes.pending)
    const step = secret === null ? null : stepOf(secret, code, clock.now())
    if (step === null) return fault({ kind: 'wrong-code' })
    const recovery = newRecoveryCodes()
    const after = {
      sealed: codes.pending,
      pending: null,
      // This code is used up as well.
      step: Math.max(step, codes.step),
      recovery: recovery.map(recoveryHash),
    }
    const kept = await this.#parts.store.setCodes(id, codes, after)
    if (!kept.ok) return store(kept.error)
    if (!kept.value) return fault({ kind: 'no-codes' })
    this.#tell(known, 'One-time codes were switched on')
    return ok(recovery)
  }

  /** Wants a code as well, or one that works once: who has only the password must not get rid of them. */
  async disable(proof: Proof, code: string): Done<void> {
    const known = await this.#parts.prover.again(proof.user, { ...proof, code })
    if (!known.ok) return known
    if (known.value.credentials.codes.sealed === null) return fault({ kind: 'no-codes' })
    return this.dropCodes(proof.user)
  }

  /** By the operator, for who lost telephone and paper. */
  async dropCodes(id: UserId): Done<void> {
    const known = await this.#parts.store.user(id)
    if (known === null) return fault({ kind: 'no-codes' })
    const { codes } = known.credentials
    const none = { sealed: null, pending: null, step: codes.step, recovery: [] }
    const kept = await this.#parts.store.setCodes(id, codes, none)
    if (!kept.ok) return store(kept.error)
    if (!kept.value) return fault({ kind: 'later', after: 1000 })
    this.#tell(known, 'One-time codes were switched off')
    return ok(undefined)
  }

  #tell({ user }: KnownUser, what: string): void {
    const { ids, place, post } = this.#parts
    void post(changedLetter(place, { to: user.address, what, key: ids.request() }))
  }
}
