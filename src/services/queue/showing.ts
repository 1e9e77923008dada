//
// Owns: one copy of a message as it would leave now, signed, for people to look at.
// Never: sends it, or counts it as an attempt.

import type { StoredContent } from '../../core/content.ts'
import type { ClaimedDelivery, Delivery, Message } from '../../core/message.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { prepareKey } from '../../mail/dkim/key.ts'
import { Renderer } from '../../net/delivery/render.ts'
import { orderOf } from './orders.ts'
import type { Identities } from './parts.ts'

export interface ShowingParts {
  readonly identities: Pick<Identities, 'load'>
  /** What tokens in tracked mail are made with. */
  readonly trackingKey: Uint8Array
  readonly clock: Clock
}

/** Rejects when a key of the domain cannot be opened. */
export async function renderCopy(
  { clock, identities, trackingKey }: ShowingParts,
  { message, delivery, content }: { message: Message; delivery: Delivery; content: StoredContent },
): Promise<Result<Buffer, string>> {
  const identity = await identities.load(message.signingDomain)
  const order = orderOf(
    { delivery: claimed(message, delivery), transport: NOWHERE, routeKey: '' },
    { slot: 0, at: clock.now(), identity, content, shared: false, messagesPerConnection: null },
  )
  // Nobody looks at mail so often that keys and contents were worth keeping.
  const renderer = new Renderer(trackingKey)
  renderer.setKeys(
    message.signingDomain,
    identity.keys.map((key) => prepareKey(key, null)),
  )
  const rendered = renderer.render(order)
  return rendered.ok ? ok(Buffer.concat(rendered.value.pieces)) : fault(rendered.error)
}

const NOWHERE = { kind: 'capture', folder: '' } as const

const claimed = (message: Message, delivery: Delivery): ClaimedDelivery => ({
  ...message,
  id: delivery.id,
  messageId: message.id,
  recipient: delivery.recipient,
  destination: delivery.destination,
  attempts: delivery.attempts,
  lastSource: null,
  dsn: delivery.dsn,
})
