//
// Owns: the envelope between MAIL and the final dot, and what arrives for it.

import type { ForwardPath } from '../../core/address.ts'
import type { DsnWish, MessageWishes } from '../../core/message.ts'
import type { Submitter } from '../../core/submission.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Place } from './admission.ts'
import { BodyReader } from './body-reader.ts'
import type { MailCommand, RcptCommand } from './envelope-commands.ts'
import type { SessionLimits } from './options.ts'

/** Room for a message of unknown size is taken in steps of this. */
const ROOM_STEP_OCTETS = 64 * 1024

type AnyMail = Omit<MailCommand, 'reversePath'>

export class Transaction<Mail extends AnyMail = AnyMail> {
  readonly mail: Mail
  /** In the order given, each once. */
  readonly forwardPaths = new Set<ForwardPath>()
  noRoom = false
  readonly #place: Place
  #reserved = 0
  #startedAt: Milliseconds = 0
  #grewAt: Milliseconds = 0
  #body: BodyReader | null = null

  constructor(mail: Mail, place: Place) {
    this.mail = mail
    this.#place = place
  }

  /** Null when there is no room for what the client declared. */
  startBody(maxSize: number, now: Milliseconds): BodyReader | null {
    const declared = this.mail.declaredSize ?? 0
    if (!this.#place.reserve(declared)) return null
    this.#reserved = declared
    this.#startedAt = now
    this.#grewAt = now
    this.#body = new BodyReader(maxSize)
    return this.#body
  }

  /** A declared size is a promise, not a fact: what comes beyond it needs room as well. */
  grew(body: BodyReader, now: Milliseconds): void {
    this.#grewAt = now
    if (body.size <= this.#reserved || this.noRoom || body.tooLarge) return
    const more = Math.max(body.size - this.#reserved, ROOM_STEP_OCTETS)
    if (this.#place.reserve(more)) {
      this.#reserved += more
      return
    }
    this.noRoom = true
    body.discard()
  }

  /** Gives its room back. The door may still hold the message: that is the store's room then. */
  end(): void {
    this.#body?.discard()
    this.#place.release()
  }

  /** Silence, a trickle, or no end (T17). */
  isTooSlow(now: Milliseconds, limits: SessionLimits): boolean {
    const running = now - this.#startedAt
    if (now - this.#grewAt > limits.dataPause || running > limits.dataDeadline) return true
    return running > limits.dataRateGrace && ((this.#body?.taken ?? 0) * 1000) / running < limits.dataRate
  }
}

export class SubmittedTransaction extends Transaction<MailCommand> {
  readonly submitter: Submitter
  /** RFC 3461, by forward-path; who asked for nothing is absent. */
  readonly dsn = new Map<ForwardPath, DsnWish>()

  constructor(mail: MailCommand, submitter: Submitter, place: Place) {
    super(mail, place)
    this.submitter = submitter
  }

  get wishes(): MessageWishes {
    const { envid, requireTls, ret } = this.mail
    return {
      ...(requireTls ? { requireTls } : {}),
      ...(envid === null ? {} : { envid }),
      ...(ret === null ? {} : { ret }),
    }
  }

  add({ forwardPath, notify, orcpt }: RcptCommand): void {
    this.forwardPaths.add(forwardPath)
    if (notify === null && orcpt === null) return
    this.dsn.set(forwardPath, {
      ...(notify === null ? {} : { notify }),
      ...(orcpt === null ? {} : { orcpt }),
    })
  }
}
