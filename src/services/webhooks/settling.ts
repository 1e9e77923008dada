//
// Owns: bringing what came of posts into the store, as one commit for all that came during the last.
// Never: forgets one: what the store does not take is kept and brought again; if that is never possible, the lease of a
// post ends and it is posted once more, with the same id.

import type { Clock, Log } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Failing, PostEnd, WebhookStore } from '../../store/webhook-store.ts'

export interface SettlingParts {
  readonly store: Pick<WebhookStore, 'settle'>
  readonly clock: Clock
  readonly log: Log
}

/** Of one commit. */
const AT_ONCE = 1000
const PATIENCE: Milliseconds = SECOND
/** Beyond this nothing more is begun until the store takes them. */
const FULL = 5000

export class Settling {
  readonly #parts: SettlingParts
  #ends: PostEnd[] = []
  #failing: Failing[] = []
  #running: Promise<void> | null = null
  #stopped = false
  #wake: () => void = () => undefined

  constructor(parts: SettlingParts) {
    this.#parts = parts
  }

  get isFull(): boolean {
    return this.#ends.length >= FULL
  }

  add(end: PostEnd): void {
    this.#ends.push(end)
    this.#run()
  }

  note(failing: Failing): void {
    this.#failing.push(failing)
    this.#run()
  }

  /** Brings in what there is, once. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#wake()
    await this.#running
  }

  #run(): void {
    if (this.#running !== null) return
    this.#running = this.#bring().finally(() => {
      this.#running = null
      if (!this.#stopped && this.#ends.length + this.#failing.length > 0) this.#run()
    })
  }

  async #bring(): Promise<void> {
    // What ends in the same turn goes along.
    await Promise.resolve()
    while (this.#ends.length + this.#failing.length > 0) {
      const ends = this.#ends.slice(0, AT_ONCE)
      const failing = this.#failing
      const failingCount = failing.length
      const trouble = await this.#write(ends, failing.slice())
      if (trouble === null) {
        this.#ends = this.#ends.slice(ends.length)
        this.#failing = this.#failing.slice(failingCount)
        continue
      }
      this.#parts.log.error('what came of webhooks cannot be stored; it is tried again', { error: trouble })
      if (this.#stopped) return
      await this.#pause()
    }
  }

  async #write(ends: readonly PostEnd[], failing: readonly Failing[]): Promise<string | null> {
    try {
      // Of one webhook the last word counts.
      const last = new Map(failing.map((one) => [one.webhookId, one]))
      const settled = await this.#parts.store.settle(ends, [...last.values()])
      return settled.ok ? null : settled.error
    } catch (error) {
      return String(error)
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(PATIENCE, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}
