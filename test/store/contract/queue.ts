//
// Owns: what both engines promise of the queue.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Store } from '../../../src/store/store.ts'
import { acceptanceOf, NOW, type Open } from './samples.ts'

export function queueContract(open: Open): void {
  describe('queue', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    test('an accepted message is there with all its parts', async () => {
      const acceptance = acceptanceOf({ to: ['ann@one.example', 'bob@two.example'] })
      expect(await store.queue.accept(acceptance)).toEqual({ ok: true, value: undefined })
      expect(await store.messages.get(acceptance.message.id, acceptance.message.accountId)).toEqual(
        acceptance.message,
      )
      expect(await store.messages.events(acceptance.message.id)).toEqual([...acceptance.events])
      expect(await store.queue.nextDueAt()).toBe(NOW)
    })
  })
}
