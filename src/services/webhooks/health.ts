//
// Owns: how long a webhook has taken nothing, and the end of that: it is disabled when it says that it is gone (410), or
// after three days of failures; the operator is told once.

import type { Log } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { WebhookId } from '../../core/webhook.ts'
import type { Failing, WebhookStore } from '../../store/webhook-store.ts'
import { GIVE_UP_AFTER } from '../posting/retry.ts'
import type { KnownWebhook, WebhookBook } from './book.ts'
import { isGone, isTaken, type Tried } from './judge.ts'

export interface HealthParts {
  readonly store: Pick<WebhookStore, 'disable'>
  readonly book: Pick<WebhookBook, 'read'>
  readonly log: Log
  readonly alert: (subject: string, text: string, key: string) => Promise<unknown>
  /** It was disabled here, by nobody. */
  readonly disabled?: (hook: KnownWebhook, reason: string) => Promise<void>
}

export class Health {
  readonly #parts: HealthParts
  readonly #note: (failing: Failing) => void
  /** As this node knows it; what is not here is as the row says. */
  readonly #since = new Map<WebhookId, Milliseconds | null>()
  readonly #disabling = new Set<WebhookId>()

  constructor(parts: HealthParts, note: (failing: Failing) => void) {
    this.#parts = parts
    this.#note = note
  }

  /** `aheadSince`: by how much the clock was set ahead since then. */
  heard(
    hook: KnownWebhook,
    tried: Tried,
    { aheadSince, now }: { readonly now: Milliseconds; aheadSince(at: Milliseconds): Milliseconds },
  ): void {
    const before = this.#since.has(hook.id) ? (this.#since.get(hook.id) ?? null) : hook.failingSince
    if (isTaken(tried)) {
      if (before !== null) this.#remember(hook.id, null)
      return
    }
    const since = before ?? now
    if (before === null) this.#remember(hook.id, now)
    if (isGone(tried)) void this.#disable(hook, 'it answered 410 Gone', now)
    else if (now - aheadSince(since) - since >= GIVE_UP_AFTER)
      void this.#disable(hook, sayFailure(tried), now)
  }

  #remember(webhookId: WebhookId, since: Milliseconds | null): void {
    this.#since.set(webhookId, since)
    this.#note({ webhookId, since })
  }

  async #disable(hook: KnownWebhook, reason: string, now: Milliseconds): Promise<void> {
    const { id, url } = hook
    const { alert, book, log, store } = this.#parts
    if (this.#disabling.has(id)) return
    this.#disabling.add(id)
    try {
      const disabled = await store.disable(id, reason)
      await book.read()
      if (!disabled.ok || !disabled.value) return
      this.#since.delete(id)
      log.error('a webhook is disabled', { webhook: id, url, reason })
      await this.#parts.disabled?.(hook, reason)
      await alert(
        `The webhook ${id} is disabled`,
        `${url}: ${reason}.\n\n` +
          'Nothing is posted to it from now on. What waited when it was disabled is kept for three days, and everything\n' +
          'that happened meanwhile can be posted again. When the endpoint is there again:\n\n' +
          `    mailwok webhook enable ${id}\n    mailwok webhook replay ${id} --since 2h\n`,
        `webhook-disabled:${id}:${now}`,
      )
    } catch (error) {
      log.error('a webhook could not be disabled', { webhook: id, error: String(error) })
    } finally {
      this.#disabling.delete(id)
    }
  }
}

const sayFailure = ({ fault, status }: Tried): string =>
  `it took nothing for three days; the last time ${status === null ? fault : `it answered ${status}`}`
