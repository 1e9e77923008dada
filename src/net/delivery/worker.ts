//
// Owns: what one delivery worker does with the messages of the pool. The thread itself is worker-thread.ts.

import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import { type PreparedKey, prepareKey, type RsaAccelerator } from '../../mail/dkim/key.ts'
import { trustIn } from '../smtp/security.ts'
import { HASTE } from './attempt.ts'
import { clearOnlyAddresses, silentAddresses } from './lately.ts'
import type { DeliveryReport, SigningKeyMaterial, SlotId } from './order.ts'
import type { FromWorker, ToWorker } from './protocol.ts'
import { Renderer } from './render.ts'
import { Slot } from './slot.ts'
import { packReports, unpackOrders } from './wire.ts'

export interface WorkerParts {
  readonly clock: Clock
  readonly accelerator: RsaAccelerator | null
  post(message: FromWorker): void
  /** Calls `then` once all input that has come by now is handled. */
  afterThisTurn(then: () => void): void
}

/** One message between threads is cheap enough per report from here on. */
const MAX_GATHERED = 64
/** A report is evidence of a delivery that is not committed yet (F10): it is not held back for long. */
const MAX_HELD: Milliseconds = 2

export class DeliveryWorker {
  readonly #parts: WorkerParts
  readonly #slotParts
  readonly #slots = new Map<SlotId, Slot>()
  readonly #stopped = new AbortController()
  #reports: DeliveryReport[] = []
  #flushing = false
  #cancelTimer: (() => void) | null = null

  constructor(settings: Extract<ToWorker, { kind: 'start' }>, parts: WorkerParts) {
    const { clock } = parts
    this.#parts = parts
    this.#slotParts = {
      way: {
        patience: settings.timeouts,
        clock,
        trust: trustIn(settings.trust),
        clearOnly: clearOnlyAddresses(clock),
        silent: silentAddresses(clock),
        haste: HASTE,
        stop: this.#stopped.signal,
      },
      renderer: new Renderer(settings.trackingKey),
      report: (report: DeliveryReport, dry: boolean) => this.#report(report, dry),
    }
  }

  handle(message: Exclude<ToWorker, { kind: 'start' }>): void {
    switch (message.kind) {
      case 'orders':
        for (const order of unpackOrders(message.batch)) this.#slot(order.slot).push(order)
        break
      case 'keys':
        this.#slotParts.renderer.setKeys(message.domain, this.#prepare(message.keys))
        break
      case 'retire':
        this.#slots.get(message.slot)?.retire()
        this.#slots.delete(message.slot)
        break
      case 'stop':
        void this.#stop(message.patience)
        break
      default:
        message satisfies never
    }
  }

  /** A key that cannot be read must not cost the worker, and its domain's mail must not leave unsigned: it waits. */
  #prepare(keys: readonly SigningKeyMaterial[]): readonly PreparedKey[] | string {
    try {
      return keys.map((key) => prepareKey(key, this.#parts.accelerator))
    } catch (error) {
      return `a signing key cannot be read: ${error instanceof Error ? error.message : error}`
    }
  }

  #slot(id: SlotId): Slot {
    const known = this.#slots.get(id)
    if (known !== undefined) return known
    const fresh = new Slot(this.#slotParts)
    this.#slots.set(id, fresh)
    return fresh
  }

  /**
   * Crossing to the other thread costs more than a delivery's own work (decision 6), so reports gather while every
   * slot has orders ahead. A slot that ran dry waits for the dispatcher: then all go, at the end of this turn.
   */
  #report(report: DeliveryReport, dry: boolean): void {
    this.#reports.push(report)
    if (dry || this.#reports.length >= MAX_GATHERED) this.#flushSoon()
    else this.#cancelTimer ??= this.#parts.clock.after(MAX_HELD, () => this.#flush())
  }

  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#parts.afterThisTurn(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  #flush(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const reports = this.#reports
    if (reports.length === 0) return
    this.#reports = []
    this.#parts.post({ kind: 'reports', json: packReports(reports) })
  }

  async #stop(patience: Milliseconds): Promise<void> {
    const slots = [...this.#slots.values()]
    const cancel = this.#parts.clock.after(patience, () => this.#stopped.abort())
    await Promise.all(slots.map((slot) => slot.finish()))
    cancel()
    this.#flush()
    this.#parts.post({ kind: 'stopped' })
  }
}
