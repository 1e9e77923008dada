//
// Owns: true time for transactions while a hand clock moves: on a busy machine one takes longer than its limits by that clock;
// and time by the hand clock for an end that waits for it.

import type { Admin } from '../../src/admin/admin.ts'
import { SECOND } from '../../src/core/time.ts'
import type { HandClock } from './clock.ts'

/** An end that needs no clock has come by then. */
const QUIET_END_MS = 2000

/** A stop waits for requests and transactions under way up to its patience, which a clock that stands still never ends. */
export async function endOf(running: Promise<void>, clock: Pick<HandClock, 'advance'>): Promise<void> {
  let settled = false
  const end = running.finally(() => {
    settled = true
  })
  let wait = QUIET_END_MS
  while (!settled) {
    await Promise.race([end, new Promise((done) => setTimeout(done, wait))])
    if (!settled) clock.advance(SECOND)
    wait = 20
  }
  await end
}

/** For who answers at all. */
const PATIENCE_MS = 500

export class TrueTime {
  /** Connections at work that did not answer the last time: peers that hang are waited for once. */
  #hung = 0

  async forTransactions(admin: Pick<Admin, 'queueLanes'>): Promise<void> {
    const begun = performance.now()
    let busy = await busyConnections(admin)
    while (busy > this.#hung && performance.now() - begun < PATIENCE_MS) {
      await new Promise((done) => setTimeout(done, 2))
      busy = await busyConnections(admin)
    }
    this.#hung = busy
  }
}

async function busyConnections(admin: Pick<Admin, 'queueLanes'>): Promise<number> {
  const lanes = await admin.queueLanes({ provider: null })
  return lanes.ok ? lanes.value.reduce((sum, { connections }) => sum + connections, 0) : 0
}
