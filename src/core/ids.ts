//
// Owns: identifiers. 8 characters of milliseconds, 1 of node, 3 of a counter within the millisecond,
// base 36: they sort by time and are unique without dice.

import type { Brand } from './brand.ts'
import type { Milliseconds } from './time.ts'

export type MessageId = Brand<string, 'MessageId'>
/** `<message id>.<ordinal>`: a delivery's message can be read off its name, and its siblings stand beside it. */
export type DeliveryId = Brand<string, 'DeliveryId'>
export type ContentId = Brand<string, 'ContentId'>
export type EventId = Brand<string, 'EventId'>
export type AccountId = Brand<string, 'AccountId'>
export type KeyId = Brand<string, 'KeyId'>
export type RequestId = Brand<string, 'RequestId'>
export type UserId = Brand<string, 'UserId'>
export type SessionId = Brand<string, 'SessionId'>
export type InvitationId = Brand<string, 'InvitationId'>

const MILLISECONDS_DIGITS = 8
const COUNTER_DIGITS = 3
const COUNTER_LIMIT = 36 ** COUNTER_DIGITS

export interface Ids {
  message(): MessageId
  content(): ContentId
  event(): EventId
  account(): AccountId
  key(): KeyId
  request(): RequestId
  /** `rep_…`, `rte_…`: what others reported, and where mail for our addresses goes. */
  report(): string
  inboundRoute(): string
  /** `whk_…`: a webhook of an account. */
  webhook(): string
  /** `tpl_…` */
  template(): string
  /** `usr_…`, `ses_…`, `inv_…`: people, and how they are let in; `aud_…`: what they did. */
  user(): UserId
  session(): SessionId
  invitation(): InvitationId
  audit(): string
}

/** `node` is one base-36 digit: no two live nodes of one cluster may share it. */
export function idsFor(node: string, now: () => Milliseconds): Ids {
  if (!/^[0-9a-z]$/.test(node)) throw new Error(`node digit is ${JSON.stringify(node)}; want one of 0-9a-z`)
  let last = 0
  let counter = 0
  let stamp = ''
  const next = (): string => {
    // A clock that was set back must not repeat identifiers: time here never runs backwards.
    const at = Math.max(now(), last)
    if (at !== last || stamp === '') {
      last = at
      counter = 0
      stamp = digits(at, MILLISECONDS_DIGITS) + node
    } else if (++counter === COUNTER_LIMIT) {
      last += 1
      counter = 0
      stamp = digits(last, MILLISECONDS_DIGITS) + node
    }
    return stamp + digits(counter, COUNTER_DIGITS)
  }
  return {
    message: () => `msg_${next()}` as MessageId,
    content: () => `cnt_${next()}` as ContentId,
    event: () => `evt_${next()}` as EventId,
    account: () => `acc_${next()}` as AccountId,
    key: () => `key_${next()}` as KeyId,
    request: () => `req_${next()}` as RequestId,
    report: () => `rep_${next()}`,
    inboundRoute: () => `rte_${next()}`,
    webhook: () => `whk_${next()}`,
    template: () => `tpl_${next()}`,
    user: () => `usr_${next()}` as UserId,
    session: () => `ses_${next()}` as SessionId,
    invitation: () => `inv_${next()}` as InvitationId,
    audit: () => `aud_${next()}`,
  }
}

const digits = (value: number, width: number): string => value.toString(36).padStart(width, '0')

/** The next one in the order of ids, whether or not it was given. */
export function idAfter(id: MessageId): MessageId {
  const number = [...id.slice('msg_'.length)].reduce(
    (sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)),
    0n,
  )
  return `msg_${(number + 1n).toString(36).padStart(12, '0')}` as MessageId
}

/** When an id was made. */
export const timeOf = (id: MessageId | EventId): Milliseconds =>
  Number.parseInt(id.slice('msg_'.length, 'msg_'.length + MILLISECONDS_DIGITS), 36)

export const deliveryId = (message: MessageId, ordinal: number): DeliveryId =>
  `${message}.${ordinal}` as DeliveryId

export const messageOf = (delivery: DeliveryId): MessageId =>
  delivery.slice(0, delivery.lastIndexOf('.')) as MessageId

export const parseDeliveryId = (text: string): DeliveryId | null =>
  /^msg_[0-9a-z]{12}\.\d{1,7}$/.test(text) ? (text as DeliveryId) : null

export const parseEventId = (text: string): EventId | null =>
  /^evt_[0-9a-z]{12}$/.test(text) ? (text as EventId) : null

export const parseMessageId = (text: string): MessageId | null =>
  /^msg_[0-9a-z]{12}$/.test(text) ? (text as MessageId) : null
