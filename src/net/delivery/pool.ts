//
// Owns: the delivery workers as the dispatcher sees them: orders out, reports in, in batches.
// Never: what an order means.

import { Worker } from 'node:worker_threads'
import type { Domain } from '../../core/address.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { DeliveryOrder, DeliveryPool, DeliveryPoolOptions, SigningKeyMaterial, SlotId } from './order.ts'
import type { FromWorker, ToWorker } from './protocol.ts'
import { packOrders, unpackReports } from './wire.ts'

/** The heap is collected earlier: half a dozen of them share a small machine, and what they hold is short-lived. */
const SMALL_HEAP = { name: 'delivery', smol: true }

/** A worker that has not said "stopped" by then is ended as it is. */
const STOP_GRACE: Milliseconds = 1000
const RESTART_PAUSE: Milliseconds = 1000

export function openDeliveryPool(options: DeliveryPoolOptions): DeliveryPool {
  return new Pool(options)
}

class Pool implements DeliveryPool {
  readonly workers: number
  readonly #threads: readonly Thread[]
  readonly #keys = new Map<Domain, readonly SigningKeyMaterial[]>()

  constructor(options: DeliveryPoolOptions) {
    this.workers = options.workers
    this.#threads = Array.from(
      { length: options.workers },
      (_, index) => new Thread(index, options, this.#keys),
    )
  }

  send(orders: readonly DeliveryOrder[]): void {
    for (const order of orders) this.#threads[order.slot % this.workers]?.add(order)
  }

  setKeys(domain: Domain, keys: readonly SigningKeyMaterial[]): void {
    this.#keys.set(domain, keys)
    for (const thread of this.#threads) thread.say({ kind: 'keys', domain, keys })
  }

  retire(slot: SlotId): void {
    this.#threads[slot % this.workers]?.say({ kind: 'retire', slot })
  }

  async stop(patience: Milliseconds): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop(patience)))
  }
}

/** The executable holds a thread's file under its path from the root of the build, which names it as an entry point. */
const threadFile = (): string | URL =>
  import.meta.url.includes('/$bunfs/')
    ? '/$bunfs/root/src/net/delivery/worker-thread.ts'
    : new URL('./worker-thread.ts', import.meta.url)

/** One worker's place: a thread that dies is followed by another. */
class Thread {
  readonly #index: number
  readonly #options: DeliveryPoolOptions
  readonly #keys: ReadonlyMap<Domain, readonly SigningKeyMaterial[]>
  #worker: Worker | null = null
  #proven = false
  #orders: DeliveryOrder[] = []
  #flushing = false
  #stopped: (() => void) | null = null

  constructor(
    index: number,
    options: DeliveryPoolOptions,
    keys: ReadonlyMap<Domain, readonly SigningKeyMaterial[]>,
  ) {
    this.#index = index
    this.#options = options
    this.#keys = keys
    this.#start()
  }

  /** Between two threads there is nobody to hear it: orders wait, keys are told at the start. */
  say(message: ToWorker): void {
    // What was ordered before a change must leave before it.
    this.#flush()
    this.#worker?.postMessage(message)
  }

  /** All orders of one turn travel together (decision 6). */
  add(order: DeliveryOrder): void {
    this.#orders.push(order)
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  stop(patience: Milliseconds): Promise<void> {
    const worker = this.#worker
    this.#orders = []
    if (worker === null) {
      this.#stopped = () => {}
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const end = (): void => {
        this.#stopped = () => {}
        this.#worker = null
        clearTimeout(grace)
        resolve(worker.terminate().then(() => {}))
      }
      const grace = setTimeout(end, patience + STOP_GRACE)
      this.#stopped = end
      worker.postMessage({ kind: 'stop', patience } satisfies ToWorker)
    })
  }

  #start(): void {
    const { timeouts, trust, trackingKey } = this.#options
    const worker = new Worker(threadFile(), SMALL_HEAP)
    worker.on('message', (message: FromWorker) => this.#hear(message))
    worker.on('error', (error: Error) => this.#lost(worker, error.message))
    worker.on('exit', (code) => this.#lost(worker, `exited with ${code}`))
    this.#worker = worker
    this.#proven = false
    this.say({ kind: 'start', timeouts, trust, trackingKey })
    for (const [domain, keys] of this.#keys) this.say({ kind: 'keys', domain, keys })
    this.#flush()
  }

  #hear(message: FromWorker): void {
    this.#proven = true
    if (message.kind === 'reports') this.#options.onReports(unpackReports(message.json))
    else this.#stopped?.()
  }

  #lost(worker: Worker, detail: string): void {
    if (worker !== this.#worker) return
    this.#worker = null
    if (this.#stopped !== null) {
      this.#stopped()
      return
    }
    // One that died before it did anything would die again: without a pause that is a busy loop.
    if (this.#proven) this.#start()
    else setTimeout(() => this.#restart(), RESTART_PAUSE)
    this.#options.onWorkerLost(this.#index, detail)
  }

  #restart(): void {
    if (this.#stopped === null) this.#start()
  }

  #flush(): void {
    if (this.#worker === null || this.#orders.length === 0) return
    const batch = packOrders(this.#orders)
    this.#orders = []
    this.#worker.postMessage({ kind: 'orders', batch } satisfies ToWorker, [batch.bytes.buffer])
  }
}
