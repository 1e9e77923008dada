//
// Owns: one SMTP session of the submission agent (RFC 6409): sender, recipients, and giving the message to the door.
// Never: grammar (envelope-commands.ts), order of commands (conversation.ts), or what the door decides.

import type { MetricLabels } from '../../core/ports.ts'
import type { Refusal } from '../../services/submission/refusal.ts'
import type { BodyReader } from './body-reader.ts'
import type { Next } from './connection.ts'
import { parseMail, parseRcpt } from './envelope-commands.ts'
import { handOver, type Verdict } from './hand-over.ts'
import { IntroducedConnection } from './introduction.ts'
import type { Reply } from './replies.ts'
import * as replies from './replies.ts'
import { SubmittedTransaction } from './transaction.ts'

export class SubmissionSession extends IntroducedConnection {
  bodyEnded(body: BodyReader, next: Next): void {
    this.await('ourselves')
    const transaction = this.transaction
    const refusal = transaction ? this.whyNotThis(transaction, body) : replies.NEED_MAIL
    if (refusal && body.flaw !== null) {
      // Whoever mixes line ends may mean to smuggle: the session ends with the message (T1).
      this.end(refusal)
    } else if (refusal || !transaction) {
      this.answerMessage(refusal ?? replies.NEED_MAIL, next)
    } else {
      this.#askDoor(transaction, body).then(
        (verdict) => {
          // The door keeps a copy of its own, behind our Received field.
          body.release()
          if (verdict === 'revoked') {
            this.end(replies.KEY_REVOKED)
            return
          }
          if (verdict.refusal) this.#logRefusal(transaction, verdict.refusal)
          this.answerMessage(verdict, next)
        },
        (bug: unknown) => {
          this.house.log.error('submission failed', { session: this.id, error: String(bug) })
          this.answerMessage(replies.INTERNAL, next)
        },
      )
    }
  }

  protected mail(rest: string): Reply {
    if (!this.hostNameAppearsAs) return replies.NEED_EHLO
    const submitter = this.submitter()
    if (!submitter) return this.whyNobody()
    if (this.transaction) return replies.NESTED_MAIL
    if (rest.slice(0, 5).toUpperCase() !== 'FROM:') return replies.BAD_MAIL
    const mail = parseMail(rest.slice(5), { requireTls: this.secure })
    if (!mail.ok) return mail.error
    const declared = mail.value.declaredSize ?? 0
    if (declared > this.house.maxMessageSize) return this.tooLarge()
    if (!this.house.admission.hasRoomFor(declared)) return replies.NO_ROOM
    this.transaction = new SubmittedTransaction(mail.value, submitter, this.arrival.place)
    return replies.SENDER_OK
  }

  protected rcpt(rest: string): Reply {
    const transaction = this.transaction
    if (!transaction) return this.whyNoMail()
    if (rest.slice(0, 3).toUpperCase() !== 'TO:') return replies.BAD_RCPT
    const { smtpUtf8 } = transaction.mail
    const rcpt = parseRcpt(rest.slice(3), { smtpUtf8, hostname: this.house.hostname })
    if (!rcpt.ok) return rcpt.error
    const { forwardPaths } = transaction
    const { forwardPath } = rcpt.value
    // 452 and not 552 (RFC 5321 §4.5.3.1.10): the client sends to the rest in a further transaction.
    if (forwardPaths.size >= this.house.door.limits.maxRecipients && !forwardPaths.has(forwardPath)) {
      return replies.TOO_MANY_RECIPIENTS
    }
    transaction.add(rcpt.value)
    return replies.RECIPIENT_OK
  }

  protected count(result: MetricLabels): void {
    this.house.meter.count('smtp_messages_total', 1, result)
  }

  protected whyNoMail(): Reply {
    return this.submitter() ? replies.NEED_MAIL : this.whyNobody()
  }

  async #askDoor(transaction: SubmittedTransaction, body: BodyReader): Promise<Verdict | 'revoked'> {
    const { clock, door, ids, limits } = this.house
    if (!(await this.isStillProven())) return 'revoked'
    return handOver(
      { door, clock, rateLimitWait: limits.rateLimitWait },
      {
        source: 'smtp',
        submitter: transaction.submitter,
        reversePath: transaction.mail.reversePath,
        forwardPaths: [...transaction.forwardPaths],
        dsn: transaction.dsn,
        wishes: transaction.wishes,
        bytes: body.bytes(),
        received: this.house.received({
          helo: this.hostNameAppearsAs || '',
          address: this.remoteAddress,
          extended: this.openingCommand === 'EHLO',
          secure: this.secure,
          authenticated: this.authenticated,
          smtpUtf8: transaction.mail.smtpUtf8,
          id: ids.request(),
          at: clock.now(),
        }),
      },
    )
  }

  #logRefusal({ submitter }: SubmittedTransaction, refusal: Refusal): void {
    const { accountId: account, keyId: key } = submitter
    const facts = { session: this.id, address: this.remoteAddress, account, key, code: refusal.code }
    this.house.log.info('message refused', { ...facts, ...refusal.log })
  }
}
