// Owns: what both engines promise of the mail that was delivered last.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { idsFor } from '../../../src/core/ids.ts'
import type { Store } from '../../../src/store/store.ts'
import { acceptanceOf, delivered, HOLDER, NOW, type Open } from './samples.ts'

export function recentContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.queue.heartbeat(HOLDER, NOW, NOW + 60_000)
  })
  afterEach(() => store.close())

  test('of the last that were accepted, those that are delivered, the newest first', async () => {
    let now = NOW
    const own = idsFor('r', () => now)
    const names: string[] = []
    for (const isDelivered of [true, false, true, true, false]) {
      now += 1000
      const acceptance = acceptanceOf({
        to: ['ann@one.example'],
        leased: true,
        message: { id: own.message() },
      })
      expect((await store.queue.accept(acceptance)).ok).toBe(true)
      if (isDelivered) await store.queue.settle([delivered(acceptance)], HOLDER)
      names.push(`${acceptance.message.id}.0`)
    }
    const last = async (among: number) =>
      (await store.messages.lastDelivered(among)).map(({ id }) => String(id))
    expect(await last(100)).toEqual([names[3], names[2], names[0]].map(String))
    expect(await last(3)).toEqual([names[3], names[2]].map(String))
    expect(await last(1)).toEqual([])
  })
}
