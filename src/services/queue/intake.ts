//
// Owns: bringing claimed deliveries into memory: with their contents, unless the list forbids them or there is no room.
// Contents read back are checked against their SHA-256 (F14).

import type { StoredContent } from '../../core/content.ts'
import type { ContentId } from '../../core/ids.ts'
import type { ClaimedDelivery } from '../../core/message.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Blocking } from '../../store/suppression-store.ts'
import { suppressedBy } from '../suppression/suppression.ts'
import { pausedUntil } from './away.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { QueueParts } from './parts.ts'
import { isSandboxed } from './sandbox.ts'
import { returnUntried } from './settle.ts'
import type { Settler } from './settler.ts'
import type { Place } from './slow-share.ts'

/** What could not be read is claimed again after so long. */
const PATIENCE: Milliseconds = SECOND / 2

export class Intake {
  readonly #parts: QueueParts
  readonly #dispatcher: Dispatcher
  readonly #settler: Settler

  constructor(parts: QueueParts, dispatcher: Dispatcher, settler: Settler) {
    this.#parts = parts
    this.#dispatcher = dispatcher
    this.#settler = settler
  }

  /** Returns for how many there was room, or that will not be claimed again soon. */
  async bringIn(all: readonly ClaimedDelivery[]): Promise<number> {
    const { clock, log, suppressed } = this.#parts
    const claimed = all.filter((delivery) => !this.#waits(delivery))
    const { room } = this.#dispatcher
    const places = new Map<ClaimedDelivery, Place | 'quick'>()
    for (const delivery of claimed) {
      const place = this.#reserve(delivery)
      if (place === null) this.#settler.add(returnUntried(delivery, clock.now()))
      else places.set(delivery, place)
    }
    const fitting = [...places.keys()]
    const unreserve = (delivery: ClaimedDelivery): void => {
      room.unreserve(1, delivery.size)
      this.#dispatcher.access.unreserve(places.get(delivery) ?? 'quick')
    }
    try {
      const blocked = await suppressed(fitting)
      // Taken now: while the others are read, the last delivery that keeps a content in memory may leave.
      const here = new Map<ContentId, StoredContent>()
      const wanted = new Set<ContentId>()
      for (const { contentId } of fitting) {
        const content = room.content(contentId)
        if (content === null) wanted.add(contentId)
        else here.set(contentId, content)
      }
      const read = await this.#parts.contents.contents([...wanted])
      for (const delivery of fitting) {
        unreserve(delivery)
        const entry = blocked.get(delivery.id)
        if (entry) this.#settler.add(this.#suppression(delivery, entry))
        else this.#enter(delivery, here.get(delivery.contentId) ?? read.get(delivery.contentId))
      }
    } catch (error) {
      log.error('claimed deliveries could not be read; they go back', { error: String(error) })
      for (const delivery of fitting) {
        unreserve(delivery)
        this.#settler.add(returnUntried(delivery, clock.now() + PATIENCE))
      }
    }
    return fitting.length + all.length - claimed.length
  }

  /** Its sender may not send at the moment, or it was given another time. What has expired may end, and what is played goes nowhere. */
  #waits(delivery: ClaimedDelivery): boolean {
    const { clock, dice, isPaused } = this.#parts
    const now = clock.now()
    const { attempts, scheduledAt = now } = delivery
    if (attempts === 0 && scheduledAt > now) {
      this.#settler.add(returnUntried(delivery, scheduledAt))
      return true
    }
    if (!isPaused(delivery) || delivery.expiresAt <= now || isSandboxed(delivery)) return false
    this.#settler.add(returnUntried(delivery, pausedUntil(now, delivery, dice())))
    return true
  }

  /** Null: there is no room. */
  #reserve(delivery: ClaimedDelivery): Place | 'quick' | null {
    const { access, room } = this.#dispatcher
    const place = access.reserve(delivery)
    if (place === null || room.reserve(1, delivery.size)) return place
    access.unreserve(place)
    return null
  }

  #enter(
    delivery: ClaimedDelivery,
    content: Parameters<Dispatcher['take']>[0] | 'damaged' | undefined,
  ): void {
    if (content !== undefined && content !== 'damaged') {
      this.#dispatcher.take(content, [delivery], true)
      return
    }
    // F14: that message alone is set aside for the operator; it is neither sent wrong nor thrown away.
    this.#parts.log.error('a stored content is missing or does not match its SHA-256; its delivery is held', {
      delivery: delivery.id,
      content: delivery.contentId,
    })
    this.#parts.meter.count('damaged_contents_total')
    this.#settler.add({ deliveryId: delivery.id, attempt: null, next: { state: 'held' }, events: [] })
  }

  #suppression(delivery: ClaimedDelivery, entry: Blocking): Parameters<Settler['add']>[0] {
    const { clock, ids } = this.#parts
    const at = clock.now()
    return {
      deliveryId: delivery.id,
      attempt: null,
      next: { state: 'suppressed', at },
      events: [
        {
          id: ids.event(),
          type: 'email.suppressed',
          accountId: delivery.accountId,
          messageId: delivery.messageId,
          deliveryId: delivery.id,
          recipient: delivery.recipient,
          at,
          ...suppressedBy(entry),
        },
      ],
    }
  }
}
