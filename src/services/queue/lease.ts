//
// Owns: the heartbeat that keeps this boot's leases, and the knowledge whether they still hold.
// A process that was paused past its lease (F20) must not send what it holds: another node may have it.

import type { Clock, Log } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Holder, QueueStore } from '../../store/store.ts'

/** How long a lease lives without a heartbeat. */
export const LEASE: Milliseconds = 60 * SECOND
const BEAT: Milliseconds = 20 * SECOND
/** After a beat that could not be stored: a process that was paused is not to wait for the next one until it may send. */
const BEAT_AGAIN: Milliseconds = SECOND
/** Stop sending this long before the lease ends: one transaction may still be under way. */
const MARGIN: Milliseconds = 5 * SECOND

export interface LeaseParts {
  readonly store: Pick<QueueStore, 'heartbeat'>
  readonly holder: Holder
  readonly clock: Clock
  readonly log: Log
  /** Deliveries came free: of an earlier boot of ours or of a node that died. */
  readonly onFreed: (count: number) => void
  /** The lease had lapsed before this beat, or another node had taken us for dead: what is held in memory and unsent may be another node's by now. */
  readonly onLapsed: () => void
  /** Sending had to pause, and may go on. */
  readonly onRegained: () => void
}

export class Lease {
  readonly #parts: LeaseParts
  #validUntil: Milliseconds = Number.NEGATIVE_INFINITY
  #cancel: () => void = () => {}
  #stopped = false
  #beating: Promise<void> = Promise.resolve()

  constructor(parts: LeaseParts) {
    this.#parts = parts
  }

  get holds(): boolean {
    return this.#parts.clock.monotonic() < this.#validUntil - MARGIN
  }

  /** The first beat: frees what earlier boots of this node held. */
  async start(): Promise<void> {
    await this.#beat(true)
    this.#schedule(BEAT)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#beating
  }

  #schedule(wait: Milliseconds): void {
    if (this.#stopped) return
    this.#cancel = this.#parts.clock.after(wait, () => {
      this.#beating = this.#beat(false).then((stored) => this.#schedule(stored ? BEAT : BEAT_AGAIN))
    })
  }

  /** False: it could not be stored. */
  async #beat(first: boolean): Promise<boolean> {
    const { store, holder, clock, log, onFreed, onLapsed, onRegained } = this.#parts
    const held = this.holds
    const asked = clock.monotonic()
    const lapsed = !first && asked >= this.#validUntil
    try {
      if (lapsed) onLapsed()
      const { freed, buried } = await store.heartbeat(holder, clock.now(), clock.now() + LEASE)
      this.#validUntil = asked + LEASE
      if (!first && buried && !lapsed) {
        log.warn('another node had taken this one for dead; what it had not sent goes back')
        onLapsed()
      }
      if (!first && !held) onRegained()
      if (freed > 0) {
        log.info('deliveries held by a boot that is gone are due again', { count: freed })
        onFreed(freed)
      }
      return true
    } catch (error) {
      if (first) throw error
      log.error('the heartbeat could not be stored', { error: String(error) })
      return false
    }
  }
}
