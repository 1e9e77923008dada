//
// Owns: what recipients of the sandbox do after the delivery: they open, click, complain or leave, a moment later.
// Never: touches the suppression list. Whoever plays the same recipient again sees the same play again.
//
// What waits for its moment is in memory alone: an orderly stop plays it at once, and after a crash the log says what is missing.

import type { MailEvent, MailEventType } from '../../core/event.ts'
import type { Ids } from '../../core/ids.ts'
import { type ClaimedDelivery, SANDBOX_DOMAIN } from '../../core/message.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { DAY, type Milliseconds, SECOND } from '../../core/time.ts'
import type { MessageStore, QueueStore } from '../../store/store.ts'
import { firstLink } from './first-link.ts'
import { type Encore, encoreOf } from './roles.ts'

export interface StageParts {
  /** The log takes each of these once per delivery, whatever is tried again. */
  readonly queue: Pick<QueueStore, 'late'>
  readonly messages: Pick<MessageStore, 'contents' | 'events' | 'get' | 'lastDelivered'>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly options: StageOptions
}

export interface StageOptions {
  /** What is clicked in mail without a link. */
  readonly publicUrl: string
}

/** Between the delivery and what the reader does. */
export const MOMENT: Milliseconds = SECOND
/** When the store does not take it. */
const PATIENCE: Milliseconds = 5 * SECOND
/** At once: sandbox mail must not fill the writer's inbox. */
const AT_ONCE = 50
/** Half a kilobyte each; whoever plays more has what is beyond lost, and the log says so. */
const MAX_WAITING = 20_000

/** What may have been delivered in the moment before a crash stands among the last. */
const CRASHED = 2000
const LONG_AGO: Milliseconds = DAY
const TOLD_BY: Readonly<Record<Encore, MailEventType>> = {
  complaint: 'email.complained',
  open: 'email.opened',
  click: 'email.clicked',
  unsubscribe: 'email.unsubscribed',
}

/** Of RFC 5737: nobody has it. */
const READER = {
  ip: '203.0.113.24',
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
} as const
const A_PERSON = { machine: false, why: [] } as const

type Player = Pick<
  ClaimedDelivery,
  'id' | 'messageId' | 'accountId' | 'contentId' | 'recipient' | 'wishes' | 'fill'
>

interface Waiting {
  readonly player: Player
  readonly encore: Encore
  readonly at: Milliseconds
}

export class Stage {
  readonly #parts: StageParts
  /** By their time, which is the same wait for all. */
  #waiting: Waiting[] = []
  #cancel: () => void = () => {}
  #running: Promise<void> | null = null
  #recovering: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(parts: StageParts) {
    this.#parts = parts
  }

  /** The delivery is stored; what its recipient does is due in a moment. */
  add(delivery: Player, encore: Encore): void {
    const { id, messageId, accountId, contentId, recipient, wishes, fill } = delivery
    const { clock, log } = this.#parts
    if (this.#waiting.length >= MAX_WAITING) {
      log.warn('the sandbox has too much to play; this one is left out', { delivery: id, encore })
      return
    }
    const own = fill === undefined ? null : { fill }
    const player = { id, messageId, accountId, contentId, recipient, wishes, ...own }
    this.#waiting.push({ player, encore, at: clock.monotonic() + MOMENT })
    if (this.#waiting.length === 1 && this.#running === null) this.#playIn(MOMENT)
  }

  /** At the start of a node: what a crash left unplayed is played. */
  start(): Promise<void> {
    this.#recovering = this.#recover()
    return this.#recovering
  }

  /** What waits is played now, once. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#recovering
    await this.#running
    await this.#play(this.#waiting.splice(0))
  }

  async #recover(): Promise<void> {
    const { clock, log, messages } = this.#parts
    try {
      const last = await messages.lastDelivered(CRASHED)
      for (const { id, messageId, recipient, finishedAt } of last) {
        const encore = encoreOf(recipient)
        if (this.#stopped) return
        if (encore === null || (finishedAt ?? 0) < clock.now() - LONG_AGO) continue
        const [message, events] = await Promise.all([
          messages.get(messageId, null),
          messages.events(messageId),
        ])
        const isPlayed = events.some(({ deliveryId, type }) => deliveryId === id && type === TOLD_BY[encore])
        if (message && !isPlayed) this.add({ ...message, id, messageId, recipient }, encore)
      }
    } catch (error) {
      log.error('the sandbox could not look for what it has still to play', { error: String(error) })
    }
  }

  #playIn(wait: Milliseconds): void {
    if (this.#stopped) return
    this.#cancel = this.#parts.clock.after(wait, () => {
      this.#running = this.#playDue().then((wait) => {
        this.#running = null
        const [next] = this.#waiting
        if (next) this.#playIn(wait ?? Math.max(0, next.at - this.#parts.clock.monotonic()))
      })
    })
  }

  /** How long to wait when the store did not take all. */
  async #playDue(): Promise<Milliseconds | null> {
    const { clock } = this.#parts
    const now = clock.monotonic()
    const later = this.#waiting.findIndex(({ at }) => at > now)
    const left = await this.#play(this.#waiting.splice(0, later === -1 ? this.#waiting.length : later))
    this.#waiting.unshift(...left)
    return left.length > 0 ? PATIENCE : null
  }

  /** Those that the store did not take. */
  async #play(due: readonly Waiting[]): Promise<Waiting[]> {
    const left: Waiting[] = []
    for (let from = 0; from < due.length; from += AT_ONCE) {
      const some = due.slice(from, from + AT_ONCE)
      const taken = await Promise.all(some.map((one) => this.#tell(one)))
      left.push(...some.filter((_, index) => taken[index] === false))
    }
    return left
  }

  async #tell({ player, encore }: Waiting): Promise<boolean> {
    const { log, queue } = this.#parts
    try {
      const event = await this.#event(player, encore)
      const end = await queue.late({ deliveryId: player.id, events: [event], becomes: null })
      return end.ok
    } catch (error) {
      log.error('the sandbox could not play; it tries again', { delivery: player.id, error: String(error) })
      return false
    }
  }

  async #event(player: Player, encore: Encore): Promise<MailEvent> {
    const { clock, ids } = this.#parts
    const head = {
      id: ids.event(),
      accountId: player.accountId,
      messageId: player.messageId,
      deliveryId: player.id,
      recipient: player.recipient,
      at: clock.now(),
    }
    switch (encore) {
      case 'complaint':
        return { ...head, type: 'email.complained', feedbackType: 'abuse', reporter: SANDBOX_DOMAIN }
      case 'open':
        return { ...head, type: 'email.opened', ...READER, ...A_PERSON }
      case 'click':
        return { ...head, type: 'email.clicked', url: await this.#link(player), ...READER, ...A_PERSON }
      case 'unsubscribe': {
        const { list } = player.wishes
        const scope = list === undefined ? 'marketing' : (`list:${list}` as const)
        return { ...head, type: 'email.unsubscribed', scope, by: 'one-click', ...READER }
      }
      default:
        return encore satisfies never
    }
  }

  async #link({ contentId, fill }: Player): Promise<string> {
    const { messages, options } = this.#parts
    const content = (await messages.contents([contentId])).get(contentId)
    const found = content === undefined || content === 'damaged' ? null : firstLink(content, fill)
    return found ?? options.publicUrl
  }
}
