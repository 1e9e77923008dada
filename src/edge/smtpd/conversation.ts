//
// Owns: the course of any SMTP session on our listeners: which command may come when, EHLO, STARTTLS, the body between
// 354 and the final dot, and what all that is answered.
// Never: grammar (envelope-commands.ts), octets (wire.ts, body-reader.ts), who may send and where mail goes (the sessions).

import type { MetricLabels } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { BodyReader } from './body-reader.ts'
import { ListenerConnection, MAX_COMMAND_OCTETS, type Next } from './connection.ts'
import type { AnyHouse } from './house.ts'
import type { Reply } from './replies.ts'
import * as replies from './replies.ts'
import type { Transaction } from './transaction.ts'
import { type CommandLine, Wire } from './wire.ts'

export interface Command {
  /** Behind the verb and its space. */
  readonly rest: string
  /** The whole line. */
  readonly text: string
  readonly next: Next
}

/** A web page can make a browser speak to this port; its first line gives it away. */
const HTTP_LINE = /^[A-Z]+ \S+ HTTP\/\d/
/** RFC 5321 §4.5.3.1.2. */
const MAX_HELO_OCTETS = 255

export abstract class Conversation<H extends AnyHouse, T extends Transaction> extends ListenerConnection<H> {
  protected transaction: T | null = null

  /** Null: the command is answered by other means, and `next` will be called. So with the others. */
  protected abstract mail(rest: string): Reply
  protected abstract rcpt(rest: string, next: Next): Reply | null
  protected abstract auth(command: Command): Reply | null
  /** EHLO keywords beside those of every listener. */
  protected abstract extensions(): readonly string[]
  /** One message was answered. */
  protected abstract count(result: MetricLabels): void
  /** RCPT or DATA came before MAIL. */
  protected abstract whyNoMail(): Reply

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
    this.transaction?.grew(body, this.now())
  }

  protected bodyIsTooSlow(now: Milliseconds): Reply | null {
    return this.transaction?.isTooSlow(now, this.house.limits) ? replies.TOO_SLOW : null
  }

  protected abandonTransaction(): void {
    this.transaction?.end()
    this.transaction = null
  }

  /** What is wrong with a message that has come in whole; null when nobody has to be asked before it is handed on. */
  protected whyNotThis(transaction: T, body: BodyReader): Reply | null {
    if (body.flaw !== null) return replies.flawed(body.flaw)
    if (body.tooLarge) return this.tooLarge()
    return transaction.noRoom ? replies.NO_ROOM : null
  }

  protected tooLarge(): Reply {
    return replies.tooLarge(this.house.maxMessageSize)
  }

  /** The answer to the final dot. */
  protected answerMessage(reply: Reply, next: Next): void {
    this.abandonTransaction()
    if (reply.code === 250) this.forgiveErrors()
    this.count(reply.code === 250 ? ACCEPTED : REFUSED)
    this.say(reply)
    if (this.retiring) {
      this.end(replies.SHUTTING_DOWN)
      return
    }
    this.await('command')
    next()
  }

  /** One reply to one command, with the price of errors. */
  protected answer(reply: Reply, next: Next): void {
    if (reply.code >= 500) this.fail(reply, next)
    else if (reply.code === 421) this.end(reply)
    else {
      this.say(reply)
      next()
    }
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
    if (reply !== null) this.answer(reply, next)
  }

  #answerTo(verb: string, command: Command): Reply | null {
    switch (verb) {
      case 'MAIL':
        return this.mail(command.rest)
      case 'RCPT':
        return this.rcpt(command.rest, command.next)
      case 'DATA':
        return this.#data(command.rest)
      case 'RSET':
        this.abandonTransaction()
        return replies.RESET
      case 'EHLO':
      case 'HELO':
        return this.#hello(verb, command)
      case 'STARTTLS':
        return this.#startTls(command)
      case 'AUTH':
        return this.auth(command)
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

  #hello(verb: 'EHLO' | 'HELO', { rest, next }: Command): Reply | null {
    const name = rest.trim()
    if (name === '' || name.length > MAX_HELO_OCTETS || name.includes(' ')) return replies.BAD_HELO
    this.openingCommand = verb
    this.hostNameAppearsAs = name
    // RFC 5321 §4.1.4: EHLO ends a transaction as RSET does.
    this.abandonTransaction()
    const first = `${this.house.hostname} greets ${this.remoteAddress}`
    this.sayLines(250, verb === 'HELO' ? [first] : [first, ...this.#offered()])
    next()
    return null
  }

  #offered(): readonly string[] {
    const size = `SIZE ${this.house.maxMessageSize}`
    const offered = ['PIPELINING', size, '8BITMIME', 'SMTPUTF8', ...this.extensions(), 'ENHANCEDSTATUSCODES']
    return !this.secure && this.arrival.kind === 'starttls' ? [...offered, 'STARTTLS'] : offered
  }

  #startTls({ rest, text, next }: Command): Reply | null {
    if (rest.trim() !== '') return replies.NO_ARGUMENT
    if (this.secure) return replies.TLS_ACTIVE
    if (this.arrival.kind !== 'starttls') return replies.NO_TLS
    this.handler_STARTTLS(Buffer.from(text), next)
    return null
  }

  #data(rest: string): Reply {
    const { transaction } = this
    if (!transaction) return this.whyNoMail()
    if (rest.trim() !== '') return replies.NO_ARGUMENT
    if (transaction.forwardPaths.size === 0) return replies.NEED_RCPT
    const body = transaction.startBody(this.house.maxMessageSize, this.now())
    if (body && this._parser instanceof Wire) {
      this._parser.startBody(body)
      this.await('body')
      return replies.START_MAIL
    }
    this.abandonTransaction()
    return replies.NO_ROOM
  }
}

const ACCEPTED = { result: 'accepted' }
const REFUSED = { result: 'refused' }
