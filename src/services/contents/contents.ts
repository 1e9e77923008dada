//
// Owns: what a recipient got or will get, for people to look at: the captured bytes, else a copy rendered now.
// Never: sends it.

import type { StoredContent } from '../../core/content.ts'
import type { Delivery, Message } from '../../core/message.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { MessageStore } from '../../store/store.ts'
import type { CapturedMail } from './captured.ts'

export interface ContentsParts {
  readonly messages: Pick<MessageStore, 'deliveries' | 'contents'>
  readonly captured: Pick<CapturedMail, 'read'>
  /** A copy as it would leave now, signed; or why it cannot be made. */
  render(message: Message, delivery: Delivery, content: StoredContent): Promise<Result<Buffer, string>>
}

export interface Copy {
  readonly delivery: Delivery
  /** `captured`: these octets went into the folder. `rendered`: made now; only the signatures differ from what is sent. */
  readonly source: 'captured' | 'rendered'
  readonly bytes: Buffer
}

/** Words for people. */
export interface NoCopy {
  readonly why: 'no_such_recipient' | 'removed' | 'damaged' | 'unrenderable'
  readonly say: string
}

export class Contents {
  readonly #parts: ContentsParts

  constructor(parts: ContentsParts) {
    this.#parts = parts
  }

  /** Of one recipient of the message; null: of the first. */
  async copy(message: Message, recipient: string | null): Promise<Result<Copy, NoCopy>> {
    const deliveries = await this.#parts.messages.deliveries(message.id)
    const wanted = recipient?.toLowerCase() ?? null
    const delivery = deliveries.find((one) => wanted === null || one.recipient.toLowerCase() === wanted)
    if (delivery === undefined) {
      const among = deliveries.slice(0, 5).map((one) => one.recipient)
      const more = deliveries.length > among.length ? ' and others' : ''
      const say = `${message.id} has no recipient ${JSON.stringify(recipient)}; it has ${among.join(', ')}${more}`
      return fault({ why: 'no_such_recipient', say })
    }
    const captured = await this.#parts.captured.read(delivery.id)
    if (captured !== null) return ok({ delivery, source: 'captured', bytes: captured })
    return this.#render(message, delivery)
  }

  async #render(message: Message, delivery: Delivery): Promise<Result<Copy, NoCopy>> {
    const { messages, render } = this.#parts
    const content = (await messages.contents([message.contentId])).get(message.contentId)
    // Words that many share are kept for those who wait; what was this message's own is gone.
    const isEmptied =
      content !== undefined && content !== 'damaged' && content.kind === 'merged' && !message.fill
    if (content === undefined || isEmptied) {
      return fault({
        why: 'removed',
        say: `the content of ${message.id} was removed: it is kept for retention.content after the last recipient's answer`,
      })
    }
    if (content === 'damaged') {
      return fault({
        why: 'damaged',
        say: `the stored content of ${message.id} does not match its SHA-256: the disk has changed it`,
      })
    }
    const copy = await render(message, delivery, content)
    return copy.ok
      ? ok({ delivery, source: 'rendered', bytes: copy.value })
      : fault({ why: 'unrenderable', say: `${message.id} cannot be rendered: ${copy.error}` })
  }
}
