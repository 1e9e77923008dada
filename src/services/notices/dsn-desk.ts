//
// Owns: who gets a delivery status notification: submitters over SMTP who asked for it (RFC 3461), of their own mail,
// to their own address. Follows the log; the key of each notice makes sure that it is sent once.
// Never: answers a null reverse-path (invariant I5), or tells a stranger (T18).

import { SYSTEM_ACCOUNT } from '../../core/account.ts'
import { domainOf, type Mailbox } from '../../core/address.ts'
import type { MailEvent } from '../../core/event.ts'
import type { DsnWish, Message } from '../../core/message.ts'
import { fault, type Result } from '../../core/result.ts'
import { HOUR, type Milliseconds } from '../../core/time.ts'
import type { LogEntry, LogStep, LogStore } from '../../store/log-store.ts'
import type { MessageStore } from '../../store/store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { SenderFacts } from '../submission/policy.ts'
import { acceptedAt, type DsnKind, dsnOf } from './dsn.ts'
import type { NoticeSender } from './notices.ts'

/** Whether submitters who did not say what they want hear of failures by mail. */
export type BounceMessages = 'on-request' | 'always' | 'never'

export interface DsnDeskParts {
  readonly log: Pick<LogStore, 'advance'>
  readonly messages: Pick<MessageStore, 'get' | 'delivery' | 'events' | 'contents'>
  readonly senders: {
    factsFor(account: Message['accountId'], domain: Message['signingDomain']): Promise<SenderFacts>
  }
  readonly notices: Pick<NoticeSender, 'offer'>
  readonly hostname: string
  readonly bounceMessages: BounceMessages
}

/** When people begin to wonder; RFC 3461 leaves the time to us, and four hours are what mail systems have taught. */
const DELAY_AFTER: Milliseconds = 4 * HOUR
/** Notices that enter at once: they share commits. */
const AT_ONCE = 20

interface Candidate {
  readonly kind: DsnKind
  readonly event: MailEvent
}

export class DsnDesk {
  readonly name = 'dsn'
  readonly #parts: DsnDeskParts

  constructor(parts: DsnDeskParts) {
    this.#parts = parts
  }

  async handle(
    entries: readonly LogEntry[],
    step: LogStep,
  ): Promise<Result<'done' | 'overtaken', StoreFault>> {
    const { bounceMessages, log } = this.#parts
    const candidates = bounceMessages === 'never' ? [] : candidatesIn(entries)
    for (let at = 0; at < candidates.length; at += AT_ONCE) {
      const some = candidates.slice(at, at + AT_ONCE)
      const told = await Promise.all(some.map((candidate) => this.#tell(candidate)))
      // It was not kept, for the moment: the whole stretch comes again, and keys spare what went well.
      if (told.includes(false)) return fault('unavailable')
    }
    return log.advance(step)
  }

  /** False: it is owed, and could not be sent now. */
  async #tell({ kind, event }: Candidate): Promise<boolean> {
    const { hostname, messages, notices } = this.#parts
    const message = await messages.get(event.messageId, event.accountId)
    if (message?.source !== 'smtp' || message.mode === 'test') return true
    const delivery = await messages.delivery(event.deliveryId)
    const wish = delivery?.dsn ?? null
    if (!this.#isWanted(kind, wish)) return true
    const to = await this.#submitter(message)
    if (to === null || (kind === 'delay' && !(await this.#isFirstDelay(event, message)))) return true
    const content = (await messages.contents([message.contentId])).get(message.contentId)
    const sent = await notices.offer(
      dsnOf({
        kind,
        event,
        message,
        to,
        wish,
        content: content === undefined || content === 'damaged' ? null : content.bytes,
        hostname,
      }),
    )
    return sent.ok || !sent.error.passes
  }

  #isWanted(kind: DsnKind, wish: DsnWish | null): boolean {
    const { notify } = wish ?? {}
    // RFC 3461 §4.1 makes FAILURE the default; here programs read webhooks, and the operator says which he has.
    if (notify === undefined) return kind === 'failure' && this.#parts.bounceMessages === 'always'
    return notify.includes(ASKED[kind])
  }

  /** The submitted reverse-path, where it is the account's own (T18): anybody can write somebody else's there. */
  async #submitter({ accountId, reversePath }: Message): Promise<Mailbox | null> {
    if (reversePath === null) return null
    const facts = await this.#parts.senders.factsFor(accountId, domainOf(reversePath))
    return facts.kind === 'unknown' ? null : reversePath
  }

  /** Once per recipient, however long it waits; a key is remembered for a day, the log for longer. */
  async #isFirstDelay(event: MailEvent, message: Message): Promise<boolean> {
    const events = await this.#parts.messages.events(message.id)
    const late = events.find(
      (one) =>
        one.type === 'email.deferred' &&
        one.deliveryId === event.deliveryId &&
        one.at - message.createdAt >= DELAY_AFTER,
    )
    return late === undefined || late.id === event.id
  }
}

const ASKED = { failure: 'FAILURE', delay: 'DELAY', success: 'SUCCESS' } as const

function candidatesIn(entries: readonly LogEntry[]): readonly Candidate[] {
  const found: Candidate[] = []
  for (const { event } of entries) {
    const kind = event.accountId === SYSTEM_ACCOUNT ? null : kindOf(event)
    if (kind !== null) found.push({ kind, event })
  }
  return found
}

/** What the event alone says: most of the log needs no look-up. */
function kindOf(event: MailEvent): DsnKind | null {
  switch (event.type) {
    case 'email.bounced':
    case 'email.failed':
    case 'email.suppressed':
    case 'email.cancelled':
      return 'failure'
    case 'email.deferred':
      return event.at - acceptedAt(event.messageId) >= DELAY_AFTER ? 'delay' : null
    case 'email.delivered':
      return event.dsn === 'owed' ? 'success' : null
    case 'email.queued':
    case 'email.complained':
      return null
    default:
      return event satisfies never
  }
}
