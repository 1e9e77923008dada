//
// Owns: what both engines promise of looking at a message while it is being delivered: one moment, never two.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { MessageFate, Store } from '../../../src/store/store.ts'
import { acceptanceOf, delivered, HOLDER, NOW, type Open } from './samples.ts'

const ROUNDS = 300

export function fateContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.queue.heartbeat(HOLDER, NOW, NOW + 60_000)
  })
  afterEach(() => store.close())

  test('state, attempts and events of a message belong together whenever somebody looks', async () => {
    const seen = new Set<string>()
    for (let round = 0; round < ROUNDS; round++) {
      const acceptance = acceptanceOf({ leased: true })
      await store.queue.accept(acceptance)
      let settling = true
      const settled = store.queue.settle([delivered(acceptance)], HOLDER).finally(() => {
        settling = false
      })
      while (settling) {
        seen.add(told(await store.messages.fate(acceptance.message.id)))
        // SQLite answers at once: the writer's word gets its turn only if we give it one.
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
      await settled
      seen.add(told(await store.messages.fate(acceptance.message.id)))
    }
    expect([...seen].sort()).toEqual([
      'delivered, 1 attempts, 1 deliveries told',
      'queued, 0 attempts, 0 deliveries told',
    ])
  })
}

function told({ deliveries, attempts, events }: MessageFate): string {
  const news = events.filter(({ type }) => type === 'email.delivered')
  return `${deliveries[0]?.state}, ${attempts.length} attempts, ${news.length} deliveries told`
}
