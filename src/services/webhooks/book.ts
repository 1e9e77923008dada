//
// Owns: which webhooks there are, in memory, with their secrets opened: the follower asks for every event.
// Other nodes change them as well; they are read again every few seconds.

import type { LogEventType } from '../../core/event.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { WebhookId } from '../../core/webhook.ts'
import type { StoredWebhook, WebhookStore } from '../../store/webhook-store.ts'

export interface BookParts {
  readonly store: Pick<WebhookStore, 'list'>
  readonly open: (purpose: string, sealed: Uint8Array) => Result<Uint8Array, string>
  readonly clock: Clock
  readonly log: Log
}

export interface KnownWebhook extends StoredWebhook {
  /** Under which its endpoint is remembered: another URL is another endpoint. */
  readonly endpoint: string
  readonly wanted: ReadonlySet<LogEventType>
  /** Opened; null: the master secret is another one, and nothing can be signed. */
  readonly key: Uint8Array | null
  readonly previousKey: Uint8Array | null
}

/** How long another node's changes may go unnoticed. */
const LOOK_EVERY: Milliseconds = 10 * SECOND

/** The row is bound in: secrets cannot be swapped between rows. */
export const sealPurpose = (id: WebhookId): string => `webhook ${id}`

export class WebhookBook {
  readonly #parts: BookParts
  #byId = new Map<WebhookId, KnownWebhook>()
  #byAccount = new Map<AccountId, readonly KnownWebhook[]>()
  #wanted: ReadonlySet<LogEventType> = new Set()
  #changed: () => void = () => undefined
  #cancel: () => void = () => undefined
  #stopped = false
  #reading: Promise<void> = Promise.resolve()

  constructor(parts: BookParts) {
    this.#parts = parts
  }

  get isEmpty(): boolean {
    return this.#byId.size === 0
  }

  get all(): Iterable<KnownWebhook> {
    return this.#byId.values()
  }

  get(id: WebhookId): KnownWebhook | null {
    return this.#byId.get(id) ?? null
  }

  /** Those of an account that are enabled. */
  of(account: AccountId): readonly KnownWebhook[] {
    return this.#byAccount.get(account) ?? NONE
  }

  /** Whether any of them waits for such events. */
  wants(type: LogEventType): boolean {
    return this.#wanted.has(type)
  }

  /** One listener; called after each reading. */
  onRead(changed: () => void): void {
    this.#changed = changed
  }

  async start(): Promise<void> {
    await this.read()
    this.#again()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#reading
  }

  /** After a change; what is read now is what holds. */
  read(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read())
    return this.#reading
  }

  #again(): void {
    if (this.#stopped) return
    this.#cancel = this.#parts.clock.after(LOOK_EVERY, () => {
      void this.read().then(() => this.#again())
    })
  }

  async #read(): Promise<void> {
    try {
      const rows = await this.#parts.store.list(null)
      // Nearly everywhere, nearly always: nothing before and nothing now.
      if (rows.length === 0 && this.#byId.size === 0) return
      const known = rows.map((row) => this.#known(row))
      const enabled = known.filter(({ state }) => state === 'enabled')
      this.#byId = new Map(known.map((hook) => [hook.id, hook]))
      this.#byAccount = Map.groupBy(enabled, ({ accountId }) => accountId)
      this.#wanted = new Set(enabled.flatMap(({ events }) => events))
    } catch (error) {
      this.#parts.log.error('webhooks could not be read; those that are known go on', {
        error: String(error),
      })
      return
    }
    this.#changed()
  }

  #known(row: StoredWebhook): KnownWebhook {
    const before = this.#byId.get(row.id)
    const opened = before !== undefined && same(before.secret, row.secret)
    return {
      ...row,
      endpoint: `${row.id} ${row.url}`,
      wanted: new Set(row.events),
      key: opened ? before.key : this.#open(row.id, row.secret),
      previousKey: row.previousSecret === null ? null : this.#open(row.id, row.previousSecret),
    }
  }

  #open(id: WebhookId, sealed: Uint8Array): Uint8Array | null {
    const opened = this.#parts.open(sealPurpose(id), sealed)
    if (opened.ok) return opened.value
    this.#parts.log.error('the secret of a webhook cannot be opened: nothing is posted to it', {
      webhook: id,
      reason: opened.error,
    })
    return null
  }
}

const NONE: readonly KnownWebhook[] = []

const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0

/** The newest first; the one before while it still holds. */
export function keysOf({ key, previousKey, previousUntil }: KnownWebhook, now: Milliseconds): Uint8Array[] {
  if (key === null) return []
  const holds = previousKey !== null && previousUntil !== null && now < previousUntil
  return holds ? [key, previousKey] : [key]
}
