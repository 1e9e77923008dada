//
// Owns: what a delivery status notification is made of. Types alone.

import type { Mailbox } from '../../core/address.ts'
import type { MailEvent } from '../../core/event.ts'
import type { DsnWish, Message } from '../../core/message.ts'

export type DsnKind = 'failure' | 'delay' | 'success'

/** What a receiver that was told of the wish has reported back (RFC 3461 §5.2.7). */
export interface Confirmation {
  readonly action: 'delivered' | 'relayed' | 'expanded'
  /** As the report names it. */
  readonly remoteMta: string | null
}

/** What happened to one recipient, and what he who submitted wished for it. */
export interface DsnItem {
  readonly event: MailEvent
  readonly wish: DsnWish | null
  /** Only of a success that the receiver itself reported. */
  readonly confirmation?: Confirmation
}

export interface DsnFacts {
  readonly kind: DsnKind
  /** One at least. */
  readonly items: readonly [DsnItem, ...DsnItem[]]
  readonly message: Message
  readonly to: Mailbox
  /** Null when it is kept no longer, or must not be returned. */
  readonly content: Uint8Array | null
  readonly hostname: string
}
