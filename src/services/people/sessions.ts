//
// Owns: sessions: who is logged in. A token opens one; it ends by itself when it is idle or old, and at once on this
// node, within a second on every other, when somebody ends it, disables its user or changes his role.

import { createHash } from 'node:crypto'
import type { AccountId, Ids, SessionId, UserId } from '../../core/ids.ts'
import type { Session } from '../../core/person.ts'
import type { Clock } from '../../core/ports.ts'
import { ok, type Result } from '../../core/result.ts'
import { DAY, HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import type { OpenSession, SessionStore } from '../../store/people-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { Cache } from '../accounts/cache.ts'
import { newToken, tokenHash } from './tokens.ts'

/** Unused for so long it ends (OWASP ASVS 3.3.2 asks for half a day at most where much is at stake). */
export const IDLE: Milliseconds = 12 * HOUR
/** And however much it is used, after so long. */
export const LIFE: Milliseconds = 14 * DAY
/** How long another node may go on taking a session that has ended. */
const KNOWN_FOR: Milliseconds = 800
const MOST = 10_000
/** `last used` is written once in so long. */
const TOUCH_EVERY: Milliseconds = MINUTE
const AGENT_LENGTH = 200

export interface SessionParts {
  readonly store: SessionStore
  readonly clock: Clock
  readonly ids: Pick<Ids, 'session'>
}

export interface NewSession {
  readonly userId: UserId
  readonly accountId: AccountId
  readonly peer: string
  readonly agent: string
}

export interface OpenedSession {
  readonly session: Session
  /** Told once. */
  readonly token: string
}

export class Sessions {
  readonly #parts: SessionParts
  readonly #known: Cache<OpenSession | null>

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#known = new Cache(parts.clock, { life: KNOWN_FOR, most: MOST })
  }

  async open(wanted: NewSession): Promise<Result<OpenedSession, StoreFault>> {
    const { clock, ids, store } = this.#parts
    const now = clock.now()
    const { hash, text } = newToken('mws')
    const session: Session = {
      ...wanted,
      agent: wanted.agent.slice(0, AGENT_LENGTH).toWellFormed(),
      id: ids.session(),
      createdAt: now,
      usedAt: now,
      expiresAt: now + LIFE,
    }
    const added = await store.addSession(session, hash)
    return added.ok ? ok({ session, token: text }) : added
  }

  /** Null: unknown, ended, or its user may not any more. */
  async find(token: string): Promise<OpenSession | null> {
    const hash = tokenHash('mws', token)
    if (hash === null) return null
    const name = createHash('sha256').update(hash).digest('base64')
    const found = await this.#known.get(name, () => this.#parts.store.session(hash))
    // Strangers' guesses must not push out sessions in use.
    if (found === null) this.#known.forget(name)
    if (found === null || !this.#isOpen(found.session)) return null
    this.#touch(found.session)
    return found
  }

  async list(user: UserId): Promise<readonly Session[]> {
    return (await this.#parts.store.sessions(user)).filter((session) => this.#isOpen(session))
  }

  async end(user: UserId, id: SessionId): Promise<Result<boolean, StoreFault>> {
    const ended = await this.#parts.store.endSession(user, id)
    this.changed()
    return ended
  }

  async endAll(user: UserId, keep: SessionId | null): Promise<Result<void, StoreFault>> {
    const ended = await this.#parts.store.endSessions(user, keep)
    this.changed()
    return ended
  }

  async turnTo(id: SessionId, account: AccountId): Promise<Result<boolean, StoreFault>> {
    const turned = await this.#parts.store.switchSession(id, account)
    this.changed()
    return turned
  }

  /** Somebody's sessions, role or standing changed here: nothing that this node remembers counts any more. */
  changed(): void {
    this.#known.clear()
  }

  #isOpen({ expiresAt, usedAt }: Session): boolean {
    const now = this.#parts.clock.now()
    return now < expiresAt && now < usedAt + IDLE
  }

  #touch({ id, usedAt }: Session): void {
    const now = this.#parts.clock.now()
    // Lost on a fault: the session ends a little earlier, nothing else depends on it.
    if (now >= usedAt + TOUCH_EVERY) void this.#parts.store.touchSession(id, now).catch(() => undefined)
  }
}
