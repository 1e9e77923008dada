//
// Owns: taking due deliveries out of the store as the lanes and the room can take them (decision 5).
// A destination whose lane is full is not asked for: a million due rows of a blocked provider cost nothing here.

import type { ContentId } from '../../core/ids.ts'
import type { ClaimedDelivery } from '../../core/message.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { ClaimAsk, DueDestination } from '../../store/store.ts'
import type { Blocking } from '../../store/suppression-store.ts'
import { suppressedBy } from '../suppression/suppression.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { QueueParts } from './parts.ts'
import { returnUntried } from './settle.ts'
import type { Settler } from './settler.ts'

/** How often the store is asked when nobody says that something came due. */
const PERIOD: Milliseconds = SECOND / 2
const DESTINATIONS = 64
/** Deliveries per claim: what a writer commits in a few milliseconds. */
const CLAIM = 500

export class Poller {
  readonly #parts: QueueParts
  readonly #dispatcher: Dispatcher
  readonly #settler: Settler
  readonly #mayClaim: () => boolean
  #cancel: () => void = () => {}
  #round: Promise<void> | null = null
  #again = false
  #stopped = false

  constructor(parts: QueueParts, dispatcher: Dispatcher, settler: Settler, mayClaim: () => boolean) {
    this.#parts = parts
    this.#dispatcher = dispatcher
    this.#settler = settler
    this.#mayClaim = mayClaim
  }

  start(): void {
    this.wake()
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#round
  }

  /** Something may be due: look at once, or once more if a look is under way. */
  wake(): void {
    if (this.#stopped) return
    if (this.#round !== null) {
      this.#again = true
      return
    }
    this.#round = this.#look()
      .catch((error) => this.#parts.log.error('the queue could not be read', { error: String(error) }))
      .finally(() => {
        this.#round = null
        if (!this.#again) return
        this.#again = false
        this.wake()
      })
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#cancel = this.#parts.clock.after(PERIOD, () => {
      this.wake()
      this.#schedule()
    })
  }

  async #look(): Promise<void> {
    const { store, clock, holder } = this.#parts
    while (!this.#stopped && this.#mayClaim() && this.#dispatcher.room.wantsMore) {
      const now = clock.now()
      const due = await store.dueDestinations({
        now,
        limit: DESTINATIONS,
        busy: this.#dispatcher.lanes.full(),
      })
      const asks = this.#asksFor(due)
      if (asks.length === 0) return
      const claimed = await store.claim(asks, now, holder)
      if (claimed.length === 0) return
      await this.#bringIn(claimed, due)
    }
  }

  #asksFor(due: readonly DueDestination[]): ClaimAsk[] {
    const share = Math.max(1, Math.floor(CLAIM / Math.max(1, due.length)))
    const asks: ClaimAsk[] = []
    const space = new Map<string, number>()
    for (const { destination, provider } of due) {
      const left = space.get(provider) ?? this.#dispatcher.lanes.spaceOf(provider)
      const limit = Math.min(share, left)
      if (limit <= 0) continue
      // The unrouted are no provider: each of them may turn out to be another.
      if (provider !== '') space.set(provider, left - limit)
      asks.push({ destination, limit })
    }
    return asks
  }

  async #bringIn(claimed: readonly ClaimedDelivery[], due: readonly DueDestination[]): Promise<void> {
    const { clock, log, suppressed } = this.#parts
    const { room } = this.#dispatcher
    const fitting: ClaimedDelivery[] = []
    for (const delivery of claimed) {
      if (room.reserve(1, delivery.size)) fitting.push(delivery)
      else this.#settler.add(returnUntried(delivery, clock.now()))
    }
    try {
      const blocked = await suppressed(fitting)
      const contents = await this.#parts.contents.contents(
        missing(fitting, (id) => room.content(id) !== null),
      )
      await this.#noteProviders(due)
      for (const delivery of fitting) {
        room.unreserve(1, delivery.size)
        const entry = blocked.get(delivery.id)
        if (entry) this.#settler.add(this.#suppression(delivery, entry))
        else this.#enter(delivery, room.content(delivery.contentId) ?? contents.get(delivery.contentId))
      }
    } catch (error) {
      log.error('claimed deliveries could not be read; they go back', { error: String(error) })
      for (const delivery of fitting) {
        room.unreserve(1, delivery.size)
        this.#settler.add(returnUntried(delivery, clock.now() + PERIOD))
      }
    }
  }

  #enter(
    delivery: ClaimedDelivery,
    content: Parameters<Dispatcher['take']>[0] | 'damaged' | undefined,
  ): void {
    if (content !== undefined && content !== 'damaged') {
      this.#dispatcher.take(content, [delivery])
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

  /** Tells the store which provider serves the destinations that were met for the first time. */
  async #noteProviders(due: readonly DueDestination[]): Promise<void> {
    if (this.#parts.options.transport.kind === 'capture') return
    const { router, store } = this.#parts
    const assignments: { destination: DueDestination['destination']; provider: string }[] = []
    for (const { destination, provider } of due) {
      const route = router.peek(destination)
      if (!route || !('provider' in route) || route.provider === provider) continue
      assignments.push({ destination, provider: route.provider })
    }
    if (assignments.length > 0) await store.assignProviders(assignments)
  }
}

function missing(deliveries: readonly ClaimedDelivery[], known: (id: ContentId) => boolean): ContentId[] {
  const ids = new Set<ContentId>()
  for (const { contentId } of deliveries) if (!known(contentId)) ids.add(contentId)
  return [...ids]
}
