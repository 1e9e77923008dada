//
// Owns: one SMTP session of the inbound MX (RFC 5321): everything about a recipient is decided at RCPT, and 250 comes
// when what has to last is durable.
// Never: authenticates, relays, or sends a bounce (T5, T18).

import { neighbourhood } from '../../config/networks.ts'
import type { ForwardPath } from '../../core/address.ts'
import type { MetricLabels } from '../../core/ports.ts'
import type { Intake } from '../../services/inbound/incoming.ts'
import type { Destination, RecipientFault } from '../../services/inbound/recipients.ts'
import type { BodyReader } from './body-reader.ts'
import type { Next } from './connection.ts'
import { Conversation } from './conversation.ts'
import { parseRcpt, parseStrangersMail, type StrangersMail } from './envelope-commands.ts'
import type { InboundHouse } from './inbound-house.ts'
import type { Reply } from './replies.ts'
import * as replies from './replies.ts'
import { Transaction } from './transaction.ts'
import type { CommandLine } from './wire.ts'

/** RFC 5321 §4.5.3.1.8 asks for a hundred; a bounce has one. */
const MAX_RECIPIENTS = 100

class InboundTransaction extends Transaction<StrangersMail> {
  readonly destinations = new Map<ForwardPath, Destination>()
}

export class InboundSession extends Conversation<InboundHouse, InboundTransaction> {
  #greeted = false

  /** Spam engines do not wait for the greeting; mail servers do (RFC 5321 §3.1). */
  override init(): void {
    this._setListeners(() => {
      if (this.house.greetingPause === 0) this.greet()
      else this.house.clock.after(this.house.greetingPause, () => this.greet())
    })
  }

  override command(line: CommandLine, next: Next): void {
    if (this.#greeted) super.command(line, next)
    else this.#tooEarly()
  }

  override commandTooLong(next: Next): void {
    if (this.#greeted) super.commandTooLong(next)
    else this.#tooEarly()
  }

  bodyEnded(body: BodyReader, next: Next): void {
    this.await('ourselves')
    const { transaction } = this
    const refusal = transaction ? this.whyNotThis(transaction, body) : replies.NEED_MAIL
    if (refusal && body.flaw !== null) {
      // Whoever mixes line ends may mean to smuggle: the session ends with the message (T1).
      this.end(refusal)
    } else if (refusal || !transaction) {
      this.answerMessage(refusal ?? replies.NEED_MAIL, next)
    } else {
      this.#take(transaction, body).then(
        (intake) => {
          // What has to last of it is in the store.
          body.release()
          this.answerMessage(replyTo(intake), next)
        },
        (bug: unknown) => {
          this.house.log.error('incoming mail failed', { session: this.id, error: String(bug) })
          this.answerMessage(replies.INTERNAL, next)
        },
      )
    }
  }

  protected override greet(): void {
    if (this._closing || this.#greeted) return
    this.#greeted = true
    super.greet()
  }

  protected extensions(): readonly string[] {
    return []
  }

  protected auth(): Reply {
    return replies.NO_AUTH_HERE
  }

  protected whyNoMail(): Reply {
    return replies.NEED_MAIL
  }

  protected count(result: MetricLabels): void {
    this.house.meter.count('inbound_messages_total', 1, result)
  }

  protected mail(rest: string): Reply {
    if (!this.hostNameAppearsAs) return replies.NEED_EHLO
    if (this.transaction) return replies.NESTED_MAIL
    if (rest.slice(0, 5).toUpperCase() !== 'FROM:') return replies.BAD_MAIL
    const mail = parseStrangersMail(rest.slice(5))
    if (!mail.ok) return mail.error
    if (mail.value.ret !== null || mail.value.envid !== null) return replies.NO_DSN_HERE
    const declared = mail.value.declaredSize ?? 0
    if (declared > this.house.maxMessageSize) return this.tooLarge()
    if (!this.house.admission.hasRoomFor(declared)) return replies.NO_ROOM
    this.transaction = new InboundTransaction(mail.value, this.arrival.place)
    return replies.SENDER_OK
  }

  protected rcpt(rest: string, next: Next): Reply | null {
    const { transaction } = this
    if (!transaction) return replies.NEED_MAIL
    if (rest.slice(0, 3).toUpperCase() !== 'TO:') return replies.BAD_RCPT
    const { smtpUtf8 } = transaction.mail
    const rcpt = parseRcpt(rest.slice(3), { smtpUtf8, hostname: this.house.hostname })
    if (!rcpt.ok) return rcpt.error
    if (rcpt.value.notify !== null || rcpt.value.orcpt !== null) return replies.NO_DSN_HERE
    if (transaction.forwardPaths.size >= MAX_RECIPIENTS) return replies.TOO_MANY_RECIPIENTS
    this.#judge(transaction, rcpt.value.forwardPath, next)
    return null
  }

  #judge(transaction: InboundTransaction, path: ForwardPath, next: Next): void {
    this.await('ourselves')
    this.house.desk.judge(path).then(
      (judged) => {
        this.await('command')
        if (judged.ok) {
          transaction.forwardPaths.add(path)
          transaction.destinations.set(path, judged.value)
        } else this.#logRefusal(path, judged.error)
        this.answer(judged.ok ? replies.RECIPIENT_OK : REFUSALS[judged.error], next)
      },
      (bug: unknown) => {
        this.house.log.error('a recipient could not be judged', { session: this.id, error: String(bug) })
        this.await('command')
        this.answer(replies.INTERNAL, next)
      },
    )
  }

  #take(transaction: InboundTransaction, body: BodyReader): Promise<Intake> {
    const { clock, desk, ids } = this.house
    return desk.take({
      reversePath: transaction.mail.reversePath,
      recipients: transaction.destinations,
      bytes: body.bytes(),
      received: this.house.received({
        helo: this.hostNameAppearsAs || '',
        address: this.remoteAddress,
        extended: this.openingCommand === 'EHLO',
        secure: this.secure,
        authenticated: false,
        smtpUtf8: transaction.mail.smtpUtf8,
        id: ids.request(),
        at: clock.now(),
      }),
      address: this.remoteAddress,
      neighbourhood: neighbourhood(this.remoteAddress),
    })
  }

  #logRefusal(recipient: ForwardPath, reason: RecipientFault): void {
    this.house.meter.count('inbound_recipients_refused_total', 1, { reason })
    this.house.log.info('recipient refused', {
      session: this.id,
      address: this.remoteAddress,
      recipient,
      reason,
    })
  }

  #tooEarly(): void {
    this.house.log.info('spoke before the greeting', { session: this.id, address: this.remoteAddress })
    this.#greeted = true
    this.end(replies.EARLY_TALKER)
  }
}

const REFUSALS: Readonly<Record<RecipientFault, Reply>> = {
  unknown: replies.NO_SUCH_MAILBOX,
  'not-ours': replies.NO_RELAY,
  closed: replies.MAILBOX_CLOSED,
}

/** The commit lies behind us: only now 250 (RFC 5321 §4.2.5). What a peer is told says nothing of our inside. */
function replyTo(intake: Intake): Reply {
  switch (intake.kind) {
    case 'taken':
      return replies.MESSAGE_TAKEN
    case 'later':
      return replies.COME_AGAIN
    case 'refused':
      return { code: 550, text: `${intake.enhanced} ${intake.say}` }
    default:
      return intake satisfies never
  }
}
