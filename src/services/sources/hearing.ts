//
// Owns: what late news (complaints, bounces of mail that was taken) mean for the address that the mail left from: they
// are booked where it was sent. Evidence of the attempt says where that was.

import type { MailEvent } from '../../core/event.ts'
import type { Log } from '../../core/ports.ts'
import type { Provider } from '../../core/route.ts'
import type { MessageStore } from '../../store/store.ts'
import type { WarmupLedger } from './ledger.ts'

export interface HearingParts {
  readonly messages: Pick<MessageStore, 'attempts'>
  readonly ledger: Pick<WarmupLedger, 'complained' | 'bounced'>
  /** Of an MX host. */
  readonly providerOf: (mx: string) => Provider
  readonly log: Log
}

export class Hearing {
  readonly #parts: HearingParts

  constructor(parts: HearingParts) {
    this.#parts = parts
  }

  /** Nobody waits for it: what is lost here is one figure of one day. */
  async heard(event: MailEvent): Promise<void> {
    const { ledger, log, messages, providerOf } = this.#parts
    const isComplaint = event.type === 'email.complained'
    const isLate = event.type === 'email.bounced' && event.late === true && event.failure.type === 'hard'
    if (!isComplaint && !isLate) return
    try {
      const attempts = await messages.attempts(event.messageId)
      const sent = attempts.findLast(
        ({ deliveryId, outcome }) => deliveryId === event.deliveryId && outcome === 'delivered',
      )
      // What a smarthost sent is its own matter.
      if (sent === undefined || sent.via !== 'direct' || sent.mx === null) return
      const provider = providerOf(sent.mx)
      if (isComplaint) ledger.complained(provider, sent.source)
      else ledger.bounced(provider, sent.source)
    } catch (error) {
      log.warn('late news could not be booked for warm-up', {
        delivery: event.deliveryId,
        error: String(error),
      })
    }
  }
}
