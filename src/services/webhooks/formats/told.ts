//
// Owns: what is known of an event to who tells it in a vendor's words. Pure.

import type { MailEvent, MailEventType } from '../../../core/event.ts'
import { type Milliseconds, SECOND } from '../../../core/time.ts'
import type { EventMessage } from '../../../store/event-store.ts'

/** What stands in the message of an event. */
export type ToldFacts = EventMessage

/** A vendor's way of telling. */
export interface Teller {
  /** Our names of what this vendor has a name for, and his. */
  readonly names: Readonly<Partial<Record<MailEventType, string>>>
  /** `facts` are null when retention has removed the message. */
  body(event: MailEvent, facts: ToldFacts | null): unknown
}

export const iso = (at: Milliseconds): string => new Date(at).toISOString()
export const secondsOf = (at: Milliseconds): number => Math.floor(at / SECOND)

/** The Message-ID field of what went out, without its angle brackets. */
export function fieldOf(event: MailEvent, facts: ToldFacts | null): string {
  const from = facts?.from ?? ''
  return `${event.messageId}@${from.slice(from.lastIndexOf('@') + 1)}`
}

/** A whole number that names an event where a vendor has numbers: the last 53 bits of it. */
export function numberOf(event: Pick<MailEvent, 'id'>): number {
  let number = 0n
  for (const letter of event.id.slice('evt_'.length))
    number = number * 36n + BigInt(Number.parseInt(letter, 36))
  return Number(number % 2n ** 53n)
}
