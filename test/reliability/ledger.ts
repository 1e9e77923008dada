//
// Owns: what the outside world saw, in one order: acknowledgements at the clients, receipts at the recorder, and the
// ends of the node. What is asserted about time is asserted about this order, never about milliseconds.

import type { Taken } from '../support/recorder.ts'

export interface Receipt {
  /** What the node called itself. */
  readonly helo: string
  readonly messageId: string
  /** Which life of the node it came from: receipts between its start and the next one. */
  readonly life: number
  /** Its place among all receipts. */
  readonly place: number
  readonly at: number
}

/** The end of one life: who had been received and who had been acknowledged by then. */
export interface End {
  readonly life: number
  readonly acknowledged: number
  /** Receipts when the signal went out; those of the same life that lie behind it were still in the sockets. */
  readonly receipts: number
  readonly at: number
}

export class Ledger {
  readonly ends: End[] = []
  /** Acknowledged recipients, and through which door they came. */
  readonly acknowledged = new Map<string, 'smtp' | 'rest'>()
  readonly receipts = new Map<string, Receipt[]>()
  /** Whatever must never happen, in words. */
  readonly wrong: string[] = []
  /** Refusals by code, of both doors. */
  readonly refused = new Map<string, number>()
  life = 0
  receiptCount = 0
  #names = 0

  /** A name that no other message of this ledger has. */
  newName(): string {
    this.#names += 1
    return `m${this.#names}`
  }

  acknowledge(recipients: readonly string[], door: 'smtp' | 'rest'): void {
    for (const recipient of recipients) {
      if (this.acknowledged.has(recipient)) this.wrong.push(`${recipient} was acknowledged twice`)
      this.acknowledged.set(recipient, door)
    }
  }

  refuse(code: string): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1)
  }

  take({ helo, recipients, messageId, mark }: Taken): void {
    for (const recipient of recipients) {
      this.receiptCount += 1
      const receipt = { helo, messageId, life: this.life, place: this.receiptCount, at: performance.now() }
      const earlier = this.receipts.get(recipient)
      if (earlier === undefined) this.receipts.set(recipient, [receipt])
      else {
        if (earlier[0]?.messageId !== messageId) this.wrong.push(`${recipient} got two messages`)
        earlier.push(receipt)
      }
      if (nameOf(recipient) !== mark) this.wrong.push(`${recipient} got the body of ${mark}`)
    }
  }

  endLife(): void {
    const { life, receiptCount: receipts } = this
    this.ends.push({ life, receipts, acknowledged: this.acknowledged.size, at: performance.now() })
  }

  /** Acknowledged and not received (yet). */
  missing(): readonly string[] {
    return [...this.acknowledged.keys()].filter((recipient) => !this.receipts.has(recipient))
  }

  get outstanding(): number {
    return this.acknowledged.size - this.receipts.size
  }

  /** Receipts that were followed by another one of the same recipient. */
  duplicated(): readonly { readonly recipient: string; readonly first: Receipt; readonly next: Receipt }[] {
    return [...this.receipts].flatMap(([recipient, all]) =>
      all.slice(1).flatMap((next, index) => {
        const first = all[index]
        return first === undefined ? [] : [{ recipient, first, next }]
      }),
    )
  }
}

/** Recipients of one message are `name@…`, `name+2@…`. */
const nameOf = (recipient: string): string => recipient.split(/[+@]/, 1)[0] ?? ''
