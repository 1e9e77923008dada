//
// Owns: true time for transactions while a hand clock moves: on a busy machine one takes longer than its limits by that clock.

import type { Admin } from '../../src/admin/admin.ts'

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
