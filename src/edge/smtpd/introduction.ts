//
// Owns: who the client is: EHLO, STARTTLS, AUTH, and the account in whose name it may submit.
// Never: what it submits; that is session.ts.

import type { Submitter } from '../../core/submission.ts'
import { prefixOf } from '../../services/accounts/key-secret.ts'
import { type Next, SubmissionConnection } from './connection.ts'
import type { Reply } from './replies.ts'
import * as replies from './replies.ts'

export interface Command {
  /** Behind the verb and its space. */
  readonly rest: string
  /** The whole line. */
  readonly text: string
  readonly next: Next
}

/** How the library wants an AUTH answered; without a user it was refused. */
export type AuthAnswer = (
  error: null,
  answer: { user?: string; responseCode?: number; message?: string },
) => void

/** RFC 5321 §4.5.3.1.2. */
const MAX_HELO_OCTETS = 255

export abstract class IntroducedConnection extends SubmissionConnection {
  #proven: Submitter | null = null
  #secret = ''
  #authFailures = 0

  /** Answers an AUTH that the library has read: the password is the key, whatever the user name says (api.md A). */
  authenticate(secret: string, answer: AuthAnswer): void {
    this.await('ourselves')
    this.house.authenticator.authenticate(secret).then(
      (key) => {
        if (!key) {
          this.#authFailed(secret, answer)
          return
        }
        this.await('command')
        if (!this.arrival.place.prove(key.id)) {
          answer(null, { responseCode: 454, message: 'Too many connections with this key, try again later' })
          return
        }
        this.#proven = { accountId: key.accountId, keyId: key.id, mode: key.mode }
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
    return this.#proven === null || (await this.house.authenticator.authenticate(this.#secret)) !== null
  }

  /** Null: nobody may submit here yet. */
  protected submitter(): Submitter | null {
    return this.#proven ?? (this.arrival.keyless ? this.house.keylessSubmitter() : null)
  }

  protected whyNobody(): Reply {
    if (this.arrival.keyless) return replies.NO_ACCOUNT
    return this.secure || this.arrival.kind !== 'starttls' ? replies.NEED_AUTH : replies.NEED_TLS
  }

  protected hello(verb: 'EHLO' | 'HELO', { rest, next }: Command): Reply | null {
    const name = rest.trim()
    if (name === '' || name.length > MAX_HELO_OCTETS || name.includes(' ')) return replies.BAD_HELO
    this.openingCommand = verb
    this.hostNameAppearsAs = name
    // RFC 5321 §4.1.4: EHLO ends a transaction as RSET does.
    this.abandonTransaction()
    const first = `${this.house.hostname} greets ${this.remoteAddress}`
    this.sayLines(250, verb === 'HELO' ? [first] : [first, ...this.#extensions()])
    next()
    return null
  }

  #extensions(): string[] {
    const offered = [
      'PIPELINING',
      `SIZE ${this.house.door.limits.maxMessageSize}`,
      '8BITMIME',
      'SMTPUTF8',
      'DSN',
      'ENHANCEDSTATUSCODES',
    ]
    if (!this.secure && this.arrival.kind === 'starttls') offered.push('STARTTLS')
    if (this.secure) offered.push('AUTH PLAIN LOGIN')
    return offered
  }

  protected startTls({ rest, text, next }: Command): Reply | null {
    if (rest.trim() !== '') return replies.NO_ARGUMENT
    if (this.secure) return replies.TLS_ACTIVE
    if (this.arrival.kind !== 'starttls') return replies.NO_TLS
    this.handler_STARTTLS(Buffer.from(text), next)
    return null
  }

  protected auth({ text, next }: Command): Reply | null {
    if (!this.secure) return replies.AUTH_NEEDS_TLS
    if (!this.hostNameAppearsAs) return replies.NEED_EHLO
    this.handler_AUTH(Buffer.from(text), next)
    return null
  }

  #authFailed(secret: string, answer: AuthAnswer): void {
    const address = this.remoteAddress
    const { brake, clock, limits, log, meter } = this.house
    meter.count('smtp_auth_failures')
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
