//
// Owns: the entry point of a delivery worker's thread: its clock, its way to the pool.
// The executable must name this file as an extra entry point, or the thread cannot start there.

import { parentPort } from 'node:worker_threads'
import { openLibcrypto } from '../../mail/dkim/libcrypto.ts'
import { systemClock } from '../../ops/clock.ts'
import type { FromWorker, ToWorker } from './protocol.ts'
import { DeliveryWorker } from './worker.ts'

const port = parentPort
if (port === null) throw new Error('worker-thread.ts is for threads that the pool starts')

port.once('message', (start: ToWorker) => {
  if (start.kind !== 'start') throw new Error(`the pool began with ${start.kind}`)
  const clock = systemClock()
  // Optional: without it node:crypto signs.
  const accelerator = openLibcrypto(clock.monotonic)
  const worker = new DeliveryWorker(start, {
    clock,
    accelerator: accelerator.ok ? accelerator.value : null,
    post: (report: FromWorker) => port.postMessage(report),
    afterThisTurn: (then) => setImmediate(then),
  })
  port.on('message', (message: ToWorker) => {
    if (message.kind !== 'start') worker.handle(message)
  })
})
