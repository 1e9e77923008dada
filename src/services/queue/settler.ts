//
// Owns: bringing settlements into the store, in batches, until they are there. One batch is under way at a time;
// what comes meanwhile makes the next one.
// While the store cannot take them, `stuck` is true and nothing new may be sent: the peers' answers must not outrun
// what we can remember (invariant I2).

import type { ForwardPath } from '../../core/address.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Holder, QueueStore, Settlement } from '../../store/store.ts'

/** Between two tries to commit while the store is in trouble. */
const PATIENCE: Milliseconds = SECOND
/** A batch larger than this would hold the writer too long. */
const BATCH = 200

export interface SettlerParts {
  readonly store: Pick<QueueStore, 'settle'>
  readonly holder: Holder
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  /** Mail for this recipient goes back to wait for another attempt. */
  readonly onDeferred: (recipient: ForwardPath) => void
  /** Called when the store takes settlements again. */
  readonly onRecovered: () => void
}

interface Pending {
  readonly settlement: Settlement
  readonly stored: () => void
}

const nothing = (): void => {}

export class Settler {
  readonly #parts: SettlerParts
  #pending: Pending[] = []
  #running: Promise<void> | null = null
  #stuck = false
  /** One at a time while the culprit of a refused batch is looked for. */
  #size = BATCH

  constructor(parts: SettlerParts) {
    this.#parts = parts
  }

  get stuck(): boolean {
    return this.#stuck
  }

  /** Mail for it goes back to the store, where its provider must be known, or a thousand unknown lines hide the others. */
  waits(recipient: ForwardPath): void {
    this.#parts.onDeferred(recipient)
  }

  /** `stored` is called once the outcome cannot be lost any more. */
  add(settlement: Settlement, stored: () => void = nothing): void {
    this.#pending.push({ settlement: inWholeMilliseconds(settlement), stored })
    for (const event of settlement.events) {
      if (event.type === 'email.deferred') this.#parts.onDeferred(event.recipient)
    }
    if (this.#running === null) this.#running = this.#run()
  }

  /** Resolves when nothing is pending, or when `within` has passed: what is lost then comes back by its lease. */
  async flush(within: Milliseconds): Promise<void> {
    if (this.#running === null) return
    let cancel = () => {}
    const tooLate = new Promise<void>((resolve) => {
      cancel = this.#parts.clock.after(within, resolve)
    })
    await Promise.race([this.#running, tooLate])
    cancel()
  }

  async #run(): Promise<void> {
    // Lets everything that this turn of the event loop reports join the first batch.
    await Promise.resolve()
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, this.#size)
      if (await this.#commit(batch)) continue
      this.#pending = batch.concat(this.#pending)
      await new Promise<void>((resolve) => this.#parts.clock.after(PATIENCE, resolve))
    }
    this.#size = BATCH
    this.#running = null
  }

  /** A settlement that the store cannot even read is a bug of ours: it must not keep the others from being stored. */
  #isolate(batch: readonly Pending[], error: string): void {
    const [first] = batch
    if (batch.length > 1 || !first) {
      this.#size = 1
      this.#pending = batch.concat(this.#pending)
      return
    }
    const { log, meter } = this.#parts
    const { settlement, stored } = first
    const facts = { delivery: settlement.deliveryId, error }
    meter.count('settlements_refused_total')
    if (settlement.attempt !== null || settlement.events.length > 0) {
      // Its state alone is worth keeping: else it is sent again, or stands still until the next start.
      log.error('an outcome was refused by the store; it is stored without evidence and events', facts)
      this.#pending.unshift({ settlement: { ...settlement, attempt: null, events: [] }, stored })
      return
    }
    log.error('an outcome was refused by the store; its delivery comes back with the next start', facts)
    stored()
  }

  async #commit(batch: readonly Pending[]): Promise<boolean> {
    const { store, holder, log, meter } = this.#parts
    const done = await store
      .settle(
        batch.map(({ settlement }) => settlement),
        holder,
      )
      .catch((error: unknown) => String(error))
    if (typeof done === 'string') {
      this.#isolate(batch, done)
      return true
    }
    if (!done.ok) {
      if (!this.#stuck)
        log.error('outcomes cannot be stored; sending pauses until they can', { fault: done.error })
      this.#stuck = true
      return false
    }
    for (const { stored } of batch) stored()
    if (done.value.stale > 0) {
      meter.count('stale_settlements_total', done.value.stale)
      log.warn('outcomes of deliveries that another holder took over were dropped', {
        count: done.value.stale,
      })
    }
    if (this.#stuck) {
      this.#stuck = false
      log.info('outcomes are stored again; sending goes on')
      this.#parts.onRecovered()
    }
    return true
  }
}

/** What is reckoned of a monotonic clock has fractions, which no store takes. */
function inWholeMilliseconds(settlement: Settlement): Settlement {
  const { next } = settlement
  if (next.state !== 'queued' || Number.isInteger(next.dueAt)) return settlement
  return { ...settlement, next: { ...next, dueAt: Math.ceil(next.dueAt) } }
}
