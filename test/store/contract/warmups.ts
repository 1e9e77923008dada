//
// Owns: what both engines promise of the warm-up ledger.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { Store } from '../../../src/store/store.ts'
import type { StoredWarmup } from '../../../src/store/warmup-store.ts'
import type { Open } from './samples.ts'

const warmup = (of: Partial<StoredWarmup>): StoredWarmup => ({
  source: '192.0.2.1',
  provider: 'provider.example',
  day: 20_000,
  budget: 50,
  sent: 7,
  deferred: 1,
  hardBounced: 2,
  complained: 3,
  blocked: 4,
  warmAt: null,
  ...of,
})

export function warmupContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())
  const sorted = async () => [...(await store.warmups.all())].sort((a, b) => a.source.localeCompare(b.source))

  test('a row per address and provider; the last word counts', async () => {
    const own = warmup({ source: '' })
    const warm = warmup({ budget: 20_000, warmAt: 1_800_000_000_000 })
    expect(await store.warmups.save([own, warmup({})])).toEqual({ ok: true, value: undefined })
    expect((await store.warmups.save([warm])).ok).toBe(true)
    expect((await store.warmups.save([])).ok).toBe(true)
    expect(await sorted()).toEqual([own, warm])
  })

  test('what tells nothing any more is forgotten, what was earned is not', async () => {
    const old = { day: 19_000 }
    const grown = warmup({ ...old, source: 'a', budget: 75 })
    const warm = warmup({ ...old, source: 'b', warmAt: 1 })
    const young = warmup({ source: 'c' })
    await store.warmups.save([warmup(old), grown, warm, young])
    expect((await store.warmups.forget(20_000, 50)).ok).toBe(true)
    expect(await sorted()).toEqual([grown, warm, young])
  })
}
