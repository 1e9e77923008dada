//
// Owns: the entry point of a delivery worker's thread: its clock, its way to the pool.
// The executable must name this file as an extra entry point, or the thread cannot start there.

import { parentPort } from 'node:worker_threads'
import { openLibcrypto } from '../../mail/dkim/libcrypto.ts'
import type { FromWorker, ToWorker } from './protocol.ts'
import { DeliveryWorker } from './worker.ts'

const clock = {
  monotonic: () => performance.now(),
  after(wait: number, then: () => void): () => void {
    const timer = setTimeout(then, wait)
    return () => clearTimeout(timer)
  },
}

const port = parentPort
if (port === null) throw new Error('worker-thread.ts is for threads that the pool starts')

// Optional: without it node:crypto signs.
const accelerator = openLibcrypto(clock.monotonic)

let worker: DeliveryWorker | null = null
port.on('message', (message: ToWorker) => {
  if (message.kind !== 'start') {
    worker?.handle(message)
    return
  }
  worker = new DeliveryWorker(message, {
    clock,
    accelerator: accelerator.ok ? accelerator.value : null,
    post: (report: FromWorker) => port.postMessage(report),
    afterThisTurn: (then) => setImmediate(then),
  })
})
