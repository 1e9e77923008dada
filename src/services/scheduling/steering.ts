//
// Owns: what a sender does to mail that waits: another time, no more at all, or now instead of later.
// Never: touches what a node holds: it is with a worker, or about to be. What this node only keeps ready goes back first
// (queue/recall.ts).

import type { KeyMode } from '../../core/account.ts'
import type { AccountId, DeliveryId, Ids, MessageId } from '../../core/ids.ts'
import { type Delivery, type DeliveryState, isScheduled, type Message } from '../../core/message.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { ScheduleStore } from '../../store/schedule-store.ts'
import type { MessageStore, QueueFilter, QueueStore } from '../../store/store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { redated } from './redate.ts'

export interface SteeringParts {
  readonly messages: Pick<MessageStore, 'get' | 'deliveries' | 'contents'>
  readonly queue: Pick<QueueStore, 'drop' | 'command'>
  readonly schedules: Pick<ScheduleStore, 'leased' | 'reschedule'>
  /** Something may be due that was not before. */
  readonly wake: () => void
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Pick<Ids, 'event' | 'content'>
}

/** Whose message it must be; a test key steers mail of test keys alone. */
export interface SteeringHand {
  /** Null: the operator's, which reaches every account. */
  readonly accountId: AccountId | null
  readonly mode: KeyMode
}

export type SteeringFault =
  | StoreFault
  /** Nobody's, or another account's. */
  | 'unknown'
  /** A test key, and live mail. */
  | 'live-mail'
  /** One of its copies was tried, is about to be, or all have their end; or it never had a time of its own. */
  | 'begun'
  /** No copy of it waits. */
  | 'nothing-waits'
  /** Its time has not come: that is changed by naming another. */
  | 'scheduled'

/** `under_way`: a node has it, an attempt is being made or about to be. */
export type CopyState = DeliveryState | 'scheduled' | 'under_way'

export interface Steered {
  readonly message: Message
  /** How many copies it changed. */
  readonly moved: number
  readonly copies: readonly { readonly delivery: Delivery; readonly state: CopyState }[]
}

/** So many others may give it a time between our look and our write. */
const TRIES = 10

/** As the event says it. */
const CANCELLED = 'cancelled by the sender'

export class Steering {
  readonly #parts: SteeringParts

  constructor(parts: SteeringParts) {
    this.#parts = parts
  }

  /** Null: now. */
  async reschedule(
    id: MessageId,
    hand: SteeringHand,
    time: Milliseconds | null,
  ): Promise<Result<Steered, SteeringFault>> {
    for (let tried = 1; ; tried++) {
      const found = await this.#find(id, hand)
      if (!found.ok) return found
      const moved = await this.#move(found.value, time)
      if (!moved.ok) return moved
      if (moved.value === 'moved') {
        this.#parts.wake()
        return ok(await this.#told(id, found.value, null))
      }
      // Somebody else gave it a time meanwhile: the Date that was written is that of the one before.
      const now = await this.#parts.messages.get(id, hand.accountId)
      if (now === null || now.scheduledAt === found.value.scheduledAt) return fault('begun')
      if (tried === TRIES) return fault('busy')
    }
  }

  /** `begun` also where its time is not the one that it had. */
  async #move(
    message: Message,
    time: Milliseconds | null,
  ): Promise<Result<'moved' | 'begun', SteeringFault>> {
    const { clock, ids, messages, schedules } = this.#parts
    const { id, scheduledAt: was } = message
    if (was === undefined) return fault('begun')
    const now = clock.now()
    const at = time ?? now
    const content = (await messages.contents([message.contentId])).get(message.contentId)
    const facts = { fill: message.fill, at, contentId: () => ids.content() }
    // A damaged content is for the queue to find and to hold.
    const isKept = at === was || content === undefined || content === 'damaged'
    return schedules.reschedule({
      messageId: id,
      accountId: message.accountId,
      was,
      at,
      expiresAt: at + message.expiresAt - was,
      now,
      ...(isKept ? { content: null, fill: null } : redated(content, facts)),
    })
  }

  async cancel(id: MessageId, hand: SteeringHand): Promise<Result<Steered, SteeringFault>> {
    const found = await this.#find(id, hand)
    if (!found.ok) return found
    const { clock, ids, queue } = this.#parts
    const moved = await queue.drop(ofMessage(found.value), clock.now(), () => ids.event(), CANCELLED)
    const steered = await this.#told(id, found.value, moved)
    // Cancelled twice is cancelled; and who comes too late for some hears of each.
    const isAnybodys = steered.copies.some(({ state }) => state === 'cancelled' || state === 'under_way')
    return isAnybodys ? ok(steered) : fault('nothing-waits')
  }

  async retry(id: MessageId, hand: SteeringHand): Promise<Result<Steered, SteeringFault>> {
    const found = await this.#find(id, hand)
    if (!found.ok) return found
    const { clock, queue, wake } = this.#parts
    const filter = ofMessage(found.value)
    const now = clock.now()
    const moved = (await queue.command('retry', filter, now)) + (await queue.command('release', filter, now))
    if (moved > 0) wake()
    const steered = await this.#told(id, found.value, moved)
    if (moved > 0 || steered.copies.some(({ state }) => state === 'under_way')) return ok(steered)
    return fault(steered.copies.some(({ state }) => state === 'scheduled') ? 'scheduled' : 'nothing-waits')
  }

  async #find(id: MessageId, { accountId, mode }: SteeringHand): Promise<Result<Message, SteeringFault>> {
    const message = await this.#parts.messages.get(id, accountId)
    if (message === null) return fault('unknown')
    return mode === 'test' && message.mode !== 'test' ? fault('live-mail') : ok(message)
  }

  /** `moved` is null where all that wait were. */
  async #told(id: MessageId, before: Message, moved: number | null): Promise<Steered> {
    const { clock, messages, schedules } = this.#parts
    const [message, leased, deliveries] = await Promise.all([
      messages.get(id, before.accountId),
      schedules.leased(id),
      messages.deliveries(id),
    ])
    const now = clock.now()
    const copies = deliveries.map((delivery) => ({
      delivery,
      state: copyState(delivery, message ?? before, { leased, now }),
    }))
    const open = copies.filter(({ state }) => state === 'scheduled' || state === 'queued').length
    return { message: message ?? before, moved: moved ?? open, copies }
  }
}

/** With its account, though the name alone would do (I12). */
const ofMessage = ({ accountId, id }: Message): QueueFilter => ({ accountId, messageId: id })

function copyState(
  delivery: Delivery,
  message: Message,
  { leased, now }: { readonly leased: ReadonlySet<DeliveryId>; readonly now: Milliseconds },
): CopyState {
  if (delivery.state === 'queued' && leased.has(delivery.id)) return 'under_way'
  return isScheduled(delivery, message, now) ? 'scheduled' : delivery.state
}
