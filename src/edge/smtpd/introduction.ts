//
// Owns: who the client of the submission agent is: AUTH, and the account in whose name it may submit.
// Never: what it submits; that is session.ts.

import { holds } from '../../core/access.ts'
import { type Submitter, submitterOf } from '../../core/submission.ts'
import { prefixOf } from '../../services/accounts/key-secret.ts'
import { type Command, Conversation } from './conversation.ts'
import type { House } from './house.ts'
import type { Reply } from './replies.ts'
import * as replies from './replies.ts'
import type { SubmittedTransaction } from './transaction.ts'

/** How the library wants an AUTH answered; without a user it was refused. */
export type AuthAnswer = (
  error: null,
  answer: { user?: string; responseCode?: number; message?: string },
) => void

export abstract class IntroducedConnection extends Conversation<House, SubmittedTransaction> {
  #proven: Submitter | null = null
  #secret = ''
  #authFailures = 0

  /** Answers an AUTH that the library has read: the password is the key, whatever the user name says (api.md A). */
  authenticate(secret: string, answer: AuthAnswer): void {
    this.await('ourselves')
    this.house.authenticator.authenticate(secret, this.remoteAddress).then(
      (key) => {
        if (!key) {
          this.#authFailed(secret, answer)
          return
        }
        this.await('command')
        if (!holds(key, 'email:send')) {
          answer(null, { responseCode: 535, message: 'This key lacks the scope email:send' })
          return
        }
        if (!this.arrival.place.prove(key.id)) {
          answer(null, { responseCode: 454, message: 'Too many connections with this key, try again later' })
          return
        }
        this.#proven = submitterOf(key)
        this.#secret = secret
        answer(null, { user: key.id })
      },
      (bug: unknown) => {
        this.house.log.error('authentication failed', { session: this.id, error: String(bug) })
        this.await('command')
        answer(null, { responseCode: 454, message: 'Temporary authentication failure' })
      },
    )
  }

  protected get authenticated(): boolean {
    return this.#proven !== null
  }

  /** A session can outlive its key: who revokes a leaked one must not wait until the thief hangs up. */
  protected async isStillProven(): Promise<boolean> {
    if (this.#proven === null) return true
    const key = await this.house.authenticator.authenticate(this.#secret, this.remoteAddress)
    if (key === null || !holds(key, 'email:send')) return false
    // What it may write as may have been changed.
    this.#proven = submitterOf(key)
    return true
  }

  /** Null: nobody may submit here yet. */
  protected submitter(): Submitter | null {
    return this.#proven ?? (this.arrival.keyless ? this.house.keylessSubmitter() : null)
  }

  protected whyNobody(): Reply {
    if (this.arrival.keyless) return replies.NO_ACCOUNT
    return this.secure || this.arrival.kind !== 'starttls' ? replies.NEED_AUTH : replies.NEED_TLS
  }

  protected extensions(): readonly string[] {
    return this.secure ? ['DSN', 'REQUIRETLS', 'AUTH PLAIN LOGIN'] : ['DSN']
  }

  protected auth({ text, next }: Command): Reply | null {
    if (this.transaction) return replies.AUTH_IN_TRANSACTION
    if (!this.secure) return replies.AUTH_NEEDS_TLS
    if (!this.hostNameAppearsAs) return replies.NEED_EHLO
    this.handler_AUTH(Buffer.from(text), next)
    return null
  }

  #authFailed(secret: string, answer: AuthAnswer): void {
    const address = this.remoteAddress
    const { brake, clock, limits, log, meter } = this.house
    meter.count('smtp_auth_failures_total')
    log.warn('authentication refused', { session: this.id, address })
    clock.after(brake.failed(address, prefixOf(secret), clock.monotonic()), () => {
      if (++this.#authFailures >= limits.authFailures) {
        this.end(replies.TOO_MANY_AUTH_FAILURES)
        return
      }
      this.await('command')
      answer(null, { message: 'Authentication failed' })
    })
  }
}
