//
// Owns: a recipient leaves, by whatever way: the entry of the suppression list and its event in one commit, in force on this node
// when the answer goes out. And coming back, for who pressed the button by mistake.
// Never: believes anything but a token that was read by one of our keys (mail/tracking/way-out.ts).

import { type Domain, domainOf } from '../../core/address.ts'
import { type DeliveryId, type Ids, messageOf } from '../../core/ids.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { ok, type Result } from '../../core/result.ts'
import type { Suppression as Entry, SuppressionScope } from '../../core/suppression.ts'
import type { Copy, EngagementStore, LeavingEvent } from '../../store/engagement-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { SuppressionStore } from '../../store/suppression-store.ts'
import { type Suppression, suppressionKey } from '../suppression/suppression.ts'

export interface LeavingParts {
  readonly store: Pick<EngagementStore, 'copies' | 'wayOut' | 'leave'>
  readonly entries: Pick<SuppressionStore, 'entries'>
  readonly suppression: Pick<Suppression, 'changed' | 'remove'>
  /** What waits for him in this node's memory is looked at again before it goes. */
  readonly recall: (left: Pick<Entry, 'accountId' | 'recipient'> & { readonly destination: Domain }) => void
  /** After the commit: followers are in a hurry to hear of it. */
  readonly ring: (event: LeavingEvent) => void
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** Whom a token speaks for. */
export type Leaver = Pick<Copy, 'id' | 'messageId' | 'accountId' | 'recipient' | 'mode' | 'signingDomain'> & {
  /** The list of the message; null: of none. */
  readonly list: string | null
}

export type LeftScope = Exclude<SuppressionScope, ''>

export type Departure = Pick<LeavingEvent, 'by' | 'ip' | 'userAgent'> & { readonly scope: LeftScope }

/** How it stands with one scope. */
export type Standing =
  | 'comes'
  /** He left, and may come back. */
  | 'left'
  /** It is stopped by something else: nobody but the sender can change that. */
  | 'stopped'

const NOTES: Readonly<Record<LeavingEvent['by'], string>> = {
  'one-click': 'unsubscribed with one click (RFC 8058)',
  page: 'unsubscribed on the page',
  mailto: 'unsubscribed by mail',
}

export class Leaving {
  readonly #parts: LeavingParts

  constructor(parts: LeavingParts) {
    this.#parts = parts
  }

  /** Null: nothing is known of it any more (retention.unsubscribe). */
  async find(id: DeliveryId): Promise<Leaver | null> {
    const { store } = this.#parts
    const messageId = messageOf(id)
    const copy = (await store.copies([id])).get(id)
    if (copy !== undefined) {
      const { accountId, recipient, mode, signingDomain, wishes } = copy
      return { id, messageId, accountId, recipient, mode, signingDomain, list: wishes.list ?? null }
    }
    const kept = await store.wayOut(id)
    return kept === null ? null : { id, messageId, mode: 'live', ...kept }
  }

  /** What the message itself is: its list, else all marketing mail. */
  static scopeOf({ list }: Leaver): LeftScope {
    return list === null ? 'marketing' : `list:${list}`
  }

  async standing(leaver: Leaver, scope: LeftScope): Promise<Standing> {
    const entries = await this.#entries(leaver)
    const entry = entries.find((each) => each.scope === scope)
    if (entry?.reason === 'unsubscribe') return 'left'
    // A bounce or a complaint stops everything.
    return entry !== undefined || entries.some((each) => each.scope === '') ? 'stopped' : 'comes'
  }

  /** Twice is once: the second time nothing is written. */
  async leave(
    leaver: Leaver,
    { scope, by, ip, userAgent }: Departure,
  ): Promise<Result<'done' | 'known', StoreFault>> {
    const { clock, ids, log, meter, recall, ring, store, suppression } = this.#parts
    const { id, messageId, accountId, recipient } = leaver
    const key = suppressionKey(recipient)
    // Nothing of it reached anybody: whoever has the link is its author.
    if (leaver.mode === 'test') return ok('known')
    if ((await this.#entry(leaver, scope)) !== null) return ok('known')
    const at = clock.now()
    const head = { id: ids.event(), accountId, messageId, deliveryId: id, recipient, at }
    const event: LeavingEvent = { ...head, type: 'email.unsubscribed', scope, by, ip, userAgent }
    const left = await store.leave(event, {
      accountId,
      recipient: key,
      scope,
      reason: 'unsubscribe',
      eventId: event.id,
      note: NOTES[by],
      createdAt: at,
      expiresAt: null,
    })
    // Also after a fault: it may have been written.
    suppression.changed(accountId)
    if (!left.ok) return left
    if (left.value === 'done') {
      recall({ accountId, recipient: key, destination: domainOf(recipient) })
      ring(event)
      meter.count('unsubscribed_total', 1, { by })
      log.info('unsubscribed', { delivery: id, scope, by })
    }
    return left
  }

  /** Takes back what the recipient himself has done, and nothing that others did. */
  async comeBack(leaver: Leaver, scope: LeftScope): Promise<Result<'done' | 'kept', StoreFault>> {
    const { log, suppression } = this.#parts
    const entry = await this.#entry(leaver, scope)
    if (entry === null) return ok('done')
    if (entry.reason !== 'unsubscribe') return ok('kept')
    const removed = await suppression.remove(entry.accountId, entry.recipient, scope)
    if (!removed.ok) return removed
    log.info('subscribed again', { delivery: leaver.id, scope })
    return ok('done')
  }

  async #entry(leaver: Leaver, scope: LeftScope): Promise<Entry | null> {
    return (await this.#entries(leaver)).find((entry) => entry.scope === scope) ?? null
  }

  /** Those in force. */
  async #entries({ accountId, recipient }: Leaver): Promise<readonly Entry[]> {
    const { clock, entries } = this.#parts
    const now = clock.now()
    const all = await entries.entries(accountId, suppressionKey(recipient))
    return all.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
  }
}
