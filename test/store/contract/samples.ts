//
// Owns: values for the store's tests, and how a suite opens a store. Nothing here knows an engine.

import { type Domain, parseDomain, parseMailbox } from '../../../src/core/address.ts'
import type { StoredContent } from '../../../src/core/content.ts'
import type { MailEvent } from '../../../src/core/event.ts'
import { type AccountId, type DeliveryId, deliveryId, type Ids, idsFor } from '../../../src/core/ids.ts'
import type { Message } from '../../../src/core/message.ts'
import { type LineId, lineOf, rankOf } from '../../../src/store/line.ts'
import type { StoreOptions } from '../../../src/store/options.ts'
import type { Acceptance, AttemptRecord, Holder, Settlement, Store } from '../../../src/store/store.ts'

/** An empty, migrated store. The suite closes it. */
export type Open = () => Promise<Store>

export const NOW = 1_700_000_000_000
export const ids: Ids = idsFor('t', () => NOW)
export const HOLDER: Holder = { node: 'n1', boot: 'b1' }
export const ACCOUNT = 'acc_000000000001' as AccountId

export function domainNamed(text: string): Domain {
  const parsed = parseDomain(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`)
  return parsed.value
}

export function mailboxNamed(text: string) {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`)
  return parsed.value
}

/** The line of transactional mail to `destination` that stands alone, of the account of all samples. */
export const lineTo = (destination: string, message: Partial<Message> = {}): LineId =>
  lineOf({
    destination,
    rank: rankOf(message.stream ?? 'transactional'),
    account: message.accountId ?? ACCOUNT,
    campaign: message.campaign ?? '',
  })

export function contentOfText(text: string): StoredContent {
  const bytes = Buffer.from(text)
  const sha256 = new Uint8Array(32)
  Bun.SHA256.hash(bytes, sha256)
  return { id: ids.content(), kind: 'submitted', bytes, sha256 }
}

export function messageWith(change: Partial<Message> = {}): Message {
  return {
    id: ids.message(),
    accountId: ACCOUNT,
    keyId: null,
    contentId: ids.content(),
    source: 'api',
    mode: 'live',
    createdAt: NOW,
    reversePath: mailboxNamed('shop@example.com'),
    from: mailboxNamed('shop@example.com'),
    signingDomain: domainNamed('example.com'),
    subject: 'Ihre Bestellung ✓',
    stream: 'transactional',
    tags: ['welcome', 'first'],
    custom: { order: 7 },
    trackOpens: true,
    trackClicks: false,
    expiresAt: NOW + 5 * 86_400_000,
    size: 4096,
    campaign: null,
    pool: null,
    wishes: {},
    ...change,
  }
}

export interface Wish {
  readonly to?: readonly string[]
  readonly dueAt?: number
  readonly leased?: boolean
  readonly holder?: Holder
  readonly state?: 'queued' | 'suppressed' | 'held'
  readonly message?: Partial<Message>
  readonly text?: string
  readonly idempotency?: { readonly key: string; readonly bodyHash: string }
}

/** A whole acceptance: one delivery per recipient, each with its `queued` event. */
export function acceptanceOf(wish: Wish = {}): Acceptance {
  const content = contentOfText(wish.text ?? 'Subject: hello\r\n\r\nworld\r\n')
  const message = messageWith({ contentId: content.id, ...wish.message })
  const to = (wish.to ?? ['ann@one.example']).map(mailboxNamed)
  const { idempotency } = wish
  return {
    message,
    content: message.contentId === content.id ? content : null,
    deliveries: to.map((recipient, ordinal) => ({
      id: deliveryId(message.id, ordinal),
      recipient,
      destination: domainNamed(recipient.slice(recipient.lastIndexOf('@') + 1)),
      state: wish.state ?? 'queued',
      dueAt: wish.dueAt ?? NOW,
      leased: wish.leased ?? false,
      dsn: null,
    })),
    events: to.map((recipient, ordinal) => ({
      id: ids.event(),
      type: 'email.queued',
      accountId: message.accountId,
      messageId: message.id,
      deliveryId: deliveryId(message.id, ordinal),
      recipient,
      at: message.createdAt,
    })),
    idempotency: idempotency
      ? {
          accountId: message.accountId,
          key: idempotency.key,
          bodyHash: idempotency.bodyHash,
          answer: JSON.stringify({ message_id: message.id }),
          createdAt: message.createdAt,
        }
      : null,
    holder: wish.holder ?? HOLDER,
  }
}

export const firstDelivery = (acceptance: Acceptance): DeliveryId => deliveryId(acceptance.message.id, 0)

export function attemptNumber(number: number, outcome: AttemptRecord['outcome']): AttemptRecord {
  return {
    number,
    outcome,
    startedAt: NOW + 10,
    endedAt: NOW + 20,
    mx: 'mx1.one.example',
    address: '192.0.2.1',
    source: '198.51.100.9',
    tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', verified: false },
    peerSoftware: 'Postfix',
    diagnostic: outcome === 'delivered' ? '250 2.0.0 Ok' : '451 4.3.0 later',
    code: outcome === 'delivered' ? 250 : 451,
    enhancedCode: outcome === 'delivered' ? '2.0.0' : '4.3.0',
    via: 'direct',
    transcript: '0 MAIL 250 Ok\n3 RCPT 250 Ok',
  }
}

export function deliveredEvent(acceptance: Acceptance, ordinal = 0): MailEvent {
  return {
    id: ids.event(),
    type: 'email.delivered',
    accountId: acceptance.message.accountId,
    messageId: acceptance.message.id,
    deliveryId: deliveryId(acceptance.message.id, ordinal),
    recipient: mailboxNamed('ann@one.example'),
    at: NOW + 20,
    peer: { mx: 'mx1.one.example', ip: '192.0.2.1', software: 'Postfix' },
    response: '250 2.0.0 Ok',
    elapsed: 20,
  }
}

export const delivered = (acceptance: Acceptance, ordinal = 0): Settlement => ({
  deliveryId: deliveryId(acceptance.message.id, ordinal),
  attempt: attemptNumber(1, 'delivered'),
  next: { state: 'delivered', at: NOW + 20 },
  events: [deliveredEvent(acceptance, ordinal)],
})

export const deferred = (acceptance: Acceptance, dueAt: number, ordinal = 0): Settlement => ({
  deliveryId: deliveryId(acceptance.message.id, ordinal),
  attempt: attemptNumber(1, 'deferred'),
  next: { state: 'queued', dueAt },
  events: [],
})

/** Real time, and nobody listens. */
export function storeOptions(): StoreOptions {
  const nothing = (): void => undefined
  return {
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      after: (wait, then) => {
        const timer = setTimeout(then, wait)
        return () => clearTimeout(timer)
      },
    },
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    meter: { count: nothing, observe: nothing, gauge: nothing },
  }
}
