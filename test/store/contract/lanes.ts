//
// Owns: what both engines promise of what lanes remember.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { StoredLane } from '../../../src/store/lane-store.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Open } from './samples.ts'

const lane = (of: Partial<StoredLane>): StoredLane => ({
  provider: 'google',
  source: '192.0.2.1',
  state: '{"limit":2.5}',
  updatedAt: 1_800_000_000_000,
  ...of,
})

export function laneContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())
  const sorted = async () => [...(await store.lanes.all())].sort((a, b) => a.source.localeCompare(b.source))

  test('a row per provider and source; the last word counts', async () => {
    const own = lane({ source: '' })
    const later = lane({ state: '{}', updatedAt: 1_800_000_000_001 })
    expect(await store.lanes.save([own, lane({})])).toEqual({ ok: true, value: undefined })
    expect((await store.lanes.save([later])).ok).toBe(true)
    expect((await store.lanes.save([])).ok).toBe(true)
    expect(await sorted()).toEqual([own, later])
  })

  test('what is old is forgotten', async () => {
    const young = lane({ source: 'a', updatedAt: 2 })
    await store.lanes.save([lane({ updatedAt: 1 }), young])
    expect((await store.lanes.forget(2)).ok).toBe(true)
    expect(await sorted()).toEqual([young])
  })
}
