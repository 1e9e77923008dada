//
// Owns: one SMTP session of the submission agent (RFC 6409): which command may come when, the mail transaction,
// and what both are answered.
// Never: grammar (envelope-commands.ts), octets (wire.ts, body-reader.ts), or what the door decides.

import type { Milliseconds } from '../../core/time.ts'
import type { Refusal } from '../../services/submission/refusal.ts'
import type { BodyReader } from './body-reader.ts'
import { MAX_COMMAND_OCTETS, type Next } from './connection.ts'
import { parseMail, parseRcpt } from './envelope-commands.ts'
import { handOver, type Verdict } from './hand-over.ts'
import { type Command, IntroducedConnection } from './introduction.ts'
import type { Reply } from './replies.ts'
import * as replies from './replies.ts'
import { Transaction } from './transaction.ts'
import { type CommandLine, Wire } from './wire.ts'

/** A web page can make a browser speak to this port; its first line gives it away. */
const HTTP_LINE = /^[A-Z]+ \S+ HTTP\/\d/

export class SubmissionSession extends IntroducedConnection {
  #transaction: Transaction | null = null

  command(line: CommandLine, next: Next): void {
    const continuation = this._nextHandler
    this._nextHandler = false
    if (this._upgrading) next()
    else if (!line.printable) this.fail(replies.STRAY_OCTET, next)
    else if (continuation) continuation.call(this, Buffer.from(line.text), next)
    else this.#obey(line, next)
  }

  commandTooLong(next: Next): void {
    this._nextHandler = false
    this.fail(replies.LINE_TOO_LONG, next)
  }

  bodyGrew(body: BodyReader): void {
    this.#transaction?.grew(body, this.now())
  }

  bodyEnded(body: BodyReader, next: Next): void {
    this.await('ourselves')
    const transaction = this.#transaction
    const refusal = transaction ? this.#whyNotThis(transaction, body) : replies.NEED_MAIL
    if (refusal && body.flaw !== null) {
      // Whoever mixes line ends may mean to smuggle: the session ends with the message (T1).
      this.end(refusal)
    } else if (refusal || !transaction) {
      this.#answerMessage(refusal ?? replies.NEED_MAIL, next)
    } else {
      this.#askDoor(transaction, body).then(
        (verdict) => {
          if (verdict === 'revoked') {
            this.end(replies.KEY_REVOKED)
            return
          }
          if (verdict.refusal) this.#logRefusal(transaction, verdict.refusal)
          this.#answerMessage(verdict, next)
        },
        (bug: unknown) => {
          this.house.log.error('submission failed', { session: this.id, error: String(bug) })
          this.#answerMessage(replies.INTERNAL, next)
        },
      )
    }
  }

  protected bodyIsTooSlow(now: Milliseconds): Reply | null {
    return this.#transaction?.isTooSlow(now, this.house.limits) ? replies.TOO_SLOW : null
  }

  protected abandonTransaction(): void {
    this.#transaction?.end()
    this.#transaction = null
  }

  #obey({ text, octets }: CommandLine, next: Next): void {
    this.await('command')
    const space = text.indexOf(' ')
    const verb = (space === -1 ? text : text.slice(0, space)).toUpperCase()
    const reply = HTTP_LINE.test(text)
      ? replies.NOT_HTTP
      : text.includes('\ufffd')
        ? replies.NO_UTF8
        : octets > MAX_COMMAND_OCTETS && verb !== 'AUTH'
          ? replies.LINE_TOO_LONG
          : this.#answerTo(verb, { rest: space === -1 ? '' : text.slice(space + 1), text, next })
    if (reply === null) return
    if (reply.code >= 500) this.fail(reply, next)
    else if (reply.code === 421) this.end(reply)
    else {
      this.say(reply)
      next()
    }
  }

  /** Null: the command is answered by other means, and `next` will be called. */
  #answerTo(verb: string, command: Command): Reply | null {
    switch (verb) {
      case 'MAIL':
        return this.#mail(command.rest)
      case 'RCPT':
        return this.#rcpt(command.rest)
      case 'DATA':
        return this.#data(command.rest)
      case 'RSET':
        this.abandonTransaction()
        return replies.RESET
      case 'EHLO':
      case 'HELO':
        return this.hello(verb, command)
      case 'STARTTLS':
        return this.startTls(command)
      case 'AUTH':
        return this.#transaction ? replies.AUTH_IN_TRANSACTION : this.auth(command)
      case 'NOOP':
        return replies.RESET
      case 'VRFY':
        return replies.VRFY
      case 'HELP':
        return replies.HELP
      case 'QUIT':
        this.handler_QUIT(Buffer.from(command.text), command.next)
        return null
      case 'EXPN':
      case 'BDAT':
        return replies.NOT_OFFERED
      default:
        return replies.UNKNOWN_COMMAND
    }
  }

  #mail(rest: string): Reply {
    if (!this.hostNameAppearsAs) return replies.NEED_EHLO
    const submitter = this.submitter()
    if (!submitter) return this.whyNobody()
    if (this.#transaction) return replies.NESTED_MAIL
    if (rest.slice(0, 5).toUpperCase() !== 'FROM:') return replies.BAD_MAIL
    const mail = parseMail(rest.slice(5))
    if (!mail.ok) return mail.error
    const declared = mail.value.declaredSize ?? 0
    if (declared > this.house.door.limits.maxMessageSize) return this.#tooLarge()
    if (!this.house.admission.hasRoomFor(declared)) return replies.NO_ROOM
    this.#transaction = new Transaction(mail.value, submitter, this.arrival.place)
    return replies.SENDER_OK
  }

  #rcpt(rest: string): Reply {
    const transaction = this.#transaction
    if (!transaction) return this.#whyNoMail()
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
    forwardPaths.add(forwardPath)
    return replies.RECIPIENT_OK
  }

  #whyNoMail(): Reply {
    return this.submitter() ? replies.NEED_MAIL : this.whyNobody()
  }

  #data(rest: string): Reply {
    const transaction = this.#transaction
    if (!transaction) return this.#whyNoMail()
    if (rest.trim() !== '') return replies.NO_ARGUMENT
    if (transaction.forwardPaths.size === 0) return replies.NEED_RCPT
    const body = transaction.startBody(this.house.door.limits.maxMessageSize, this.now())
    if (body && this._parser instanceof Wire) {
      this._parser.startBody(body)
      this.await('body')
      return replies.START_MAIL
    }
    this.abandonTransaction()
    return replies.NO_ROOM
  }

  #whyNotThis(transaction: Transaction, body: BodyReader): Reply | null {
    if (body.flaw !== null) return replies.flawed(body.flaw)
    if (body.tooLarge) return this.#tooLarge()
    return transaction.noRoom ? replies.NO_ROOM : null
  }

  async #askDoor(transaction: Transaction, body: BodyReader): Promise<Verdict | 'revoked'> {
    const { clock, door, ids, limits } = this.house
    if (!(await this.isStillProven())) return 'revoked'
    return handOver(
      { door, clock, rateLimitWait: limits.rateLimitWait },
      {
        source: 'smtp',
        submitter: transaction.submitter,
        reversePath: transaction.mail.reversePath,
        forwardPaths: [...transaction.forwardPaths],
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

  #logRefusal({ submitter }: Transaction, refusal: Refusal): void {
    const { accountId: account, keyId: key } = submitter
    const facts = { session: this.id, address: this.remoteAddress, account, key, code: refusal.code }
    this.house.log.info('message refused', { ...facts, ...refusal.log })
  }

  #answerMessage(reply: Reply, next: Next): void {
    this.abandonTransaction()
    if (reply.code === 250) this.forgiveErrors()
    this.house.meter.count('smtp_messages', 1, reply.code === 250 ? ACCEPTED : REFUSED)
    this.say(reply)
    if (this.retiring) {
      this.end(replies.SHUTTING_DOWN)
      return
    }
    this.await('command')
    next()
  }

  #tooLarge(): Reply {
    return replies.tooLarge(this.house.door.limits.maxMessageSize)
  }
}

const ACCEPTED = { result: 'accepted' }
const REFUSED = { result: 'refused' }
