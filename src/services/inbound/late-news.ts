//
// Owns: what a bounce or a complaint makes of a delivery: one event in the log, and the delivery's end where a message
// said to be delivered came back.
// Never: touches the suppression list; that follows the log.

import { localPartOf, parseMailbox } from '../../core/address.ts'
import type { MailEvent } from '../../core/event.ts'
import type { DeliveryId, Ids } from '../../core/ids.ts'
import { messageOf } from '../../core/ids.ts'
import type { Delivery } from '../../core/message.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { ReturnedMail } from '../../mail/bounces/returned.ts'
import { readFeedbackToken } from '../../mail/tracking/feedback.ts'
import { readVerp } from '../../mail/tracking/verp.ts'
import type { LateNews, MessageStore, QueueStore } from '../../store/store.ts'
import type { DsnDesk } from '../notices/dsn-desk.ts'
import { type Intake, later, notStored, taken } from './incoming.ts'

export interface NewsParts {
  readonly queue: Pick<QueueStore, 'late'>
  readonly messages: Pick<MessageStore, 'get' | 'delivery' | 'deliveries'>
  readonly verpKeys: readonly Uint8Array[]
  readonly feedbackKeys: readonly Uint8Array[]
  /** Told of the success that a receiver reports: who asked for that hears of it. */
  readonly confirmed: DsnDesk['confirmed']
  /** Told once of what was new. */
  readonly onAdded: (event: MailEvent) => void
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

type Bounce = Extract<ReturnedMail, { kind: 'bounce' }>
type Complaint = Extract<ReturnedMail, { kind: 'complaint' }>

/** RFC 5965 §7.3, RFC 6430; what else is written counts as `other`, or one mail could be complained of without end. */
const COMPLAINTS: ReadonlySet<string> = new Set([
  'abuse',
  'fraud',
  'virus',
  'opt-out',
  'opt-out-list',
  'other',
])
/** RFC 6430: the opposite. RFC 6591, RFC 9991: a failed authentication is no opinion of a person. */
const NO_COMPLAINT: ReadonlySet<string> = new Set(['not-spam', 'auth-failure', 'dmarc'])

export class LateDesk {
  readonly #parts: NewsParts

  constructor(parts: NewsParts) {
    this.#parts = parts
  }

  /** `id` is proven by the return path that the bounce came to. */
  async bounced(id: DeliveryId, { recipients }: Bounce): Promise<Intake> {
    const delivery = await this.#parts.messages.delivery(id)
    const concerned = concernedBy(recipients, delivery?.recipient ?? null)
    const failed = concerned.find(({ action }) => action === 'failed')
    if (!failed) return this.#confirmed(id, concerned)
    const { remoteMta, verdict } = failed
    return this.#tell(id, 'bounce', (head) => ({
      ...head,
      type: 'email.bounced',
      late: true,
      peer: { mx: remoteMta, ip: null, software: null },
      failure: {
        type: verdict.hardness,
        reason: verdict.reason,
        enhancedCode: verdict.enhancedCode,
        diagnostic: verdict.diagnostic,
        blame: verdict.blame,
        remedy: verdict.remedy,
      },
    }))
  }

  /** Delayed tells nothing that we act on; the others are what a submitter may have asked for (RFC 3461 §4.1). */
  async #confirmed(id: DeliveryId, recipients: Bounce['recipients']): Promise<Intake> {
    const { clock, confirmed } = this.#parts
    for (const { action, remoteMta } of recipients) {
      if (action !== 'delivered' && action !== 'relayed' && action !== 'expanded') continue
      const end = await confirmed(id, { action, remoteMta }, clock.now())
      switch (end) {
        case 'sent':
          return taken('confirmation')
        case 'ignored':
          return taken('ignored')
        case 'early':
          return later('its delivery is not settled yet')
        case 'later':
          return later('the submitter cannot be told now')
        default:
          return end satisfies never
      }
    }
    return taken('ignored')
  }

  /** `id` is null when it came to the address for all complaints. */
  async complained(id: DeliveryId | null, complaint: Complaint): Promise<Intake> {
    if (NO_COMPLAINT.has(complaint.feedbackType)) return taken('ignored')
    const delivery = id ?? (await this.#find(complaint))
    if (delivery === null) {
      this.#parts.log.info('a complaint names no mail of ours', {
        reporter: complaint.reporter,
        feedback_type: complaint.feedbackType,
      })
      return taken('unmatched')
    }
    const { reporter } = complaint
    const feedbackType = COMPLAINTS.has(complaint.feedbackType) ? complaint.feedbackType : 'other'
    return this.#tell(delivery, 'complaint', (head) => ({
      ...head,
      type: 'email.complained',
      feedbackType,
      reporter,
    }))
  }

  async #tell(
    id: DeliveryId,
    as: 'bounce' | 'complaint',
    make: (head: EventHead) => MailEvent,
  ): Promise<Intake> {
    const { clock, ids, log, messages, queue } = this.#parts
    const [delivery, message] = await Promise.all([messages.delivery(id), messages.get(messageOf(id), null)])
    if (!delivery || !message) return taken('unmatched')
    // It never left: whoever writes this learned the address elsewhere, and a test says what its author wants it to.
    if (message.mode === 'test') return taken('ignored')
    const event = make({
      id: ids.event(),
      accountId: message.accountId,
      messageId: message.id,
      deliveryId: id,
      recipient: delivery.recipient,
      at: clock.now(),
    })
    const news: LateNews = { deliveryId: id, events: [event], becomes: as === 'bounce' ? 'bounced' : null }
    const end = await queue.late(news)
    if (!end.ok) return notStored(end.error)
    log.info('late news', { kind: as, delivery: id, end: end.value })
    switch (end.value) {
      case 'added':
        this.#parts.onAdded(event)
        return taken(as)
      case 'known':
        return taken('known')
      case 'early':
        return later('its delivery is not settled yet')
      case 'gone':
        return taken('unmatched')
      default:
        return end.value satisfies never
    }
  }

  /** By the return path that the report quotes, else by the message's token and its recipient. */
  async #find(complaint: Complaint): Promise<DeliveryId | null> {
    const { feedbackKeys, messages, verpKeys } = this.#parts
    const { original } = complaint
    for (const path of [complaint.originalMailFrom, original?.returnPath]) {
      const mailbox = parseMailbox(bare(path ?? ''))
      const delivery = mailbox.ok ? readVerp(localPartOf(mailbox.value), verpKeys) : null
      if (delivery) return delivery
    }
    const tokens = [original?.cfblFeedbackId, original?.feedbackId, complaint.feedbackId]
    const message = first(tokens, (field) => (field ? readFeedbackToken(field, feedbackKeys) : null))
    return message === null ? null : whose(complaint, await messages.deliveries(message))
  }
}

type EventHead = Pick<MailEvent, 'id' | 'accountId' | 'messageId' | 'deliveryId' | 'recipient' | 'at'>

/**
 * What a report says of the one recipient whose return path it came to; where it does not name that one, all that it says:
 * they are those that the mail was forwarded to from there (RFC 3464 §2.3).
 */
function concernedBy(recipients: Bounce['recipients'], ours: string | null): Bounce['recipients'] {
  const name = ours?.toLowerCase() ?? ''
  const named = recipients.filter(({ recipient, originalRecipient }) =>
    [recipient, originalRecipient].some((one) => one !== null && bare(one).toLowerCase() === name),
  )
  return named.length > 0 ? named : recipients
}

/** The only recipient, or the one that the report names. */
function whose({ original, originalRecipient }: Complaint, all: readonly Delivery[]): DeliveryId | null {
  const [only] = all
  if (all.length === 1 && only) return only.id
  const named = [originalRecipient, original?.originalTo].map((name) => bare(name ?? '').toLowerCase())
  const match = all.filter(({ recipient }) => named.includes(recipient.toLowerCase()))
  if (match.length === 1) return match[0]?.id ?? null
  const to = (original?.to ?? '').toLowerCase()
  const listed = all.filter(({ recipient }) => to.includes(recipient.toLowerCase()))
  return listed.length === 1 ? (listed[0]?.id ?? null) : null
}

/** `rfc822; <a@b>` is written as well as `a@b`. */
const bare = (path: string): string => path.replace(/^\s*(?:rfc822|utf-8)\s*;/i, '').replace(/[<>\s]/g, '')

function first<T, U>(items: readonly T[], find: (item: T) => U | null): U | null {
  for (const item of items) {
    const found = find(item)
    if (found !== null) return found
  }
  return null
}
