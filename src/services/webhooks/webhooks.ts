//
// Owns: making, changing and taking away webhooks, and their secrets, which are told once.

import { randomBytes } from 'node:crypto'
import type { LogEventType } from '../../core/event.ts'
import type { AccountId, Ids } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { Webhook, WebhookFormat, WebhookId } from '../../core/webhook.ts'
import type { AllowedPlace } from '../../net/http/aim.ts'
import type { EventStore } from '../../store/event-store.ts'
import type { LogStore } from '../../store/log-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { WebhookStore } from '../../store/webhook-store.ts'
import { type TargetFault, targetFault } from '../posting/destination.ts'
import { type KnownWebhook, sealPurpose, type WebhookBook } from './book.ts'
import { typesOf, usualOf } from './formats/formats.ts'
import { shownSecret } from './formats/signing.ts'
import { WEBHOOKS } from './telling.ts'

export interface WebhookParts {
  readonly store: Pick<WebhookStore, 'add' | 'list' | 'change' | 'rotate' | 'remove' | 'hasten'>
  readonly events: Pick<EventStore, 'end'>
  readonly log: Pick<LogStore, 'saveCursor'>
  readonly book: WebhookBook
  readonly seal: (purpose: string, bytes: Uint8Array) => Uint8Array
  /** Inside places that webhooks may reach. */
  readonly allow: readonly AllowedPlace[]
  /** What waits for it may go. */
  readonly wake: () => void
  readonly clock: Clock
  readonly ids: Pick<Ids, 'webhook'>
}

export interface WebhookDraft {
  readonly url: string
  /** Absent or empty: the usual ones. */
  readonly events?: readonly string[] | undefined
  readonly note?: string | undefined
  /** In whose words it is told; absent: in ours. */
  readonly format?: WebhookFormat | undefined
}
export interface WebhookChange extends Partial<Omit<WebhookDraft, 'format'>> {
  readonly state?: 'enabled' | 'disabled' | undefined
}

export type WebhookFault =
  | StoreFault
  | TargetFault
  | 'unknown'
  | 'too-many'
  | {
      readonly kind: 'unknown-event'
      readonly name: string
      readonly at: number
      /** What its format has words for. */
      readonly known: readonly LogEventType[]
    }

export interface MadeWebhook {
  readonly webhook: Webhook
  /** What the receiver checks with: `whsec_…` where the format is ours. */
  readonly secret: string
}

/** Of an account: each event is written once for each of them. */
export const MAX_WEBHOOKS = 100
/** Standard Webhooks: 24 to 64. */
const SECRET_OCTETS = 32
/** How long the secret before signs as well. */
export const ROTATION: Milliseconds = DAY

export class Webhooks {
  readonly #parts: WebhookParts

  constructor(parts: WebhookParts) {
    this.#parts = parts
  }

  /** What is read from the store: another node may have made them just now. Null: of all accounts. */
  list(account: AccountId | null): Promise<readonly Webhook[]> {
    return this.#parts.store.list(account)
  }

  /** Null: the operator, who sees all. */
  async get(id: WebhookId, account: AccountId | null): Promise<KnownWebhook | null> {
    await this.#parts.book.read()
    const hook = this.#parts.book.get(id)
    return hook !== null && (account === null || hook.accountId === account) ? hook : null
  }

  async add(accountId: AccountId, draft: WebhookDraft): Promise<Result<MadeWebhook, WebhookFault>> {
    const { allow, book, clock, events, ids, log, seal, store } = this.#parts
    const wanted = readEvents(draft.events ?? [], draft.format ?? 'mailwok')
    if (!wanted.ok) return wanted
    const wrong = targetFault(draft.url, allow)
    if (wrong !== null) return fault(wrong)
    const all = await store.list(null)
    if (all.filter((one) => one.accountId === accountId).length >= MAX_WEBHOOKS) return fault('too-many')
    if (all.length === 0) {
      // Nobody has followed until now; what happened before is nobody's.
      const begun = await log.saveCursor(WEBHOOKS, await events.end())
      if (!begun.ok) return begun
    }
    const id = ids.webhook() as WebhookId
    const octets = randomBytes(SECRET_OCTETS)
    const webhook: Webhook = {
      id,
      accountId,
      url: draft.url,
      events: wanted.value,
      note: draft.note ?? '',
      format: draft.format ?? 'mailwok',
      state: 'enabled',
      reason: '',
      createdAt: Math.floor(clock.now()),
      failingSince: null,
    }
    const secret = seal(sealPurpose(id), octets)
    const added = await store.add({ ...webhook, secret, previousSecret: null, previousUntil: null })
    if (!added.ok) return fault(added.error === 'exists' ? 'unavailable' : added.error)
    await book.read()
    return ok({ webhook, secret: shownSecret(webhook.format, octets) })
  }

  async change(hook: KnownWebhook, change: WebhookChange): Promise<Result<Webhook, WebhookFault>> {
    const { allow, book, clock, store, wake } = this.#parts
    const wanted = change.events === undefined ? ok(hook.events) : readEvents(change.events, hook.format)
    if (!wanted.ok) return wanted
    const url = change.url ?? hook.url
    const wrong = change.url === undefined ? null : targetFault(url, allow)
    if (wrong !== null) return fault(wrong)
    const state = change.state ?? hook.state
    const isWoken = state === 'enabled' && (hook.state === 'disabled' || url !== hook.url)
    const reason =
      state === 'enabled' ? '' : hook.state === 'disabled' ? hook.reason : 'it was disabled by hand'
    const next: Webhook = {
      ...plain(hook),
      url,
      events: wanted.value,
      note: change.note ?? hook.note,
      state,
      reason,
      failingSince: isWoken ? null : hook.failingSince,
    }
    const changed = await store.change(next)
    if (!changed.ok) return changed
    if (!changed.value) return fault('unknown')
    if (isWoken) await store.hasten(hook.id, Math.floor(clock.now()))
    await book.read()
    if (isWoken) wake()
    return ok(next)
  }

  /** The secret before goes on signing for a day: receivers have time to change over. */
  async rotate(hook: KnownWebhook): Promise<Result<MadeWebhook, WebhookFault>> {
    const { book, clock, seal, store } = this.#parts
    const octets = randomBytes(SECRET_OCTETS)
    const rotated = await store.rotate(hook.id, {
      secret: seal(sealPurpose(hook.id), octets),
      previousSecret: hook.secret,
      previousUntil: Math.floor(clock.now()) + ROTATION,
    })
    if (!rotated.ok) return rotated
    if (!rotated.value) return fault('unknown')
    await book.read()
    return ok({ webhook: plain(hook), secret: shownSecret(hook.format, octets) })
  }

  async remove(id: WebhookId): Promise<Result<boolean, StoreFault>> {
    const removed = await this.#parts.store.remove(id)
    if (removed.ok) await this.#parts.book.read()
    return removed
  }
}

const plain = (hook: KnownWebhook): Webhook => ({
  id: hook.id,
  accountId: hook.accountId,
  url: hook.url,
  events: hook.events,
  note: hook.note,
  format: hook.format,
  state: hook.state,
  reason: hook.reason,
  createdAt: hook.createdAt,
  failingSince: hook.failingSince,
})

/** Each once, in the order of the vocabulary. */
function readEvents(
  names: readonly string[],
  format: WebhookFormat,
): Result<readonly LogEventType[], WebhookFault> {
  const types = typesOf(format)
  const known: ReadonlySet<string> = new Set(types)
  const at = names.findIndex((name) => !known.has(name))
  if (at >= 0) return fault({ kind: 'unknown-event', name: names[at] ?? '', at, known: types })
  return ok(names.length === 0 ? usualOf(format) : types.filter((type) => names.includes(type)))
}
