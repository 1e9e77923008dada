//
// Owns: what readers did with mail, as the store takes it: opens and clicks in batches, and leaving, which is an entry of the
// suppression list in the same commit.
// Never: whether a person did it (mail/tracking/machine.ts).

import type { MailEvent } from '../core/event.ts'
import type { DeliveryId } from '../core/ids.ts'
import type { Delivery, Message } from '../core/message.ts'
import type { Result } from '../core/result.ts'
import type { Suppression } from '../core/suppression.ts'
import type { StoreFault } from './store-fault.ts'

export type ReadingEvent = Extract<MailEvent, { type: 'email.opened' | 'email.clicked' }>
export type LeavingEvent = Extract<MailEvent, { type: 'email.unsubscribed' }>

export interface EngagementStore {
  /** Whose these copies are. Those that retention has removed are absent: a redirect works all the same. */
  copies(ids: readonly DeliveryId[]): Promise<ReadonlyMap<DeliveryId, Copy>>
  /**
   * Appends them all in one commit, in the order given. `again`: these very events were given before and the answer was lost or
   * a refusal; what is in the log already is not written twice.
   */
  append(events: readonly ReadingEvent[], again?: 'again'): Promise<Result<void, StoreFault>>
  /** What is kept of a delivered copy that retention has removed, so that its recipient can still leave. */
  wayOut(id: DeliveryId): Promise<KeptWayOut | null>
  /**
   * Event and entry in one commit, the entry with the event's id. `known` when one stood there already that lasts as long:
   * nothing is written then.
   */
  leave(event: LeavingEvent, entry: Suppression): Promise<Result<'done' | 'known', StoreFault>>
}

/** What a reader's event needs to know of the copy that was read. */
export type Copy = Pick<Delivery, 'id' | 'recipient' | 'state' | 'finishedAt'> &
  Pick<Message, 'accountId' | 'mode' | 'tags' | 'wishes' | 'signingDomain'> & {
    readonly messageId: Message['id']
  }

export type KeptWayOut = Pick<Copy, 'accountId' | 'recipient' | 'signingDomain'> & {
  readonly list: string | null
}
