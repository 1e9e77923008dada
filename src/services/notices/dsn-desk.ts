//
// Owns: who gets a delivery status notification: submitters over SMTP who asked for it (RFC 3461), of their own mail,
// to their own address; and what of one message goes into one letter. Follows the log; keys make sure that each is sent once.
// Never: answers a null reverse-path (invariant I5), or tells a stranger (T18).
//
// What happened to recipients of one message within one stretch of the log goes into one notice (RFC 3464 §2): a message
// for a thousand dead addresses is answered by a few letters. After a crash the stretch that comes again may be longer,
// and another letter for the same recipients would be made of it. So before the first letter goes out, where the stretch
// ends is kept under a name of its own; what comes again is cut there, and makes the same letters with the same keys.

import { SYSTEM_ACCOUNT } from '../../core/account.ts'
import { domainOf, type Mailbox } from '../../core/address.ts'
import { isOfMail, type MailEvent } from '../../core/event.ts'
import type { DeliveryId, MessageId } from '../../core/ids.ts'
import { messageOf } from '../../core/ids.ts'
import { beginOf, type Delivery, type DsnWish, type Message } from '../../core/message.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, HOUR, type Milliseconds } from '../../core/time.ts'
import type { LogEntry, LogStep, LogStore, LogWish } from '../../store/log-store.ts'
import type { MessageStore } from '../../store/store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { SenderFacts } from '../submission/policy.ts'
import { acceptedAt, dsnOf } from './dsn.ts'
import type { Confirmation, DsnFacts, DsnItem, DsnKind } from './dsn-facts.ts'
import type { NoticeSender } from './notices.ts'

/** Whether submitters who did not say what they want hear of failures by mail. */
export type BounceMessages = 'on-request' | 'always' | 'never'

export interface DsnDeskParts {
  readonly log: Pick<LogStore, 'advance' | 'cursor'>
  readonly messages: Pick<MessageStore, 'get' | 'delivery' | 'deliveries' | 'events' | 'contents'>
  readonly senders: {
    factsFor(account: Message['accountId'], domain: Message['signingDomain']): Promise<SenderFacts>
  }
  readonly notices: Pick<NoticeSender, 'offer'>
  readonly hostname: string
  readonly bounceMessages: BounceMessages
}

/** When people begin to wonder; RFC 3461 leaves the time to us, and four hours are what mail systems have taught. */
const DELAY_AFTER: Milliseconds = 4 * HOUR
/** How long a key is remembered: a report that comes later might be the second one. */
const CONFIRMED_WITHIN: Milliseconds = DAY
/** Notices that enter at once: they share commits. */
const AT_ONCE = 20
/** Where the stretch ends whose notices may have been sent. */
const PINNED = 'dsn-stretch'

interface Candidate {
  readonly kind: DsnKind
  readonly event: MailEvent
}

/** What `kindOf` looks at: of the rest it makes nothing. */
const WISH: LogWish = {
  types: ['email.bounced', 'email.failed', 'email.suppressed', 'email.cancelled', 'email.deferred'],
  owedSuccess: true,
}

type Told = Omit<DsnFacts, 'content' | 'hostname'>

export class DsnDesk {
  readonly name = 'dsn'
  readonly wish = WISH
  readonly #parts: DsnDeskParts

  constructor(parts: DsnDeskParts) {
    this.#parts = parts
  }

  async handle(
    entries: readonly LogEntry[],
    step: LogStep,
  ): Promise<Result<'done' | 'overtaken', StoreFault>> {
    const { bounceMessages, log } = this.#parts
    if (bounceMessages === 'never' || candidatesIn(entries).length === 0) return log.advance(step)
    const pinned = await log.cursor(PINNED)
    const last = entries.findIndex(({ cursor }) => cursor === pinned)
    if (last !== -1) return this.#pinned(entries.slice(0, last + 1), { ...step, to: pinned })
    const told = await this.#owed(candidatesIn(entries))
    const end = entries[entries.length - 1]
    if (told.length === 0 || end === undefined) return log.advance(step)
    const pin = await log.advance({ follower: PINNED, from: pinned, to: end.cursor })
    if (!pin.ok || pin.value === 'overtaken') return pin
    return (await this.#tell(told)) ? log.advance(step) : fault('unavailable')
  }

  /** `overtaken` tells the follower that its place is not where the stretch that it has read ends. */
  async #pinned(
    entries: readonly LogEntry[],
    step: LogStep,
  ): Promise<Result<'done' | 'overtaken', StoreFault>> {
    if (!(await this.#tell(await this.#owed(candidatesIn(entries))))) return fault('unavailable')
    const done = await this.#parts.log.advance(step)
    return done.ok ? ok('overtaken') : done
  }

  /**
   * The receiver was told that its success is of interest, and reports it to the return path: he who asked for it hears
   * it from us, once. `early`: its answer in session is not stored yet.
   */
  async confirmed(
    id: DeliveryId,
    confirmation: Confirmation,
    now: Milliseconds,
  ): Promise<'sent' | 'early' | 'ignored' | 'later'> {
    const { bounceMessages, messages } = this.#parts
    const message = await messages.get(messageOf(id), null)
    if (bounceMessages === 'never' || !message || !isHeard(message)) return 'ignored'
    const wish = (await messages.delivery(id))?.dsn ?? null
    const to = wish?.notify?.includes('SUCCESS') === true ? await this.#submitter(message) : null
    if (to === null) return 'ignored'
    const events = (await messages.events(message.id)).filter((event) => event.deliveryId === id)
    if (events.some((event) => event.type === 'email.bounced')) return 'ignored'
    const event = events.find((one) => one.type === 'email.delivered')
    if (event === undefined) return 'early'
    // Else we have told of it ourselves.
    if (event.type !== 'email.delivered' || event.dsn !== 'passed-on') return 'ignored'
    if (now - event.at > CONFIRMED_WITHIN) return 'ignored'
    const items: Told['items'] = [{ event, wish, confirmation }]
    return (await this.#tell([{ kind: 'success', items, message, to }])) ? 'sent' : 'later'
  }

  /** One for each message and kind, in the order of the log. */
  async #owed(candidates: readonly Candidate[]): Promise<readonly Told[]> {
    const told: Told[] = []
    for (const [id, some] of Map.groupBy(candidates, ({ event }) => event.messageId)) {
      told.push(...(await this.#owedOf(id, some)))
    }
    return told
  }

  async #owedOf(id: MessageId, candidates: readonly Candidate[]): Promise<readonly Told[]> {
    const { messages } = this.#parts
    const [first] = candidates
    const message = first ? await messages.get(id, first.event.accountId) : null
    if (!message || !isHeard(message)) return []
    const wishes = await this.#wishes(id, candidates)
    const wanted = candidates.filter(({ kind, event }) => this.#isWanted(kind, wishes.get(event.deliveryId)))
    const to = wanted.length === 0 ? null : await this.#submitter(message)
    if (to === null) return []
    const firstDelays = wanted.some(({ kind }) => kind === 'delay') ? await this.#firstDelays(message) : null
    const due = wanted.filter(({ kind, event }) => kind !== 'delay' || firstDelays?.has(event.id))
    const told: Told[] = []
    for (const [kind, some] of Map.groupBy(due, (one) => one.kind)) {
      const [item, ...more] = some.map(
        ({ event }): DsnItem => ({ event, wish: wishes.get(event.deliveryId) ?? null }),
      )
      if (item) told.push({ kind, items: [item, ...more], message, to })
    }
    return told
  }

  async #wishes(
    id: MessageId,
    candidates: readonly Candidate[],
  ): Promise<ReadonlyMap<DeliveryId, DsnWish | null>> {
    const { messages } = this.#parts
    const [only, ...more] = candidates
    const deliveries: readonly (Delivery | null)[] =
      only && more.length === 0
        ? [await messages.delivery(only.event.deliveryId)]
        : await messages.deliveries(id)
    return new Map(deliveries.flatMap((one) => (one ? [[one.id, one.dsn ?? null]] : [])))
  }

  /** False: something is owed, and could not be sent now. */
  async #tell(told: readonly Told[]): Promise<boolean> {
    for (let at = 0; at < told.length; at += AT_ONCE) {
      const some = told.slice(at, at + AT_ONCE)
      const sent = await Promise.all(some.map((one) => this.#send(one)))
      // It was not kept, for the moment: the whole stretch comes again, and keys spare what went well.
      if (sent.includes(false)) return false
    }
    return true
  }

  async #send(told: Told): Promise<boolean> {
    const { hostname, messages, notices } = this.#parts
    const { contentId } = told.message
    const kept = (await messages.contents([contentId])).get(contentId)
    const content = kept === undefined || kept === 'damaged' ? null : kept.bytes
    const sent = await notices.offer(dsnOf({ ...told, content, hostname }))
    if (sent.ok) return true
    if (sent.error.passes) return false
    // Whatever in the original the door does not take, the news itself is owed.
    const bare = content === null ? sent : await notices.offer(dsnOf({ ...told, content: null, hostname }))
    return bare.ok || !bare.error.passes
  }

  #isWanted(kind: DsnKind, wish: DsnWish | null | undefined): boolean {
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
  async #firstDelays(message: Message): Promise<ReadonlySet<string>> {
    const firsts = new Map<DeliveryId, string>()
    for (const one of await this.#parts.messages.events(message.id)) {
      if (one.type !== 'email.deferred' || one.at - beginOf(message) < DELAY_AFTER) continue
      if (!firsts.has(one.deliveryId)) firsts.set(one.deliveryId, one.id)
    }
    return new Set(firsts.values())
  }
}

const ASKED = { failure: 'FAILURE', delay: 'DELAY', success: 'SUCCESS' } as const

/** Who submits over the API asks there; and mail of test keys was played. */
const isHeard = ({ mode, source }: Message): boolean => source === 'smtp' && mode !== 'test'

function candidatesIn(entries: readonly LogEntry[]): readonly Candidate[] {
  const found: Candidate[] = []
  for (const { event } of entries) {
    if (!isOfMail(event)) continue
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
    case 'email.opened':
    case 'email.clicked':
    case 'email.complained':
    case 'email.unsubscribed':
      return null
    default:
      return event satisfies never
  }
}
